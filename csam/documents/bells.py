"""Telling a worker that a document waits. Rows, not messages, say what there is to do."""

from __future__ import annotations

import logging

from celery import shared_task

from csam.documents import building

logger = logging.getLogger(__name__)


@shared_task(name="documents.build_waiting", acks_late=True)
def build_waiting_task() -> None:
    building.build_waiting()


def ring() -> None:
    """Wake a worker up. A broker that cannot be reached loses nothing: waiting rows are looked for each
    minute."""
    try:
        build_waiting_task.delay()
    except OSError as error:
        logger.warning("no worker could be told of a waiting document: %s", error)
