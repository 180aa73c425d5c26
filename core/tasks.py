"""The doorbells of what every app uses. Rows, not messages, say what there is to do."""

from celery import shared_task
from django.utils import timezone

from core import sending


@shared_task(name="core.send_mail", acks_late=True)
def send_mail_task() -> None:
    """Rung after commit, and each minute by beat: due mail leaves, and interrupted mail with it."""
    sending.requeue_interrupted(now=timezone.now())
    sending.forget_links(now=timezone.now())
    sending.send_due()
