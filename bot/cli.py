"""The `stadtbote` command: the tree of its arguments.

Owns: names, options and help of every command (contract: they are for good). Never: does the
work (bot/commands). Called by bot/__main__.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from bot.commands import (
    alerts,
    base,
    broadcasts,
    channels,
    digests,
    feeds,
    posts,
    privacy,
    readiness,
    running,
    service_notices,
    staff,
    subscribers,
    templates,
    topics,
    voices,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command. Exit status: 0 done; 1 refused or failed (one line on standard error);
    2 wrong usage."""
    # Database and pictures hold what citizens wrote: for no other user of this machine.
    os.umask(0o077)
    parser = build_parser()
    options = parser.parse_args(arguments)
    return base.run(options)


def build_parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--config",
        type=Path,
        default=argparse.SUPPRESS,
        metavar="FILE",
        help="configuration to use (default: config.toml)",
    )
    shared.add_argument(
        "--json",
        action="store_true",
        default=argparse.SUPPRESS,
        help="print one JSON object or list and nothing else",
    )
    parser = argparse.ArgumentParser(
        prog="stadtbote", description="The messenger newsletter and alert system of a city."
    )
    parser.add_argument("--config", type=Path, default=Path("config.toml"), metavar="FILE")
    parser.add_argument("--json", action="store_true")
    tree = base.Tree(parser, shared)
    _running(tree)
    _posts(tree)
    _topics(tree)
    _feeds(tree)
    _digests(tree)
    _notices(tree)
    _alerts(tree)
    _broadcasts(tree)
    _subscribers(tree)
    _channels(tree)
    _templates(tree)
    _staff(tree)
    _privacy(tree)
    tree.add("readiness", readiness.show, "how many an alert would reach now, and how soon")
    return parser


def _running(tree: base.Tree) -> None:
    init = tree.add("init", running.init, "write config.toml and .env with fresh random secrets")
    init.add_argument("--dir", type=Path, default=Path(), help="where (default: here)")
    tree.add("migrate", running.migrate, "bring the database to the current schema")
    connect = tree.add("connect", running.connect, "tell a provider where our door is")
    connect.add_argument("channel", metavar="CHANNEL", help="e.g. telegram")
    tree.add("doctor", running.doctor, "check configuration, database, credentials, templates …")
    for name, function, text in (
        ("serve", running.serve, "everything: web, scheduler, receiver, sender"),
        ("web", running.web, "only the web part (several may share one PostgreSQL)"),
        ("worker", running.worker, "only scheduler, receiver and sender; /healthz on --port"),
    ):
        command = tree.add(name, function, text)
        command.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1")
        command.add_argument("--port", type=int, default=8000, help="default: 8000")
    demo = tree.add("demo", running.demo, "the whole system with a built-in WhatsApp stand-in")
    demo.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1")
    demo.add_argument("--port", type=int, default=8000, help="default: 8000")
    demo.add_argument("--phone-port", type=int, default=8001, help="phone page; default: 8001")
    demo.add_argument(
        "--dir", type=Path, default=None, help="where to keep it (default: a temporary folder)"
    )


def _posts(tree: base.Tree) -> None:
    group = tree.group("post", "what the press office writes")
    add = group.add("add", posts.add, "queue a post")
    add.add_argument("title", metavar="TITLE")
    add.add_argument("--text", default="")
    add.add_argument("--link", default="", metavar="URL")
    add.add_argument("--image", type=Path, metavar="FILE", help="JPEG or PNG, 5 MB at most")
    add.add_argument("--image-alt", default="", help="what it shows, for whoever cannot see it")
    add.add_argument("--on", type=_date, metavar="YYYY-MM-DD", help="default: the next digest")
    _subjects(add, "its readers: those who have chosen it, or nothing")
    voices.add_options(add)
    group.add("list", posts.listing, "posts, queued ones first")
    withdraw = group.add("withdraw", posts.withdraw, "take a queued post back")
    withdraw.add_argument("id", type=int, metavar="ID")


def _subjects(command: argparse.ArgumentParser, text: str) -> None:
    """What it is about; each may be named several times."""
    for kind in ("topic", "district"):
        command.add_argument(
            f"--{kind}",
            action="append",
            default=[],
            metavar="NAME",
            help=f"a {kind} of config.toml, may be repeated; {text}",
        )


def _topics(tree: base.Tree) -> None:
    group = tree.group("topics", "what readers may choose")
    group.add("list", topics.listing, "topics and districts, and how many readers have chosen each")


