"""A page that shows the portal's mail to whoever runs it on their own machine. It is nowhere else."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, UNSAFE_INLINE
from csp.decorators import csp
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.mailing import EVENTS, Rendered
from core.mailing import render as render_letter
from csam import mailbox

View = Callable[..., HttpResponse]

#: A letter carries its own style and nothing else; no script, form or frame of it works.
LETTER_POLICY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": ["data:"],
    "frame-ancestors": [NONE],
    "sandbox": True,
}


def at_home(view: View) -> View:
    """Answered in embedded mode, to this machine, asked for by its own name, through no proxy; 404 elsewhere."""

    @login_not_required
    @require_safe
    @never_cache
    @functools.wraps(view)
    def answer(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        if settings.MODE != "embedded" or not _is_from_here(request):
            raise Http404
        return view(request, *args, **kwargs)

    return answer


@at_home
def mail_list(request: HttpRequest) -> HttpResponse:
    events = [(name, event.label) for name, event in sorted(EVENTS.items())]
    context = {"letters": mailbox.letters(_folder()), "events": events}
    return render(request, "mail/mail_list.html", context)


@at_home
def mail_detail(request: HttpRequest, key: str) -> HttpResponse:
    return render(request, "mail/mail_detail.html", {"letter": _written(key)})


@csp(LETTER_POLICY)
@at_home
def mail_page(_request: HttpRequest, key: str) -> HttpResponse:
    return HttpResponse(_written(key).html)


@at_home
def event_detail(request: HttpRequest, name: str, language: str) -> HttpResponse:
    rendered = _sample(name, language)
    context = {"name": name, "label": EVENTS[name].label, "rendered": rendered, "language": language}
    return render(request, "mail/event_detail.html", context)


@csp(LETTER_POLICY)
@at_home
def event_page(_request: HttpRequest, name: str, language: str) -> HttpResponse:
    return HttpResponse(_sample(name, language).html)


def _sample(name: str, language: str) -> Rendered:
    if name not in EVENTS or language not in dict(settings.LANGUAGES):
        raise Http404
    with translation.override(language):
        letter = EVENTS[name](**EVENTS[name].sample())
    return render_letter(letter, language)


def _written(key: str) -> mailbox.Written:
    found = mailbox.letter(_folder(), key)
    if found is None:
        raise Http404
    return found


def _folder() -> Path:
    return Path(settings.VAR_DIR) / "mail"


def _is_from_here(request: HttpRequest) -> bool:
    """A page of elsewhere that makes this machine ask (DNS rebinding) comes under another name."""
    if any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-Ip")):
        return False
    named = urlsplit(f"//{request.get_host()}").hostname or ""
    return _is_loopback(request.META.get("REMOTE_ADDR", "")) and (named == "localhost" or _is_loopback(named))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
