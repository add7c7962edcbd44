"""`stadtbote demo`: the whole system on SQLite with the built-in stand-in.

Owns: the demonstration's story (citizens, posts, a digest some minutes away). Never: a shortcut:
the stand-in and the service talk HTTP, and the service is the one that `serve` runs.
"""

import datetime as dt
import secrets
import sys
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw

from bot import processes, starter, story
from bot.app import open_city
from bot.config import load
from bot.sandbox import MetaSettings, Number, Sandbox, SandboxSettings, TelegramSettings
from bot.sandbox.meta import MetaStage
from broadcasts import clock, db
from broadcasts.newsroom import posts, template_sync
from broadcasts.newsroom.posts import Written
from broadcasts.people import selections, staff
from broadcasts.people.selections import Scope
from broadcasts.people.subscribers import Subscriber

PHONE_ID, NUMBER, APP_ID = "1234567890", "+49 176 04069000", "1122334455"
PAGE_ID, ACCOUNT_ID = "100200300400500", "17840000000000001"
QUESTIONS = (
    (1, "Guten Tag, gilt die Umleitung auch für Fahrräder?"),
    (3, "Wann hat das Rathaus zwischen den Jahren offen?"),
    (4, "In der Gartenstraße ist eine Laterne aus."),
)
SUBJECTS = """
[topics.roads]
name = "Baustellen"
en = "Roadworks"
nl = "Wegwerkzaamheden"
words = "Sperrung, Umleitung, Verkehr"

[topics.culture]
name = "Kultur und Märkte"
en = "Culture and markets"
nl = "Cultuur en markten"

[topics.leisure]
name = "Sport und Freizeit"
en = "Sports and leisure"
nl = "Sport en vrije tijd"

[districts.north]
name = "Nordstadt"

[districts.west]
name = "Weststadt"
"""
CHOICES = (("roads",), ("roads", "leisure"), ("culture",), ("leisure",))
"""What some readers of its past have chosen."""

COMING = (
    (1, "Laternenumzug in der Altstadt", "Beginn um 17 Uhr am Brunnen; die Gassen sind gesperrt."),
    (1, "Bürgerbüro schließt früher", "Wegen einer Schulung nur bis 12 Uhr."),
    (2, "Neue Radwege im Norden", "Die Ringstraße ist fertig. Danke für Ihre Geduld."),
)
"""Days from now, and what is queued for them."""
UNTIL_DIGEST = dt.timedelta(minutes=4)
"""From the start: time to look at it beforehand, and to send it by hand."""

CITIZENS = ("Leserin am Markt", "Pendler im Süden", "Familie am Fluss", "Marktfrau")


ON_TELEGRAM = ((555000101, "Radfahrerin"), (555000102, "Nachbar im Westen"))
"""Ids and names of those who use the second messenger."""

ON_MESSENGER, ON_INSTAGRAM = "Schülerin", "Fotograf am Fluss"


class FolderTakenError(Exception):
    """A city is kept there already: another start would give it other secrets, and neither its
    accounts nor its receipts would be good any more."""


def run(*, folder: Path | None, host: str, port: int, phone_port: int) -> None:
    """Until Ctrl-C. Raises PortTakenError, FolderTakenError before anything is written."""
    processes.check_port(host, port)
    processes.check_port(host, phone_port)
    if folder is not None and (folder / "config.toml").exists():
        raise FolderTakenError(f"{folder} holds a city already: take another folder")
    if folder is not None:
        _run(folder, host, port, phone_port, is_kept=True)
        return
    with tempfile.TemporaryDirectory(prefix="stadtbote-demo-") as temporary:
        _run(Path(temporary), host, port, phone_port, is_kept=False)


