"""Correcting a post that has been sent: a dated text under it in the archive.

Owns: the page of a post that cannot be changed any more. Never: changes a post (posts). Part of the
desk.
"""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import InputRequired

from bot.desk import here
from bot.desk.access import only
from bot.desk.forms import DeskForm, stripped
from bot.desk.language import gettext, lazy, said
from broadcasts import db
from broadcasts.newsroom import corrections, posts
from broadcasts.newsroom.posts import Post, PostError, PostState
from broadcasts.people.staff import Role

pages = Blueprint("corrections", __name__, url_prefix="/posts")
ACCESS = {"add": only(Role.PRESS)}
MENU = ()


class CorrectionForm(DeskForm):
    text = TextAreaField(lazy("Correction"), filters=[stripped], validators=[InputRequired()])


def show(post: Post, form: CorrectionForm | None = None) -> str:
    """A sent or withdrawn one."""
    sent_in = post.broadcast if post.state == PostState.SENT else None
    room = here.newsroom()
    return render_template(
        "posts/sent.html",
        post=post,
        is_sent=sent_in is not None,
        corrected=corrections.of_posts([post.id]).get(post.id, []),
        form=form or CorrectionForm(),
        public=room.texts.digest_url(sent_in.on, room.language) if sent_in else "",
    )


@pages.post("/<int:id>/correction")
def add(id: int) -> Response | tuple[str, int]:
    form = CorrectionForm()
    try:
        post = posts.get(id)
    except PostError:
        abort(404)
    if not form.validate():
        return show(post, form), 422
    try:
        with db.transaction():
            corrections.add(id, form.text.data, by=here.me().name)
            here.note("post corrected", f"post {id}")
    except PostError as error:
        if post.state != PostState.SENT:
            flash(" ".join(map(said, error.said)), "bad")
            return redirect(url_for("posts.edit", id=id))
        form.show(error.said)
        return show(post, form), 422
    flash(gettext("The correction stands in the archive now."))
    return redirect(url_for("posts.edit", id=id))
