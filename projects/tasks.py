"""The doorbells of registrations."""

from celery import shared_task
from django.utils import timezone

from projects.registrations import reminders


@shared_task(name="projects.remind", acks_late=True)
def remind_task() -> None:
    """Rung by beat each hour of the day: what the first ring did, the others find done."""
    reminders.remind(now=timezone.now())
