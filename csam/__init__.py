"""The portal of the integrated action plan: settings, addresses, jobs."""

from csam.celery import app as celery_app

__all__ = ["celery_app"]
