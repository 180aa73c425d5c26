"""An undefined variable printed by one of our templates is a mistake; elsewhere (the admin) it is a habit."""

import sys

from django.conf import settings
from django.template.base import Node


class UndefinedVariable(Exception):
    """Raised by the template, with its name and the variable."""


class FailOnUndefined(str):
    """Given to the engine as `string_if_invalid`, which it formats with the name of the variable."""

    def __contains__(self, key):
        return key == "%s"

    def __mod__(self, variable):
        origin = rendering_template()
        if origin.startswith(str(settings.BASE_DIR)) and ".venv" not in origin:
            raise UndefinedVariable(f"{origin}: {variable}")
        return ""


def rendering_template():
    frame = sys._getframe()
    while frame:
        node = frame.f_locals.get("self")
        if frame.f_code.co_name == "render_annotated" and isinstance(node, Node):
            return str(getattr(node, "origin", ""))
        frame = frame.f_back
    return ""
