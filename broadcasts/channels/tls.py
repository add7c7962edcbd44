"""Whom we trust when we call somebody: the list of authorities, read once for a whole process.

Owns: that one context. Never: a connection. Used by every channel's transport, and bot/fetch.
"""

import functools
import ssl

import httpx


@functools.cache
def trusted() -> ssl.SSLContext:
    """Reading the list takes longer than most calls do."""
    return httpx.create_ssl_context()