def _feeds(tree: base.Tree) -> None:
    group = tree.group("feeds", "news of the city's website, as posts")
    group.add("list", feeds.listing, "how each feed fares")
    fetch = group.add("fetch", feeds.fetch, "fetch them now")
    fetch.add_argument("name", nargs="?", default="", metavar="NAME", help="default: all")
    group.add("proposals", feeds.proposed, "what the website says otherwise by now")
    correct = group.add("correct", feeds.correct, "put it under the sent post, in the archive")
    correct.add_argument("id", type=int, metavar="ID", help="of the proposal")
    correct.add_argument("--text", default="", help="default: what the website says now")


def _digests(tree: base.Tree) -> None:
    group = tree.group("digest", "the one message a day")
    preview = group.add("preview", digests.preview, "what would go out, to how many, at what cost")
    preview.add_argument("--on", type=_date, metavar="YYYY-MM-DD", help="default: today")
    send = group.add("send", digests.send, "send today's digest now")
    send.add_argument("--yes", action="store_true", help="also in quiet hours")


def _notices(tree: base.Tree) -> None:
    group = tree.group("notice", "beside the digest, in [business_hours] only; one a day at most")
    group.add("preview", service_notices.preview, "when it would leave, to how many, at what cost")
    send = group.add("send", service_notices.send, "send it, or hold it until the hours begin")
    for command in group.commands:
        command.add_argument("text", metavar="TEXT")
        command.add_argument("--title", default="")
        command.add_argument("--link", default="", metavar="URL")
        _subjects(command, "who has chosen others does not get it")
    send.add_argument("--yes", action="store_true", help="do not ask")


def _alerts(tree: base.Tree) -> None:
    group = tree.group("alert", "past everything, to everybody who wants alerts")
    send = group.add("send", alerts.send, "emergency broadcast")
    send.add_argument("text", metavar="TEXT")
    send.add_argument("--title", default="")
    send.add_argument(
        "--expires-in",
        type=_minutes,
        default=timedelta(hours=2),
        metavar="MINUTES",
        help="after so long the warning is pointless (default: 120)",
    )
    send.add_argument("--drill", action="store_true", help="marked as a drill, to volunteers only")
    _subjects(send, "who has chosen others does not get the alert")
    for name, function, text in (
        ("update", alerts.update, "follow-up to those who got the alert"),
        ("clear", alerts.clear, "all-clear to those who got the alert"),
    ):
        command = group.add(name, function, text)
        command.add_argument("id", type=int, metavar="ID")
        command.add_argument("text", metavar="TEXT")
    for command in group.commands:
        voices.add_options(command)
    for command in group.commands[:2]:
        command.add_argument(
            "--severity",
            choices=["info", "caution", "danger", "extreme"],
            help="stands before the title",
        )
    for command in group.commands:
        command.add_argument(
            "--yes",
            action="store_true",
            help="do not ask; once there are accounts: send without a second person",
        )
        command.add_argument(
            "--as",
            dest="name",
            default="",
            metavar="NAME",
            help="account of the emergency staff who writes it; another one releases it",
        )
        command.add_argument(
            "--reason", default="", metavar="TEXT", help="why no second person releases it"
        )
    release = group.add("release", alerts.release, "release what somebody else has written")
    release.add_argument("request", type=int, metavar="REQUEST")
    release.add_argument(
        "--as", dest="name", required=True, metavar="NAME", help="of the emergency staff"
    )
    release.add_argument("--yes", action="store_true", help="do not ask")


STATES = (
    "Each figure counts the deliveries that are in exactly this state now, together they are the"
    " recipients: what has been read is not among the delivered any more. `reached` is sent,"
    " delivered and read together."
)


def _broadcasts(tree: base.Tree) -> None:
    group = tree.group("broadcast", "what has gone out, and how far it is")
    listing = group.add("list", broadcasts.listing, "the latest broadcasts")
    listing.description = f"{listing.description} {STATES}"
    show = group.add("show", broadcasts.show, "one broadcast with its figures")
    show.description = f"{show.description} {STATES}"
    show.add_argument("id", type=int, metavar="ID")
    show.add_argument("--follow", action="store_true", help="progress bar until it is finished")
    stop = group.add("stop", broadcasts.stop, "panic stop: what has not left yet never leaves")
    stop.add_argument("id", type=int, metavar="ID")
    resume = group.add("resume", broadcasts.resume, "let a held broadcast go on")
    resume.add_argument("id", type=int, metavar="ID")


