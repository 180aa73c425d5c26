"""The doorbells of what every app uses. Rows, not messages, say what there is to do."""

from celery import shared_task
from django.utils import timezone

from core import mailing


@shared_task(name="core.send_mail", acks_late=True)
def send_mail_task() -> None:
    """Rung after commit, and each minute by beat: due mail leaves, and interrupted mail with it."""
    mailing.requeue_interrupted(now=timezone.now())
    mailing.forget_links(now=timezone.now())
    mailing.send_due()
