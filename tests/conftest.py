"""Fixtures of the whole suite."""

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def in_french():
    """Each test begins in French, whatever language the page before it was in."""
    with translation.override("fr"):
        yield
