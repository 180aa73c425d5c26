"""The address that a supervisor or a load balancer asks: is the portal able to answer?"""

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError


@require_safe
@never_cache
@login_not_required
def health(request: HttpRequest) -> JsonResponse:
    """200 with every part "ok", or 503 and the name of the part that does not answer (never the reason)."""
    parts = {"database": _database_answers(), "cache": _cache_answers()}
    report = {name: "ok" if answers else "unavailable" for name, answers in parts.items()}
    return JsonResponse(report, status=200 if all(parts.values()) else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _cache_answers() -> bool:
    try:
        cache.get("health")
    except (DatabaseError, RedisError):
        return False
    return True
