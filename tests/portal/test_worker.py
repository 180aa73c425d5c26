"""A real worker in a process of its own, on the broker of files and on Redis."""

import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from csam.tasks import clear_sessions_task
from tests.processes import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def expired_session(key):
    yesterday = timezone.now() - dt.timedelta(days=1)
    return Session.objects.create(session_key=key, session_data="", expire_date=yesterday)


def test_worker_does_the_task_it_is_handed(celery_worker_process):
    expired_session("a")

    clear_sessions_task.delay()

    wait_for(lambda: not Session.objects.exists(), log=celery_worker_process.log)


def test_task_waits_for_a_worker_that_was_stopped(celery_worker_process):
    celery_worker_process.stop()
    expired_session("a")
    clear_sessions_task.delay()

    next_worker = celery_worker_process.start_another()

    wait_for(lambda: not Session.objects.exists(), log=next_worker.log)


def test_worker_starts_again_after_a_power_cut(celery_worker_process):
    celery_worker_process.kill()
    expired_session("a")

    next_worker = celery_worker_process.start_another()
    clear_sessions_task.delay()

    wait_for(lambda: not Session.objects.exists(), log=next_worker.log)
