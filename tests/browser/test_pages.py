"""Every page of the portal, found from its URL configuration, in a real browser."""

from urllib.request import urlopen

import pytest
from defusedxml.ElementTree import fromstring

from tests.browser import addresses
from tests.browser.markup import faults
from tests.browser.visits import DESK, PHONE, RULES_OF_COLOUR

pytestmark = pytest.mark.same_on_any_database

LANGUAGES = ("fr", "en")
PUBLIC = addresses.examples(addresses.PUBLIC_PAGES)
#: Pages that are set by the same templates as another one.
TWINS = ("documents:edition_read", "documents:period_edition_read")
#: Each page in both languages; further examples of a page in French alone.
IN_BOTH_LANGUAGES = [
    (name, number, language)
    for language in LANGUAGES
    for name, number in PUBLIC
    if language == "fr" or not number
]
MEMBER = [
    (name, number, language)
    for language in LANGUAGES
    for name, number in addresses.examples(addresses.MEMBER_PAGES)
    if language == "fr" or not number
]
STAFF = addresses.examples(addresses.STAFF_PAGES)

#: What Django's own forms of the admin break: the empty head of a column, a help text named on a plain span.
STOCK_FORMS = ("empty-table-header", "aria-prohibited-attr")


def test_every_address_has_an_example():
    """A new page fails here until tests/browser/addresses.py says how to visit it."""
    tables = (addresses.PUBLIC_PAGES, addresses.MEMBER_PAGES, addresses.STAFF_PAGES, addresses.FILES)
    known = {
        name for table in (*tables, addresses.NO_PAGE) for name in table if not name.startswith("admin:")
    }

    assert addresses.names() == known


@pytest.mark.parametrize(("name", "number", "language"), IN_BOTH_LANGUAGES)
def test_a_public_page(visitors, name, number, language):
    """The first example of a page in French also in the dark, by keyboard alone, and without scripts."""
    visitor = visitors()
    address = addresses.address_of(name, number, language)
    is_first = language == "fr" and not number and name not in TWINS

    answer = visitor.open(address)
    text = visitor.page.locator("main").inner_text()
    found = look_at(visitor, answer, language, in_the_dark=is_first)
    if is_first:
        found += [f"by keyboard: {complaint}" for complaint in walk(visitor)]
        found += [f"by keyboard: {line}" for line in visitor.noted if line not in found]

    assert answer.status == 200
    assert found == []
    if is_first:
        assert text_without_scripts(visitors, address) == text != ""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("address", "status"), addresses.MISTAKES)
def test_a_page_about_a_mistake(visitors, address, status, language):
    visitor = visitors()
    prefix = "/" if language == "fr" else "/en/"

    answer = visitor.open(prefix + address)

    assert answer.status == status
    assert look_at(visitor, answer, language) == []


@pytest.mark.parametrize(("name", "number", "language"), MEMBER)
def test_a_page_for_members(signed_in, name, number, language):
    answer = signed_in.open(addresses.address_of(name, number, language))

    assert answer.status == 200
    assert look_at(signed_in, answer, language) == []


@pytest.mark.parametrize(("name", "number"), STAFF)
def test_a_page_of_the_desk(signed_in, name, number):
    answer = signed_in.open(addresses.address_of(name, number), width=DESK)

    is_stock = name.endswith(("_add", "_change")) and not name.endswith("registration_change")
    found = signed_in.axe(without=STOCK_FORMS if is_stock else ())
    if not is_stock:  # the forms of Django's own have one dress, which the lists show in the dark
        signed_in.turn("dark")
        found += signed_in.axe(only=RULES_OF_COLOUR)

    assert answer.status == 200
    assert found + signed_in.noted == []


@pytest.mark.parametrize("name", addresses.FILES)
def test_a_file(site, name):
    parameters, content_type = addresses.FILES[name]

    with urlopen(site + addresses.reverse_in("fr", name, parameters)) as answer:
        body, headers = answer.read(), answer.headers

    assert body
    assert headers.get_content_type() == content_type
    if content_type.endswith("xml"):
        assert len(fromstring(body)) > 0


def look_at(visitor, answer, language, *, in_the_dark=True):
    """All that is wrong with a page that was just opened.

    A French page by all rules of axe on a light phone, and by those of colour at a dark desk; an English one, which
    has the same style sheets, by all rules but those of colour on a dark phone, and for its width at a light desk.
    """
    found = [f"markup: {fault}" for fault in faults(answer.text())]
    if language == "fr":
        looks = (("light", PHONE, {}), ("dark", DESK, {"only": RULES_OF_COLOUR} if in_the_dark else None))
    else:
        looks = (("dark", PHONE, {"without": RULES_OF_COLOUR}), ("light", DESK, None))
    for theme, width, rules in looks:
        visitor.page.set_viewport_size(width)
        visitor.turn(theme)
        found += [f"{width['width']} px: {complaint}" for complaint in visitor.check("fits")]
        if rules is not None:
            found += [f"{width['width']} px, {theme}: {line}" for line in visitor.axe(**rules)]
    return found + visitor.noted


@pytest.fixture
def signed_in(visitors, session_cookie):
    return visitors(cookie=tuple(session_cookie.items()))


# Without a pointer, without scripts -------------------------------------------------------------------------


def walk(visitor):
    """From the top to the end of an open page by Tab: everything in its order, marked when it has the focus, and
    no trap. At a desk, where menu and filters lie open: there is the most to reach.
    """
    visitor.page.set_viewport_size(DESK)
    visitor.turn("light")
    for _ in range(visitor.check("listen") + 1):
        visitor.page.keyboard.press("Tab")
    return visitor.page.evaluate("checks.walked()")


def text_without_scripts(visitors, address):
    visitor = visitors(scripts=False)
    visitor.open(address)
    return visitor.page.locator("main").inner_text()
