"""Pictures of posts: read by their content, kept without the place where they were taken.

Owns: what a picture may be, and the files below the media folder. Never: which post has it. Called
by posts.
"""

import io
import re
import secrets
import struct
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from broadcasts.saying import Refusal, say

LARGEST_IMAGE = 5 * 1024 * 1024
"""Bytes: what every channel takes (whatsapp.md §7)."""
MOST_PIXELS = 40_000_000
"""A picture of few bytes can unfold to gigabytes."""

Picture = Path | BinaryIO

NAME = re.compile(r"[A-Za-z0-9_-]{22}\.jpg")
"""Of a kept picture: 16 random bytes."""


class PictureError(Refusal):
    """A picture cannot be taken; `said` says why."""


def read(source: Picture) -> bytes:
    """A JPEG or PNG by its content, written anew as JPEG: without the place where it was taken.

    Raises PictureError.
    """
    # Here: it takes 2 MB in each process, and most of them never see a picture.
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        if _size(source) > LARGEST_IMAGE:
            size = f"{_size(source) / 1024**2:.1f}"
            most = LARGEST_IMAGE // 1024**2
            raise PictureError(
                say("%(size)s MB, at most %(most)s MB", about="image", size=size, most=most)
            )
        with Image.open(source, formats=("JPEG", "PNG")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                most = MOST_PIXELS // 10**6
                raise PictureError(
                    say("more than %(most)s million pixels", about="image", most=most)
                )
            upright = ImageOps.exif_transpose(picture)
            flat = Image.new("RGB", upright.size, "white")
            layer = upright.convert("RGBA")
            flat.paste(layer, mask=layer)
    except UnidentifiedImageError as error:
        raise PictureError(say("is neither JPEG nor PNG", about="image")) from error
    except FileNotFoundError as error:
        raise PictureError(say("%(file)s is not there", about="image", file=str(source))) from error
    # What Pillow says of a damaged one, and of one that would unfold to gigabytes.
    except (
        OSError,
        SyntaxError,
        ValueError,
        struct.error,
        Image.DecompressionBombError,
    ) as error:
        raise PictureError(say("is damaged or cannot be read", about="image")) from error
    flat.thumbnail((2048, 2048))
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()


def is_kept(media: Path, name: str) -> bool:
    """Whether `keep` has given this name."""
    return bool(NAME.fullmatch(name)) and (media / name).is_file()


def drop_strays(media: Path, used: Collection[str], before: datetime) -> int:
    """Pictures from before then that no post has: chosen in a form that was never saved, or
    replaced. Returns how many."""
    gone = 0
    for path in media.iterdir() if media.is_dir() else ():
        is_ours = NAME.fullmatch(path.name) and path.name not in used
        if is_ours and path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _size(source: Picture) -> int:
    if isinstance(source, Path):
        return source.stat().st_size
    size = source.seek(0, io.SEEK_END)
    source.seek(0)
    return size


def keep(media: Path, picture: bytes) -> str:
    """Under a name that cannot be guessed: a queued post is nobody's business yet."""
    media.mkdir(parents=True, exist_ok=True)
    name = f"{secrets.token_urlsafe(16)}.jpg"
    (media / name).write_bytes(picture)
    return name
