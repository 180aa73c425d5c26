"""Telling people of events by mail: each letter is a row before it is a message, so that none is lost or doubled.

An app declares its events beside its subject and posts them:

    @event("invitation", _("Invitation dans une organisation"), sample=lambda: {"organization": "Alice", …})
    def invitation(*, organization: str, …) -> Letter: ...

    post(invitation, to=[user], about=f"invitation:{row.pk}", organization=…)

The letter is written in each recipient's language when it is posted, in the same transaction as the change that
it tells of: a rollback leaves none. After commit :mod:`core.sending` sends it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise

from core.models import HIDDEN_LINK, Mail
from core.tasks import send_mail_task
from core.typography import typeset, typeset_html

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Letter:
    """What a mail says, before it becomes text and HTML. Plain sentences, in the active language.

    ``facts`` are pairs (label, value); ``quote`` is somebody's own words, set apart; ``action`` is the label and
    the path or address of the one thing to do; ``reason`` says why the person receives it. An action that is secret
    opens something to whoever holds its address: it is kept apart from the text, and only until the letter has left.
    """

    subject: str
    paragraphs: Sequence[str]
    facts: Sequence[tuple[str, str]] = ()
    quote: str = ""
    action: tuple[str, str] | None = None
    is_action_secret: bool = False
    closing: Sequence[str] = ()
    reason: str = ""
    unsubscribe: str = ""


class Person(Protocol):
    """A user, or an :class:`Address` of somebody who has no account."""

    @property
    def email(self) -> str: ...

    @property
    def language(self) -> str: ...


@dataclass(frozen=True)
class Address:
    email: str
    language: str = "fr"
    #: Of the account, where the address is one's.
    pk: int | None = None


@dataclass(frozen=True)
class Event:
    """Something that people are told by mail. Calling it writes the letter in the active language."""

    name: str
    label: str | Promise
    write: Callable[..., Letter]
    sample: Callable[[], Mapping[str, Any]]
    #: Tells of what only its recipient may read yet, such as a draft: not for the staff's eyes.
    is_personal: bool = False

    def __call__(self, **data: Any) -> Letter:
        return self.write(**data)


#: Every event by name, filled as the apps' ``notices`` modules are imported (at start, by their AppConfig).
EVENTS: dict[str, Event] = {}


def event(
    name: str, label: str | Promise, *, sample: Callable[[], Mapping[str, Any]], is_personal: bool = False
) -> Callable[[Callable[..., Letter]], Event]:
    """Declare an event. ``sample`` gives invented data, for the preview page and ``preview_mail``."""

    def declare(write: Callable[..., Letter]) -> Event:
        if name in EVENTS:
            raise ValueError(f"two events are called {name}")
        EVENTS[name] = Event(name, label, write, sample, is_personal)
        return EVENTS[name]

    return declare


@dataclass(frozen=True)
class Rendered:
    subject: str
    text: str
    html: str
    unsubscribe: str = ""


def render(letter: Letter, language: str) -> Rendered:
    """The subject, the text and the page of a letter, with the typography of its language."""
    unsubscribe = absolute(letter.unsubscribe) if letter.unsubscribe else ""
    with translation.override(language):
        context = {
            "letter": letter,
            "action": letter.action and (letter.action[0], absolute(letter.action[1])),
            "unsubscribe": unsubscribe,
            "language": language,
            "site": settings.SITE_ADDRESS,
            "postal_address": settings.CSAM_POSTAL_ADDRESS,
            "contact_email": settings.CSAM_CONTACT_EMAIL,
        }
        text = render_to_string("emails/letter.txt", context)
        html = render_to_string("emails/letter.html", context)
    subject = " ".join(typeset(f"{settings.EMAIL_SUBJECT_PREFIX}{letter.subject}", language).split())
    lines = [line if "://" in line else typeset(line, language) for line in text.splitlines()]
    body = "\n".join(lines).strip() + "\n"
    return Rendered(subject[:250], body, typeset_html(html), unsubscribe)


def absolute(path: str) -> str:
    return path if urlsplit(path).scheme else f"{settings.SITE_ADDRESS}{path}"


def post(event: Event, *, to: Iterable[Person], about: str, **data: Any) -> list[Mail]:
    """Write one letter per person, each in their language; they leave after commit.

    Returns the new rows. Who was already told of this event about this thing, and who is listed twice, is left
    out.
    """
    written = []
    people: dict[str, Person] = {}
    for person in to:
        people.setdefault(person.email.lower(), person)
    for address, person in people.items():
        with translation.override(person.language):
            letter, link = _without_secret(event(**data))
            rendered = render(letter, person.language)
        try:
            with transaction.atomic():
                written.append(
                    Mail.objects.create(
                        event=event.name,
                        about=about,
                        recipient_id=getattr(person, "pk", None),
                        address=address,
                        language=person.language,
                        secret_link=link,
                        **dataclasses.asdict(rendered),
                    )
                )
        except IntegrityError:
            logger.info("%s was already told of %s about %s", address, event.name, about)
    if written:
        transaction.on_commit(ring)
    if (rehearsed := _rehearsed.get()) is not None:
        rehearsed += written
    return written


def _without_secret(letter: Letter) -> tuple[Letter, str]:
    """The letter as it may be kept, and the address that it was written with."""
    if not (letter.is_action_secret and letter.action):
        return letter, ""
    label, address = letter.action
    return dataclasses.replace(letter, action=(label, HIDDEN_LINK)), absolute(address)


#: The letters of the rehearsal under way.
_rehearsed: ContextVar[list[Mail] | None] = ContextVar("rehearsed", default=None)


@contextmanager
def rehearsal() -> Iterator[list[Mail]]:
    """Do what stands within for nothing: all of it is undone at the end, and the list holds the letters that it
    would have sent. So what a page announces is what the action does, written by the same functions.
    """
    letters: list[Mail] = []
    token = _rehearsed.set(letters)
    try:
        with transaction.atomic():
            yield letters
            transaction.set_rollback(True)
    finally:
        _rehearsed.reset(token)


def ring() -> None:
    """Wake a worker up. A broker that cannot be reached loses nothing: beat looks for due mail each minute."""
    try:
        send_mail_task.delay()
    except OSError as error:
        logger.warning("no worker could be told of waiting mail: %s", error)


class NotResendable(ValueError):
    """The letter held a personal link, which was not kept: who needs another one asks for it."""


def resend(*, mail: Mail, at: dt.datetime) -> None:
    """Send it once more, whatever became of it; raises ValueError while it is being sent, and NotResendable."""
    if mail.has_lost_link:
        raise NotResendable("the link of this mail was not kept")
    changed = Mail.objects.filter(pk=mail.pk).exclude(state=Mail.State.SENDING)
    again = {"state": Mail.State.WAITING, "attempts": 0, "error": "", "due_at": at, "sent_at": None}
    if not changed.update(**again):
        raise ValueError("this mail is being sent")
    transaction.on_commit(ring)
