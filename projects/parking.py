"""What was typed in a form when the session had ended: kept until its writer has signed in again.

It waits in the new session of the same browser, which survives signing in. A form carries a signed word that says to
whom it was shown, so that nobody can leave anything for a registration that they never saw.
"""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.http import HttpRequest, QueryDict
from django.utils.crypto import salted_hmac

from projects.models import Registration

SALT = "registrations.writer"
#: As long as a form may stay open.
LONGEST_OPEN = 14 * 24 * 3600
#: Characters; a registration of 60 partners and 60 deliverables has a tenth.
LARGEST = 600_000
KEY = "registrations_parked"
UNSAVED = ("csrfmiddlewaretoken", "writer", "do")


def writer_mark(user: Any, registration: Registration) -> str:
    return signing.dumps([user.pk, registration.pk], salt=SALT, compress=False)


def keeper(user: Any) -> str:
    """Whose text a browser keeps, without saying who: two people may share a computer."""
    return salted_hmac(SALT, str(user.pk)).hexdigest()[:16]


def park(request: HttpRequest, pk: int, step: str) -> bool:
    """Keep the POST of somebody whose session has ended; False where it is not ours to keep."""
    try:
        user_pk, registration_pk = signing.loads(
            request.POST.get("writer", ""), salt=SALT, max_age=LONGEST_OPEN
        )
    except signing.BadSignature:
        return False
    data = request.POST.copy()
    for name in UNSAVED:
        data.pop(name, None)
    text = data.urlencode()
    if registration_pk != pk or len(text) > LARGEST:
        return False
    request.session[KEY] = {"user": user_pk, "registration": pk, "step": step, "text": text}
    return True


def parked(request: HttpRequest, pk: int, step: str) -> QueryDict | None:
    """What this person typed in this step before signing in again."""
    kept = request.session.get(KEY)
    if not kept or (kept["user"], kept["registration"], kept["step"]) != (request.user.pk, pk, step):
        return None
    return QueryDict(kept["text"])


def forget(request: HttpRequest) -> None:
    request.session.pop(KEY, None)
