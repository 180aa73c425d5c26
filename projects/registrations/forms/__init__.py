"""The steps of a registration as forms: they turn what is typed into a content, and back; the rules of a complete
registration live in :mod:`projects.registrations.completeness` and are only shown here.

Every form is bound, to what was sent or to what is stored. Nothing is required; only what was never offered is
refused.
"""

from projects.registrations.forms.offer import Offer
from projects.registrations.forms.step import StepForm, row_numbers
from projects.registrations.forms.steps import FORMS

__all__ = ["FORMS", "Offer", "StepForm", "row_numbers"]
