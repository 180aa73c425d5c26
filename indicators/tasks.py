"""The doorbells of follow-up."""

from celery import shared_task
from django.utils import timezone

from indicators.reports import digest, reminders


@shared_task(name="indicators.remind", acks_late=True)
def remind_task() -> None:
    """Rung by beat each hour of the day: what the first ring did, the others find done."""
    reminders.remind(now=timezone.now())


@shared_task(name="indicators.digest", acks_late=True)
def digest_task() -> None:
    """Rung each hour too: a Monday that was missed is made good later in its week."""
    digest.send(now=timezone.now())
