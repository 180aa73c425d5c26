from celery import shared_task
from django.core.management import call_command


@shared_task(name="csam.clear_sessions")
def clear_sessions_task() -> None:
    """Rung each day by beat: sessions that expired leave the database."""
    call_command("clearsessions")
