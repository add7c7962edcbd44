"""The staff's telephones with an authenticator app: shows the present one-time codes.

Owns: a page of the practice ground. Never: checks a code. Part of the stand-in.
"""

import time
from collections.abc import Mapping
from html import escape

import pyotp
from aiohttp import web

PAGE = """<!doctype html>
<html lang="de"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Einmalcodes · Stadtbote-Übungsplatz</title>
<link rel="stylesheet" href="/static/phone.css"></head>
<body><header class="bar"><h1>Einmalcodes</h1>
<p>Die nachgestellten Telefone von Krisenstab und Administration. Jeder Code gilt einmal.</p>
</header>
<main><section class="help">{codes}
<p>Noch {left} Sekunden gültig.</p></section></main></body></html>
"""


def page(secrets: Mapping[str, str]) -> web.Response:
    """Every account's code of this half minute."""
    codes = "".join(
        f"<h2>{escape(name)}</h2><p><b>{pyotp.TOTP(secret).now()}</b></p>"
        for name, secret in secrets.items()
    )
    left = 30 - int(time.time()) % 30
    return web.Response(text=PAGE.format(codes=codes, left=left), content_type="text/html")
