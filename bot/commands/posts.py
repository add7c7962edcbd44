"""`stadtbote post …`: what the press office writes."""

import argparse
from typing import Any

from bot.commands import voices
from bot.commands.base import Answer, Refused, city, session, table
from broadcasts.newsroom import posts
from broadcasts.newsroom.posts import Post, PostError, Written


def _data(post: Post) -> dict[str, Any]:
    return {
        "id": post.id,
        "state": str(post.state),
        "on": post.on.isoformat(),
        "title": post.title,
        "text": post.text,
        "link": post.link,
        "image": post.image,
        "image_alt": post.image_alt,
        "topics": post.topics,
        "districts": post.districts,
        "versions": post.voices,
        "broadcast_id": post.broadcast_id,
    }


def add(options: argparse.Namespace) -> Answer:
    here = city(options)
    with session():
        try:
            post = posts.add(
                here.newsroom,
                Written(
                    title=options.title,
                    text=options.text,
                    link=options.link,
                    topics=options.topic,
                    districts=options.district,
                    on=options.on,
                    voices=voices.read(options),
                    image_alt=options.image_alt,
                ),
                image=options.image,
            )
        except PostError as error:
            raise Refused(str(error)) from error
        return Answer(_data(post), [f"Post {post.id} is queued for {post.on:%d.%m.%Y}."])


def listing(options: argparse.Namespace) -> Answer:
    city(options)
    with session():
        rows = [_data(post) for post in posts.listing()]
    columns = ["id", "state", "on", "about", "title"]
    shown = [{**row, "about": ", ".join(row["topics"] + row["districts"])} for row in rows]
    return Answer(rows, table(columns, [[row[c] for c in columns] for row in shown]))


def withdraw(options: argparse.Namespace) -> Answer:
    city(options)
    with session():
        try:
            post = posts.withdraw(options.id)
        except PostError as error:
            raise Refused(str(error)) from error
        return Answer(_data(post), [f"Post {post.id} is withdrawn."])
