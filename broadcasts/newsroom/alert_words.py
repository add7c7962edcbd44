"""What an alert says, before it is fitted into a channel.

Owns: its headline, and which of its voices a reader gets. Never: a template or a limit (wording).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from broadcasts.newsroom import drafts
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.voices import Voices

HEADINGS: Mapping[str, str] = {
    "alert": "alert_heading",
    "alert_update": "alert_update_heading",
    "alert_clear": "alert_clear_heading",
}


@dataclass(frozen=True)
class AlertWords:
    """What an alert says; severity is put into each language."""

    text: str
    title: str = ""
    severity: str = ""
    is_drill: bool = False
    voices: Voices = field(default_factory=dict)
    about: str = "text"
    """The field in which it was written."""

    def read(self, language: str) -> "AlertWords":
        """As a reader of this language reads it; a title is not lost for want of another."""
        voice = self.voices.get(language)
        if not voice:
            return self
        title, about = voice.title or self.title, f"{language}_text"
        return replace(self, text=voice.text, title=title, about=about)

    def headline(self, newsroom: Newsroom, language: str) -> str:
        """What stands in bold before the text; empty without anything to say."""
        severity = f"severity_{self.severity}"
        parts = [
            newsroom.texts.get(severity, language) if self.severity else "",
            self.title.strip().replace("*", ""),
        ]
        return " · ".join(part for part in parts if part)

    def heading(self, newsroom: Newsroom, name: str, language: str) -> str:
        """The same after a word for the kind, where no template's own words say it."""
        kind = newsroom.texts.get(HEADINGS[name], language)
        headline = self.headline(newsroom, language)
        return f"{kind}: {headline}" if headline else kind

    def template(self, name: str) -> str:
        return drafts.DRILL if self.is_drill else name
