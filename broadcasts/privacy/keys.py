"""Keys derived from the installation's one secret, each for one purpose.

Owns: deriving and keyed hashing. Never: keeps a secret.
"""

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


def derive(secret: str, purpose: str) -> bytes:
    """A key of its own for each purpose: what one reveals helps against no other."""
    return hmac.new(secret.encode(), f"stadtbote/{purpose}".encode(), hashlib.sha256).digest()


def keyed_hash(key: bytes, text: str) -> str:
    """32 hexadecimal signs; without the key nobody can try out all telephone numbers."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]


def fernet(secret: str, purpose: str) -> "Fernet":
    """Encrypts and authenticates what must be read again."""
    from cryptography.fernet import Fernet

    return Fernet(base64.urlsafe_b64encode(derive(secret, purpose)))