def _run(folder: Path, host: str, port: int, phone_port: int, *, is_kept: bool) -> None:
    # The stand-in is told of the door, the service of the stand-in's address: neither knows more.
    settings = SandboxSettings(
        token=secrets.token_urlsafe(16),
        app_secret=secrets.token_urlsafe(16),
        verify_token=secrets.token_urlsafe(16),
        webhook_url=f"http://{host}:{port}/webhooks/whatsapp",
        numbers=(Number(PHONE_ID, NUMBER),),
        app_id=APP_ID,
        latency=(0.1, 0.15),
        receipts=(0.3, 0.9, 2.5),
        tier="TIER_10K",
        authenticator={
            account.name: staff.new_code_secret()
            for account in story.ACCOUNTS
            if staff.NEEDS_CODE & set(account.roles)
        },
    )
    bot = TelegramSettings(token=f"110201543:{secrets.token_urlsafe(24)}")
    password = "-".join(secrets.token_hex(3) for _ in range(3))
    page, profile = (
        MetaSettings(
            token=secrets.token_urlsafe(16),
            app_secret=secrets.token_urlsafe(16),
            verify_token=secrets.token_urlsafe(16),
            account=account,
            webhook_url=f"http://{host}:{port}/webhooks/{kind}",
        )
        for kind, account in (("messenger", PAGE_ID), ("instagram", ACCOUNT_ID))
    )
    with Sandbox(
        settings, telegram=bot, messenger=page, instagram=profile, host=host, port=phone_port
    ) as sandbox:
        config = _configure(folder, settings, bot, sandbox.url, f"http://{host}:{port}")
        _add(config, "messenger", sandbox.messenger, page_id=PAGE_ID, page="musterstadt")
        end = clock.now().date() + dt.timedelta(days=60)
        mine = {"account_id": ACCOUNT_ID, "token_expires_on": end.isoformat()}
        _add(config, "instagram", sandbox.instagram, profile="musterstadt", **mine)
        _prepare(config, sandbox, password)
        _say(config, sandbox.url, f"http://{host}:{port}", password, is_kept=is_kept)
        processes.run(config, host=host, port=port, web=True, loops=True)


def _configure(
    folder: Path,
    settings: SandboxSettings,
    bot: TelegramSettings,
    graph_url: str,
    public_url: str,
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    config, env = folder / "config.toml", folder / ".env"
    starter.write_new(folder)
    local = clock.local_now(ZoneInfo("Europe/Berlin"))
    at = local + UNTIL_DIGEST
    if at.date() != local.date() or at.time() >= dt.time(23, 58):
        # Close to midnight there is no later minute of today: the digest goes at once.
        at = at.replace(hour=0, minute=1)
    text = config.read_text(encoding="utf-8")
    for old, new in (
        ('public_url = "https://bote.musterstadt.example"', f'public_url = "{public_url}"'),
        ('graph_url = "https://graph.facebook.com"', f'graph_url = "{graph_url}"'),
        ('app_id = ""', f'app_id = "{APP_ID}"'),
        ("# [telegram]", "[telegram]"),
        ('# username = "MusterstadtBot"', f'username = "{bot.username}"'),
        ('# api_url = "https://api.telegram.org"', f'api_url = "{graph_url}"'),
        # Fetched: brought before the service opens its door, they would be a fault to be shown.
        ('# receive = "webhook"', 'receive = "polling"'),
        ('time = "17:00"', f'time = "{at:%H:%M}"'),
        ('latest = "20:00"', 'latest = "23:59"'),
        ('from = "21:00"', 'from = "00:00"'),
        ('to = "08:00"', 'to = "00:00"'),
    ):
        text = text.replace(old, new)
    config.write_text(text + SUBJECTS, encoding="utf-8")
    filled = env.read_text(encoding="utf-8")
    for name, value in (
        ("WHATSAPP_TOKEN", settings.token),
        ("WHATSAPP_APP_SECRET", settings.app_secret),
        ("TELEGRAM_TOKEN", bot.token),
    ):
        filled = filled.replace(f"{name}=\n", f"{name}={value}\n")
    env.write_text(filled, encoding="utf-8")
    return config


def _add(config: Path, kind: str, stage: MetaStage, **values: str) -> None:
    """One more channel, below what `init` has written."""
    lines = [f'{key} = "{value}"' for key, value in (values | {"graph_url": stage.url}).items()]
    with config.open("a", encoding="utf-8") as file:
        file.write("\n".join(["", f"[{kind}]", *lines, ""]))
    env, name = config.parent / ".env", kind.upper()
    known = {
        f"{name}_TOKEN": stage.settings.token,
        f"{name}_APP_SECRET": stage.settings.app_secret,
        f"{name}_VERIFY_TOKEN": stage.settings.verify_token,
    }
    filled = [
        f"{key}={known[key]}" if (key := line.partition("=")[0]) in known else line
        for line in env.read_text(encoding="utf-8").splitlines()
    ]
    env.write_text("\n".join([*filled, ""]), encoding="utf-8")


def _prepare(config: Path, sandbox: Sandbox, password: str) -> None:
    """Templates approved, a past, posts waiting, citizens with their phones; some just wrote."""
    city = open_city(config)
    with db.session():
        template_sync.sync(city.newsroom)
        for channel in city.channels.values():
            channel.connect(city.newsroom.public_url)
        story.add_staff(city, password, dict(sandbox.settings.authenticator))
        story.tell(city)
        picture = _picture(config.parent)
        on = clock.today(city.zone)
        _choose()
        for about, title, text, link, image in (
            (
                ("culture",),
                "Wochenmarkt zieht um",
                "Ab Samstag steht der Markt auf dem Rathausplatz. 🥕 40 Stände, 8 bis 14 Uhr.",
                "https://www.musterstadt.example/markt",
                picture,
            ),
            (
                ("roads",),
                "Brückenstraße gesperrt",
                "Wegen Kanalarbeiten bis Freitag. Umleitung über den Ring, Busse der Linie 5 halten"
                " an der Post.",
                "",
                None,
            ),
            (
                ("leisure",),
                "Freibad: längere Öffnungszeiten",
                "Bis 21 Uhr, auch am Wochenende.",
                "",
                None,
            ),
        ):
            alt = "Vier bunte Marktstände in einer Reihe unter blauem Himmel." if image else ""
            written = Written(title, text, link, on, topics=about, image_alt=alt)
            posts.add(city.newsroom, written, image=image, by="presse")
        for days, title, text in COMING:
            written = Written(title=title, text=text, on=on + dt.timedelta(days=days))
            posts.add(city.newsroom, written, by="presse")
    db.database.close()
    for index, name in enumerate(CITIZENS, start=1):
        number = f"+49 176 0406900{index}"
        sandbox.phone(number, name=name)
    # They have written before the service opens its door: nothing is lost, it is brought again.
    for index in (1, 2):
        sandbox.phone(f"+49 176 0406900{index}").text("Start")
    for index, text in QUESTIONS:
        sandbox.phone(f"+49 176 0406900{index}").text(text)
    for id, name in ON_TELEGRAM:
        sandbox.telegram_phone(id, name=name).text("/start")
    sandbox.messenger.phone(1, name=ON_MESSENGER).text("Start")
    sandbox.instagram.phone(1, name=ON_INSTAGRAM).text("Start")
    sandbox.add_readers(story.numbers())


def _choose() -> None:
    """One reader in six wants certain topics only."""
    ids = [row[0] for row in db.rows(Subscriber.select(Subscriber.id).order_by(Subscriber.id))]
    for place, names in enumerate(CHOICES):
        theirs = ids[place :: 6 * len(CHOICES)]
        kept = selections.keep(Scope(names))
        Subscriber.update(selection=kept).where(Subscriber.id.in_(theirs)).execute()


def _picture(folder: Path) -> Path:
    """Something to look at: a market under a sky, drawn here."""
    image = Image.new("RGB", (900, 470), "#cfe6f5")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 360, 900, 470), fill="#c8b89a")
    pen.ellipse((720, 40, 800, 120), fill="#ffd76a")
    for left, colour in ((60, "#c0392b"), (270, "#2e86c1"), (480, "#229954"), (690, "#d68910")):
        pen.polygon(
            [(left, 250), (left + 150, 250), (left + 130, 200), (left + 20, 200)], fill=colour
        )
        pen.rectangle((left + 12, 250, left + 138, 380), fill="#f7f1e3")
        for apple in range(5):
            x = left + 20 + apple * 23
            pen.ellipse((x, 330, x + 20, 350), fill=colour)
    path = folder / "markt.png"
    image.save(path)
    return path


