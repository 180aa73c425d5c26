"""The search, the pages about the portal itself, and what robots read."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse, translate_url
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from core.folding import QUERY_LENGTH, QUERY_WORDS, query_stems
from core.translation import SOURCE_LANGUAGE
from csam.pages.kinds import KINDS
from csam.pages.search import PAGE_LENGTH, Results, is_long, search, single_words


@require_safe
@login_not_required
def search_page(request: HttpRequest) -> HttpResponse:
    language = (get_language() or SOURCE_LANGUAGE)[:2]
    query = request.GET.get("q", "").replace("\0", "").strip()
    kind = request.GET.get("genre", "")
    kind = kind if kind in {k.code for k in KINDS} else ""
    results = search(query, language=language, kind=kind, page=request.GET.get("page", 1))
    page, here = results.page, reverse("pages:search")
    context = {
        "query": query[: 2 * QUERY_LENGTH],
        "query_length": QUERY_LENGTH,
        "query_words": QUERY_WORDS,
        "is_long": is_long(query, language),
        "has_words": bool(query_stems(query, language)),
        "kind": kind,
        "kind_name": next((k.plural for k in KINDS if k.code == kind), ""),
        "kinds": _kinds(results, query, kind),
        "results": results,
        "first_number": (results.page.number - 1) * PAGE_LENGTH + 1,
        "page_range": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "page_address": f"{here}?{urlencode({'q': query, **({'genre': kind} if kind else {})})}&page=",
        "suggestions": []
        if results.total
        else [(word, f"{here}?{urlencode({'q': word})}") for word in single_words(query, language)],
        "all_kinds_url": f"{here}?{urlencode({'q': query})}",
    }
    response = render(request, "pages/search.html", context)
    # One page per possible question: not for other search engines.
    response["X-Robots-Tag"] = "noindex"
    return response


def _kinds(results: Results, query: str, chosen: str) -> list[dict[str, object]]:
    """The ways to narrow the list: all kinds, then each kind that has something, with its count."""
    here = reverse("pages:search")
    return [
        {
            "name": count.kind.plural,
            "count": count.count,
            "url": f"{here}?{urlencode({'q': query, 'genre': count.kind.code})}",
            "is_current": count.kind.code == chosen,
        }
        for count in results.counts
        if count.count or count.kind.code == chosen
    ]


@require_safe
@login_not_required
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, f"pages/accessibility_{_language()}.html")


@require_safe
@login_not_required
def privacy(request: HttpRequest) -> HttpResponse:
    context = {"session_days": settings.SESSION_COOKIE_AGE // 86_400}
    return render(request, f"pages/privacy_{_language()}.html", context)


@require_safe
@login_not_required
def legal(request: HttpRequest) -> HttpResponse:
    return render(request, f"pages/legal_{_language()}.html")


def _language() -> str:
    return "en" if (get_language() or SOURCE_LANGUAGE).startswith("en") else "fr"


# Read by robots, outside the languages ---------------------------------------------------------------------


@require_safe
@login_not_required
@cache_control(max_age=86_400)
def robots(request: HttpRequest) -> HttpResponse:
    closed = [reverse(name) for name in ("pages:search", "partners:space", "admin:index", "account_login")]
    translated = [translate_url(address, code) for address in closed for code in ("fr", "en")]
    lines = ["User-agent: *"]
    lines += [f"Disallow: {address.removesuffix('connexion/')}" for address in translated]
    lines += ["", f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
@login_not_required
@cache_control(max_age=86_400)
def security(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a weakness of the portal (RFC 9116)."""
    expires = timezone.now().replace(microsecond=0) + dt.timedelta(days=180)
    lines = [
        f"Contact: mailto:{settings.CSAM_CONTACT_EMAIL}",
        f"Expires: {expires.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: fr, en",
        f"Canonical: {request.build_absolute_uri(reverse('security'))}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
