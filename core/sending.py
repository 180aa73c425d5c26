"""Posted letters leave: each once, tried again when the server fails, whatever becomes of the process."""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F
from django.utils import timezone
from django.utils.html import escape

from core.models import HIDDEN_LINK, Mail

logger = logging.getLogger(__name__)

#: When to try again after the first, second… failure. After the last one the row says that it failed.
DELAYS = [dt.timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440)]
#: How long the link of a letter that never left is kept, for it to be sent again: as long as an invitation.
LINK_LIFE = dt.timedelta(days=14)
#: A letter taken up for so long was dropped by a process that is gone.
SILENCE = dt.timedelta(minutes=5)


def send_due(*, now: dt.datetime | None = None) -> int:
    """Send every letter that is due, each taken by one process only; returns how many left.

    One that fails is put off (:data:`DELAYS`) and the others go out. A process killed between the server's
    acceptance and our note of it makes that one letter leave again with the same Message-ID, by which
    mail programs drop the second copy.
    """
    sent = 0
    while mail := _take(now or timezone.now()):
        sent += _send(mail)
    return sent


def requeue_interrupted(*, now: dt.datetime) -> int:
    """Letters that a vanished process had taken up wait again. Returns how many."""
    return Mail.objects.interrupted(before=now - SILENCE).update(state=Mail.State.WAITING, taken_at=None)


def forget_links(*, now: dt.datetime) -> int:
    """Links of letters that never left are not kept for ever. Returns how many are forgotten."""
    old = Mail.objects.filter(state=Mail.State.FAILED, created_at__lt=now - LINK_LIFE)
    return old.exclude(secret_link="").update(secret_link="")


def message_of(mail: Mail) -> EmailMultiAlternatives:
    host = urlsplit(settings.SITE_ADDRESS).hostname
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text.replace(HIDDEN_LINK, mail.secret_link),
        to=[mail.address],
        headers={
            "Message-ID": f"<{mail.pk}.{mail.created_at:%Y%m%d%H%M%S}@{host}>",
            "Auto-Submitted": "auto-generated",
            "Content-Language": f"{mail.language}-CA",
        },
    )
    if mail.unsubscribe:
        # One click in the mail program itself: RFC 8058.
        message.extra_headers["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        message.extra_headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.attach_alternative(mail.html.replace(HIDDEN_LINK, escape(mail.secret_link)), "text/html")
    return message


def _take(now: dt.datetime) -> Mail | None:
    for mail in Mail.objects.due(at=now)[:20]:
        ours = Mail.objects.filter(pk=mail.pk, state=Mail.State.WAITING)
        if ours.update(state=Mail.State.SENDING, taken_at=timezone.now(), attempts=F("attempts") + 1):
            mail.refresh_from_db()
            return mail
    return None


def _send(mail: Mail) -> bool:
    try:
        message_of(mail).send()
    except (OSError, smtplib.SMTPException) as error:
        _put_off(mail, error)
        return False
    Mail.objects.filter(pk=mail.pk).update(
        state=Mail.State.SENT, sent_at=timezone.now(), taken_at=None, error="", secret_link=""
    )
    return True


def _put_off(mail: Mail, error: Exception) -> None:
    """Later, or never when the server refuses the address itself or it failed too often."""
    is_final = _refuses_for_good(error) or mail.attempts > len(DELAYS)
    logger.warning("mail %s could not be sent (%s)", mail.pk, error)
    Mail.objects.filter(pk=mail.pk).update(
        state=Mail.State.FAILED if is_final else Mail.State.WAITING,
        due_at=timezone.now() + (dt.timedelta() if is_final else DELAYS[mail.attempts - 1]),
        taken_at=None,
        error=f"{type(error).__name__}: {error}"[:1000],
    )


def _refuses_for_good(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in error.recipients.values())
    return False
