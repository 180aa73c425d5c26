"""Answers to requests that went wrong before a page could be chosen."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBadRequest
from django.template import loader


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBadRequest:
    """Without the context of a page, which may be what is wrong: the request's host, for one."""
    return HttpResponseBadRequest(loader.get_template("400.html").render())