def _say(config: Path, phone: str, service: str, password: str, *, is_kept: bool) -> None:
    time = load(config).settings.digest.time
    end = "Ende mit Strg-C" if is_kept else "Strg-C beendet es und löscht alles; behalten mit --dir"
    command = Path(sys.argv[0]).resolve()
    accounts = "\n".join(f"    {account.name:<12} {account.who}" for account in story.ACCOUNTS)
    sys.stdout.write(
        f"""
  Stadtbote läuft zur Probe ({end}).

  Telefon (Bürgerinnen spielen):  {phone}/
  Schreibtisch (Rathaus):         {service}/desk/
  Einmalcodes dafür:              {phone}/authenticator
  Seite für Bürger:               {service}/
  Zustand:                        {service}/healthz

  Konten am Schreibtisch, alle mit dem Passwort {password}:

{accounts}

  Um {time:%H:%M} Uhr geht die Tagesnachricht hinaus, oder vorher von Hand („Tagesnachricht“).
  Wer am Telefon „Probealarm“ schreibt, bekommt auch Übungen. In einem zweiten Fenster:

    {command} --config {config} digest preview
    {command} --config {config} alert send "Ab 16 Uhr schwerer Sturm." --as lage
    {command} --config {config} alert release NUMMER --as lage2
    {command} --config {config} broadcast list
    {command} --config {config} subscribers count

"""
    )
    sys.stdout.flush()
