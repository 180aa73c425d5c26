"""What was typed in a form when the session had ended: kept until its writer has signed in again.

It waits in the new session of the same browser, which survives signing in. A form carries a signed word that says to
whom it was shown, so that nobody can leave anything for a row that they never saw.
"""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.http import HttpRequest, QueryDict
from django.utils.crypto import salted_hmac

#: As long as a form may stay open.
LONGEST_OPEN = 14 * 24 * 3600
#: Characters; a registration of 60 partners and 60 deliverables has a tenth.
LARGEST = 600_000
UNSAVED = ("csrfmiddlewaretoken", "writer", "do")


class ParkingLot:
    """The place of one kind of form, by its name: rows are told by their key, parts of the form by ``step``."""

    def __init__(self, name: str) -> None:
        self.salt = f"{name}.writer"
        self.key = f"{name}_parked"

    def writer_mark(self, user: Any, pk: int) -> str:
        return signing.dumps([user.pk, pk], salt=self.salt, compress=False)

    def keeper(self, user: Any) -> str:
        """Whose text a browser keeps, without saying who: two people may share a computer."""
        return salted_hmac(self.salt, str(user.pk)).hexdigest()[:16]

    def park(self, request: HttpRequest, pk: int, step: str) -> bool:
        """Keep the POST of somebody whose session has ended; False where it is not ours to keep."""
        try:
            user_pk, row_pk = signing.loads(
                request.POST.get("writer", ""), salt=self.salt, max_age=LONGEST_OPEN
            )
        except signing.BadSignature:
            return False
        data = request.POST.copy()
        for name in UNSAVED:
            data.pop(name, None)
        text = data.urlencode()
        if row_pk != pk or len(text) > LARGEST:
            return False
        request.session[self.key] = {"user": user_pk, "row": pk, "step": step, "text": text}
        return True

    def parked(self, request: HttpRequest, pk: int, step: str) -> QueryDict | None:
        """What this person typed in this step before signing in again."""
        kept = request.session.get(self.key)
        if not kept or (kept["user"], kept["row"], kept["step"]) != (request.user.pk, pk, step):
            return None
        return QueryDict(kept["text"])

    def forget(self, request: HttpRequest) -> None:
        request.session.pop(self.key, None)