def _subscribers(tree: base.Tree) -> None:
    group = tree.group("subscribers", "who reads")
    group.add("count", subscribers.count, "how many, by channel")
    moving_in = group.add("import", subscribers.import_, "readers of another provider")
    moving_in.add_argument("file", type=Path, metavar="FILE.csv")
    moving_in.add_argument(
        "--dry-run", action="store_true", help="only say what would happen, change nothing"
    )
    moving_in.epilog = subscribers.IMPORT_HELP
    moving_in.formatter_class = argparse.RawDescriptionHelpFormatter
    for name, function, text in (
        ("export", subscribers.export, "everything held of one person (Art. 15, 20 GDPR)"),
        ("consent", subscribers.consent, "what proves the consent of one person (Art. 7 1 GDPR)"),
        ("pause", subscribers.pause, "no digests to one person who asked for it; alerts still go"),
        ("resume", subscribers.resume, "end the pause of one person"),
        ("erase", subscribers.erase, "erase one person (Art. 17 GDPR); prints the receipt code"),
    ):
        command = group.add(name, function, text)
        command.add_argument("channel", metavar="CHANNEL")
        command.add_argument("address", metavar="ADDRESS")
    group.commands[2].add_argument(
        "--to", type=Path, metavar="FILE.zip", help="as a file, with the person's pictures"
    )
    group.commands[4].add_argument(
        "--until", type=_date, required=True, metavar="YYYY-MM-DD", help="the last day without"
    )


def _channels(tree: base.Tree) -> None:
    group = tree.group("channel", "what concerns all readers of a messenger")
    move = group.add("move", channels.move, "take the readers of one channel to another")
    move.add_argument("origin", metavar="FROM")
    move.add_argument("target", metavar="TO")
    move.add_argument(
        "--dry-run", action="store_true", help="only say what would happen, change nothing"
    )


def _privacy(tree: base.Tree) -> None:
    group = tree.group("privacy", "whether an erasure took place, and what is left of a person")
    verify = group.add("verify", privacy.verify, "whether a receipt's erasure took place")
    verify.add_argument("code", metavar="CODE")
    look = group.add("search", privacy.look, "where a person is still found, in every spelling")
    look.add_argument("address", metavar="ADDRESS")
    look.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="WORDS",
        help="look for this, too (a name); may be given several times",
    )
    backup = tree.add("backup", privacy.backup, "an encrypted copy of everything, verified")
    backup.add_argument("--to", type=Path, metavar="DIR", help="default: [backup] folder")
    restore = tree.add(
        "restore", privacy.restore, "put a backup back and repeat the erasures made since"
    )
    restore.add_argument("file", type=Path, metavar="FILE")
    restore.add_argument("--ask", action="store_true", help="ask before anything is replaced")
    restore.add_argument(
        "--nothing-went-out",
        action="store_true",
        help="no digest has left since the backup: today's still goes",
    )
    restore.add_argument(
        "--without-erasure-log",
        action="store_true",
        help="even where the log of erasures is lost: who was erased since comes back",
    )


def _templates(tree: base.Tree) -> None:
    group = tree.group("templates", "the wordings approved by the channel")
    group.add("list", templates.listing, "each one's state, category and quality")
    group.add("sync", templates.sync, "create at the provider what is missing there")


def _staff(tree: base.Tree) -> None:
    group = tree.group("staff", "who signs in to the desk")
    add = group.add("add", staff.add, "a new account; prints its first password")
    add.add_argument("name", metavar="NAME", help="like m.muster")
    add.add_argument(
        "--role",
        action="append",
        required=True,
        choices=["press", "emergency", "privacy", "admin"],
        help="may be given several times",
    )
    add.add_argument("--language", default="de", choices=["de", "en"], help="default: de")
    group.add("list", staff.listing, "accounts with their roles")
    for name, function, text in (
        ("disable", staff.disable, "let nobody sign in with it any more; ends its sessions"),
        ("reset", staff.reset, "new first password, one-time codes to be set up anew"),
    ):
        command = group.add(name, function, text)
        command.add_argument("name", metavar="NAME")
    trail = tree.group("audit", "who did what on the desk and the command line")
    trail.add("verify", staff.verify_audit, "whether the trail is whole; else status 1")


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day like 2026-11-24") from None


LONGEST_EXPIRY = timedelta(days=7)
"""Of an alert: as long as it is open, every farewell speaks of it."""


def _minutes(text: str) -> timedelta:
    minutes = int(text)
    if not 0 < minutes <= LONGEST_EXPIRY.total_seconds() / 60:
        raise argparse.ArgumentTypeError("must be between 1 and 10080 (a week)")
    return timedelta(minutes=minutes)


if __name__ == "__main__":
    sys.exit(main())
