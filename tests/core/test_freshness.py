import pytest
from django.db import connection, transaction

from core import freshness
from core.freshness import database_mark, kept
from partners.models import Organization
from tests.factories import OrganizationFactory


@pytest.fixture
def settled(monkeypatch):
    """Files count as settled at once; nothing is kept from another test."""
    monkeypatch.setattr(freshness, "SETTLED", 0)
    freshness.forget()


def count():
    return kept("organisations", Organization.objects.count)


@pytest.mark.django_db(transaction=True)
def test_a_result_is_made_once_while_nothing_changes(settled, django_assert_num_queries):
    OrganizationFactory()
    count()

    marks = 1 if connection.vendor == "postgresql" else 0
    with django_assert_num_queries(marks):
        assert count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda: OrganizationFactory(), 2),
        (lambda: Organization.objects.bulk_create([Organization(name="x", slug="x", sector="other")]), 2),
        (lambda: Organization.objects.all().delete(), 0),
        (lambda: connection.cursor().execute("DELETE FROM partners_organization"), 0),
    ],
    ids=["saved", "bulk", "deleted", "SQL"],
)
def test_any_commit_makes_it_again(settled, change, expected):
    OrganizationFactory()
    before = count()

    change()

    assert (before, count()) == (1, expected)


@pytest.mark.django_db(transaction=True)
def test_an_update_in_place_changes_the_mark(settled):
    OrganizationFactory()
    before = database_mark()

    Organization.objects.update(name="Autre nom")

    assert database_mark() not in (None, before)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_kept_inside_a_transaction(settled):
    assert count() == 0

    with transaction.atomic():
        OrganizationFactory()

        assert database_mark() is None
        assert count() == 1


@pytest.mark.django_db(transaction=True)
def test_sqlite_files_that_were_just_written_are_not_relied_on():
    if connection.vendor != "sqlite":
        assert database_mark() is not None
        return

    OrganizationFactory()

    assert database_mark() is None
