"""What people do on the pages: by keyboard, on a phone, without scripts, on a slow line."""

import pytest
from django.core.management import call_command
from django.test import override_settings

from tests.browser import addresses
from tests.browser.conftest import served
from tests.browser.visits import DESK, Visitor

pytestmark = pytest.mark.same_on_any_database

LIGHT_PAGES = ["pages:home", "plans:plan", "projects:list", "projects:map", "projects:detail"]
MOST_BYTES = 150_000

COMPRESSED = "whitenoise.storage.CompressedManifestStaticFilesStorage"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_the_skip_link_leads_past_the_menu(visitors, scripts):
    visitor = visitors(scripts=scripts)
    visitor.open("/", width=DESK)
    page = visitor.page

    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    shown = skip.bounding_box()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert shown["y"] >= 0
    assert page.locator("main :focus").count() == 1


def test_the_menu_of_a_phone_opens_without_scripts_and_by_keyboard(visitors):
    visitor = visitors(scripts=False)
    visitor.open("/")
    page = visitor.page
    link = page.get_by_role("navigation", name="Principale").get_by_role("link", name="Projets")
    before = link.is_visible()

    page.locator(".site-menu summary").focus()
    page.keyboard.press("Enter")

    assert (before, link.is_visible()) == (False, True)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_filters_narrow_the_list(visitors, scripts):
    visitor = visitors(scripts=scripts)
    visitor.open("/projets/", width=DESK)
    page = visitor.page
    before = page.locator("[data-live] .card, .card-grid > li").count()

    page.locator("form[data-live-filters] input[name=q]").fill("marché")
    if not scripts:
        page.locator("form[data-live-filters] input[name=q]").press("Enter")
    page.wait_for_url("**/projets/?*q=march*")
    page.wait_for_load_state()

    assert 0 < page.locator(".card-grid > li").count() < before


def test_the_choice_of_a_theme_stays(visitors):
    visitor = visitors()
    visitor.open("/")
    page = visitor.page
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)

    page.locator("#theme").select_option("dark")
    visitor.open("/plans/")
    dark = page.evaluate(ground)
    page.locator("#theme").select_option("auto")

    assert light != dark == "rgb(28, 21, 32)"
    assert page.evaluate(ground) == light


@pytest.fixture(scope="module")
def as_in_production(site, tmp_path_factory):
    """A portal whose static files were collected, named by content and compressed; gzip is all that Chromium
    asks for over plain HTTP.
    """
    storages = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": COMPRESSED},
    }
    with override_settings(
        STORAGES=storages,
        STATIC_ROOT=tmp_path_factory.mktemp("static"),
        WHITENOISE_AUTOREFRESH=False,
        WHITENOISE_USE_FINDERS=False,
    ):
        call_command(
            "collectstatic", interactive=False, verbosity=0, ignore_patterns=["admin", "rest_framework"]
        )
        with served() as address:
            yield address


@pytest.mark.parametrize("name", LIGHT_PAGES)
def test_a_first_visit_is_light(browser, as_in_production, name):
    visitor = Visitor(browser, as_in_production)
    weights = {}
    line = visitor.context.new_cdp_session(visitor.page)
    line.send("Network.enable")
    line.on(
        "Network.responseReceived",
        lambda told: weights.setdefault(told["requestId"], told["response"]["url"]),
    )
    sizes = {}
    line.on(
        "Network.loadingFinished", lambda told: sizes.update({told["requestId"]: told["encodedDataLength"]})
    )

    visitor.open(addresses.address_of(name), width=DESK)
    visitor.page.wait_for_load_state("networkidle")
    visitor.close()

    carried = {weights[request]: size for request, size in sizes.items() if request in weights}
    assert any(address.endswith(".woff2") for address in carried)
    assert sum(carried.values()) < MOST_BYTES, carried
