"""Numbers as people type them."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def read_number(text: str) -> Decimal | None:
    """« 1 200,5 », « 1200.5 » or « 40 % »; nothing is no number. Raises ValidationError for what is none."""
    typed = re.sub(r"[\s\u00a0\u202f]", "", text).replace(",", ".")
    if not typed:
        return None
    try:
        value = Decimal(typed.removesuffix("%"))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise ValidationError(_("« %(text)s » n'est pas un nombre.") % {"text": text[:40]})
    return value
