"""False doubles: said once by staff, remembered, taken back."""

import datetime as dt

import pytest
from django.urls import reverse

from partners import distinctions, duplicates, merging
from partners.models import OrganizationDistinction
from tests.factories import OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 3, 2, 14, 0, tzinfo=dt.UTC)


@pytest.fixture
def staff():
    return UserFactory(name="Alice", is_staff=True, is_superuser=True)


@pytest.fixture
def pair():
    return OrganizationFactory(name="Marché du Nord"), OrganizationFactory(name="Marchés du Nord")


def named(organization):
    return duplicates.Named(organization.name, pk=organization.pk)


def are_alike(pair):
    first, second = pair
    told = {frozenset((p.first.pk, p.second.pk)) for p in duplicates.pairs()}
    return (
        frozenset((first.pk, second.pk)) in told,
        [o.pk for o, _likeness in duplicates.like(named(first))] == [second.pk],
        [o.pk for o, _likeness in duplicates.like(named(second))] == [first.pk],
    )


def test_two_set_apart_are_told_no_more_from_either_side(pair, staff):
    assert are_alike(pair) == (True, True, True)

    row = distinctions.set_apart(first=pair[1], second=pair[0], by=staff, at=NOW)

    assert are_alike(pair) == (False, False, False)
    assert (row.by, row.at) == (staff, NOW)


def test_said_twice_in_whichever_order_it_is_one_word(pair, staff):
    other = UserFactory(is_staff=True, is_superuser=True)
    first = distinctions.set_apart(first=pair[0], second=pair[1], by=staff, at=NOW)

    again = distinctions.set_apart(first=pair[1], second=pair[0], by=other, at=NOW)

    assert (again.pk, again.by) == (first.pk, staff)


def test_taken_back_they_may_be_doubles_again_and_it_is_remembered(pair, staff):
    row = distinctions.set_apart(first=pair[0], second=pair[1], by=staff, at=NOW)

    assert distinctions.bring_back(distinction=row, by=staff, at=NOW)
    assert not distinctions.bring_back(distinction=row, by=staff, at=NOW + dt.timedelta(days=1))

    row.refresh_from_db()
    assert are_alike(pair) == (True, True, True)
    assert (row.undone_by, row.undone_at) == (staff, NOW)


def test_only_staff_say_so(pair, staff):
    row = distinctions.set_apart(first=pair[0], second=pair[1], by=staff, at=NOW)
    partner = UserFactory()

    with pytest.raises(distinctions.DistinctionRefused):
        distinctions.set_apart(first=pair[0], second=OrganizationFactory(), by=partner, at=NOW)
    with pytest.raises(distinctions.DistinctionRefused):
        distinctions.bring_back(distinction=row, by=partner, at=NOW)

    assert OrganizationDistinction.objects.in_force().get() == row


def test_a_merge_carries_along_what_was_said_of_the_one_that_goes(pair, staff):
    kept, absorbed = pair
    third = OrganizationFactory(name="Marché du Sud")
    fourth = OrganizationFactory(name="Marché de l'Est")
    for first, second in ((absorbed, third), (kept, third), (fourth, absorbed), (kept, absorbed)):
        distinctions.set_apart(first=first, second=second, by=staff, at=NOW)

    merging.merge(kept=kept, absorbed=absorbed, by=staff, at=NOW)

    assert distinctions.pairs_apart() == {(kept.pk, third.pk), (kept.pk, fourth.pk)}


def test_the_desk_sets_apart_and_brings_back(admin_client, pair):
    doubles = reverse("admin:partners_organization_doubles")
    address = reverse("admin:partners_organization_set_apart", args=[row.pk for row in pair])
    assert address in admin_client.get(doubles).content.decode()

    said = admin_client.post(address, follow=True)

    row = OrganizationDistinction.objects.get()
    back = reverse("admin:partners_organization_bring_back", args=(row.pk,))
    assert address not in said.content.decode()
    assert back in said.content.decode()
    assert are_alike(pair) == (False, False, False)
    admin_client.post(back)
    assert are_alike(pair) == (True, True, True)


def test_a_link_alone_sets_nothing_apart(admin_client, pair):
    address = reverse("admin:partners_organization_set_apart", args=[row.pk for row in pair])

    assert admin_client.get(address).status_code == 403
    assert not OrganizationDistinction.objects.exists()
