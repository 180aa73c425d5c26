"""What beat and a starting worker ask of the documents."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.utils import timezone

from csam.documents import building, drafts, typesetters
from csam.documents.bells import build_waiting_task

__all__ = ["build_waiting_task", "request_drafts_task", "requeue_task"]


@shared_task(name="documents.requeue", acks_late=True)
def requeue_task() -> None:
    """Rung each minute by beat: interrupted builds start again, and a lost message is made good."""
    building.requeue_stale(now=timezone.now())
    building.build_waiting()


@shared_task(name="documents.request_drafts", acks_late=True)
def request_drafts_task() -> None:
    """Rung each minute by beat: the working draft of the night, once its hour has come."""
    drafts.request_due(now=timezone.now())


@worker_ready.connect
def requeue_at_start(**_kwargs: Any) -> None:
    requeue_task.delay()


@worker_ready.connect
def prepare_at_start(sender: Any, **_kwargs: Any) -> None:
    """Only where documents are built: a worker that sends mail needs no layout library."""
    if "documents" in sender.app.amqp.queues.consume_from:
        typesetters.prepare()
