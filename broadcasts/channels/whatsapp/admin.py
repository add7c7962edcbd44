"""What an administrator asks of Meta: templates, numbers, forgetting a person.

Owns: the blocking calls beside sending. Never: a message to a person. Each raises ProviderError.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
from pywa.client import WhatsApp
from pywa.errors import WhatsAppError
from pywa.types import templates as wording

from broadcasts import clock
from broadcasts.channels.base import (
    AccountState,
    Address,
    Outcome,
    ProviderError,
    TemplateDraft,
    TemplateState,
)
from broadcasts.channels.tls import trusted
from broadcasts.channels.whatsapp import errors, notices
from broadcasts.channels.whatsapp.settings import WhatsAppSecrets, WhatsAppSettings

SECONDS = 15.0
FIELDS = (
    "display_phone_number",
    "quality_rating",
    "throughput",
    "verified_name",
    "whatsapp_business_manager_messaging_limit",
)
TEMPLATE_FIELDS = ("name", "language", "category", "status", "quality_score", "rejected_reason")


class Admin:
    def __init__(self, settings: WhatsAppSettings, secrets: Callable[[], WhatsAppSecrets]) -> None:
        self._settings = settings
        self._secrets = secrets

    @contextmanager
    def _client(
        self, hear: Callable[[httpx.Response], None] = lambda response: None
    ) -> Iterator[WhatsApp]:
        """A client for one errand; whatever goes wrong in it becomes a ProviderError. `hear` gets
        every answer."""
        settings = self._settings
        hooks = {"response": [hear]}
        with httpx.Client(timeout=SECONDS, verify=trusted(), event_hooks=hooks) as session:
            client = WhatsApp(
                phone_id=settings.phone_id,
                token=self._secrets().token,
                session=session,
                waba_id=settings.waba_id,
                app_id=settings.app_id or None,
                api_version=float(settings.api_version),
            )
            session.base_url = httpx.URL(
                f"{settings.graph_url.rstrip('/')}/v{settings.api_version}"
            )
            # The error is a frozen dataclass, which a context manager must not let through
            # (whatsapp.md §1.5): it is turned into ours here.
            failure: ProviderError | None = None
            try:
                yield client
            except WhatsAppError as error:
                failure = _translated(error)
            except httpx.HTTPError as error:
                name = type(error).__name__
                failure = ProviderError(Outcome.NETWORK, name, "the provider does not answer")
            except (KeyError, TypeError, ValueError) as error:
                name = type(error).__name__
                failure = ProviderError(Outcome.TRANSIENT, name, "the answer cannot be read")
        if failure is not None:
            raise failure

    def templates(self) -> list[TemplateState]:
        """All pages of what Meta has
        (developers.facebook.com/documentation/business-messaging/whatsapp/templates/overview)."""
        rows: list[dict[str, Any]] = []
        with self._client() as client:
            page = {"limit": "200"}
            while True:
                answer = client.api.get_templates(
                    waba_id=self._settings.waba_id, fields=TEMPLATE_FIELDS, pagination=page
                )
                rows += answer["data"]
                paging = answer.get("paging") or {}
                after = (paging.get("cursors") or {}).get("after")
                if not after or not paging.get("next"):
                    return [_state(row) for row in rows]
                page = {"limit": "200", "after": after}
        return []

    def create_template(self, draft: TemplateDraft, *, example_picture: str | None) -> None:
        with self._client() as client:
            client.create_template(_template(draft, example_picture))

    def account_states(self, accounts: list[str]) -> list[AccountState]:
        """What Meta says of each number: daily limit, quality; and of its clock and our token."""
        states: list[AccountState] = []
        heard: list[timedelta] = []

        def hear(response: httpx.Response) -> None:
            heard.extend(_ahead(response))

        with self._client(hear) as client:
            until = self._token_until(client)
            for account in accounts:
                row = client.api.get_business_phone_number(account, fields=FIELDS)
                tier = row.get("whatsapp_business_manager_messaging_limit")
                states.append(
                    AccountState(
                        account,
                        notices.limit(tier),
                        str(row.get("quality_rating") or "UNKNOWN"),
                        str((row.get("throughput") or {}).get("level") or ""),
                        ahead=heard[-1] if heard else None,
                        token_until=until,
                    )
                )
        return states

    def _token_until(self, client: WhatsApp) -> datetime | None:
        """(developers.facebook.com/docs/graph-api/reference/debug_token) A token that may not ask
        this of itself is no fault; one that is refused is, at the next question."""
        with suppress(WhatsAppError, KeyError, TypeError, ValueError, OverflowError):
            answer = client.api.send_raw_request(
                "GET", "/debug_token", params={"input_token": self._secrets().token}
            )
            ends = int(answer["data"]["expires_at"])
            return datetime.fromtimestamp(ends, UTC) if ends else None
        return None

    def forget(self, accounts: list[str], address: Address) -> None:
        """Meta's own contact book keeps phone number and user id (whatsapp.md §6)."""
        name, value = ("bsuid", address.bsuid) if address.bsuid else ("wa_id", address.wa_id)
        with self._client() as client:
            for account in accounts:
                client.api.send_raw_request(
                    "DELETE",
                    f"/{account}/contact_book",
                    params={"messaging_product": "whatsapp", name: value},
                )


def _ahead(response: httpx.Response) -> list[timedelta]:
    """What the answer's `Date` says against our clock; nothing where it has none."""
    with suppress(KeyError, ValueError, TypeError):
        return [parsedate_to_datetime(response.headers["date"]) - clock.now()]
    return []


def _state(row: dict[str, Any]) -> TemplateState:
    quality = row.get("quality_score")
    return TemplateState(
        name=row["name"],
        language=row["language"],
        category=row.get("category", ""),
        state=row.get("status", ""),
        quality=str(quality.get("score", "")) if isinstance(quality, dict) else "",
        reason=str(row.get("rejected_reason") or ""),
    )


def _template(draft: TemplateDraft, example_picture: str | None) -> wording.Template:
    examples = dict(draft.examples)
    components: list[Any] = []
    if draft.picture:
        picture = Path(example_picture or "")
        components.append(wording.HeaderImage(example=picture, mime_type=_mime(picture)))
    elif draft.header:
        components.append(wording.HeaderText(draft.header))
    components.append(wording.BodyText(draft.body, **examples))
    if draft.footer:
        components.append(wording.FooterText(text=draft.footer))
    if draft.buttons:
        replies: list[Any] = [wording.QuickReplyButton(text=label) for label in draft.buttons]
        components.append(wording.Buttons(buttons=replies))
    ttl = draft.time_to_live
    return wording.Template(
        name=draft.name,
        language=wording.TemplateLanguage(draft.language),
        category=wording.TemplateCategory(draft.category),
        components=components,
        parameter_format=wording.ParamFormat.NAMED,
        message_send_ttl_seconds=int(ttl.total_seconds()) if ttl else None,
    )


def _mime(picture: Path) -> str:
    return "image/png" if picture.suffix == ".png" else "image/jpeg"


def _translated(error: WhatsAppError) -> ProviderError:
    response = error.raw_response
    status = response.status_code if response is not None else 400
    text = errors.reason(str(error.code)) or error.user_msg or error.message
    return ProviderError(errors.outcome(error.code, status), str(error.code), text)
