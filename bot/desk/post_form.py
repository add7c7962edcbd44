"""The form of a post: what may be typed, and what of it another language may have of its own.

Owns: its fields. Never: whether a post may be so (newsroom/posts). Called by the posts' pages.
"""

from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from bot.desk.forms import stripped
from bot.desk.language import lazy
from bot.desk.subject_fields import SubjectFields
from bot.desk.voice_fields import VoicesForm, with_voices
from broadcasts.newsroom.posts import Written

WRITTEN = ("title", "text", "link")
"""What another language may have of its own."""

FIELDS = ("title", "text", "link", "image_alt", "on")
LISTS = ("topics", "districts")


@with_voices(*WRITTEN)
class PostForm(SubjectFields, VoicesForm):
    title = StringField(lazy("Title"), filters=[stripped], validators=[InputRequired()])
    text = TextAreaField(lazy("Text"), filters=[stripped])
    link = StringField(lazy("Link"), filters=[stripped], render_kw={"inputmode": "url"})
    image = FileField(lazy("Picture"), render_kw={"accept": "image/jpeg,image/png"})
    image_alt = StringField(lazy("What the picture shows"), filters=[stripped])
    drop_image = BooleanField(lazy("Without the picture"))
    on = DateField(lazy("Day"), validators=[Optional()])
    version = HiddenField()
    kept_image = HiddenField()
    """Name of a picture that was chosen before; a browser does not choose it again by itself."""

    def written(self) -> Written:
        return Written(
            title=self.title.data or "",
            text=self.text.data or "",
            link=self.link.data or "",
            topics=self.scope.topics,
            districts=self.scope.districts,
            on=self.on.data,
            voices=self.voices(),
            image_alt=self.image_alt.data or "",
        )

    def picture(self) -> Any:
        """What was uploaded, as a stream; None without."""
        given = self.image.data
        return given.stream if given and given.filename else None
