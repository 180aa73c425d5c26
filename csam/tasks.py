from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from csam.stored_files import sweep


@shared_task(name="csam.clear_sessions")
def clear_sessions_task() -> None:
    """Rung each day by beat: sessions that expired leave the database."""
    call_command("clearsessions")


@shared_task(name="csam.sweep_files", acks_late=True)
def sweep_files_task() -> None:
    """Rung each night by beat: pictures that were replaced leave the disk once nothing names them."""
    sweep(now=timezone.now())
