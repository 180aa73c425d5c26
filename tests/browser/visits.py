"""A person who looks at the portal in a browser, and all that is wrong with what they see."""

from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT

CHECKS = (Path(__file__).parent / "checks.js").read_text()
#: The rules of axe that a page keeps or breaks by its theme.
RULES_OF_COLOUR = ("color-contrast", "link-in-text-block")

#: What a browser complains of by itself: a status above 399, which is looked at where it is expected; a font that was
#: preloaded, but was still there from the page before.
_USUAL = ("Failed to load resource", "was preloaded using link preload but not used")

PATIENCE = 120_000  # milliseconds: a busy machine is not a fault of the page
PHONE, DESK = {"width": 320, "height": 640}, {"width": 1280, "height": 900}


class Visitor:
    """One page of one browser context, which notes what goes wrong behind it."""

    def __init__(self, browser, site, *, scripts=True, cookie=None):
        self.site = site
        self.context = browser.new_context(
            base_url=site,
            locale="fr-CA",
            viewport=PHONE,
            java_script_enabled=scripts,
            color_scheme="light",
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(PATIENCE)
        if cookie:
            self.context.add_cookies([dict(cookie)])
        self.page = self.context.new_page()
        self.noted = []
        self.page.on("pageerror", lambda error: self.noted.append(f"script: {error}"))
        self.page.on("console", self._hear)
        self.page.on("request", self._see)

    def _hear(self, message):
        if message.type in ("error", "warning") and not any(text in message.text for text in _USUAL):
            self.noted.append(f"console: {message.text}")

    def _see(self, request):
        if not request.url.startswith((self.site + "/", "data:")):
            self.noted.append(f"request to another host: {urlsplit(request.url).netloc}")

    def open(self, address, *, width=PHONE):
        """Visit; returns the answer. What goes wrong from here on is in `noted`."""
        self.page.set_viewport_size(width)
        self.page.emulate_media(color_scheme="light")
        self.noted.clear()
        return self.page.goto(address, wait_until="load")

    def check(self, what, *arguments):
        """One of the functions of checks.js: a list of complaints."""
        self._give(CHECKS, "checks")
        return self.page.evaluate("([what, given]) => checks[what](...given)", [what, list(arguments)])

    def axe(self, *, only=(), without=()):
        """What axe finds, as one line for each element; by some rules `only`, or by all `without` some."""
        self._give(AXE_SCRIPT, "axe")
        # Preloading would copy style sheets into the page, which its policy forbids.
        options = {"resultTypes": ["violations"], "preload": False, "selectors": False, "iframes": False}
        if only:
            options["runOnly"] = {"type": "rule", "values": list(only)}
        options["rules"] = {rule: {"enabled": False} for rule in without}
        found = self.page.evaluate("(options) => axe.run(document, options)", options)
        return [
            f"{violation['id']}: {node['html'][:160]} — {node['failureSummary'].splitlines()[-1].strip()}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    def _give(self, script, name):
        """Let the page have that script, once."""
        if not self.page.evaluate(f"'{name}' in window"):
            self.page.evaluate(script)

    def turn(self, theme):
        """Let the page be light or dark, and wait until its colours have changed."""
        self.page.emulate_media(color_scheme=theme)
        self.page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")

    def close(self):
        self.context.close()
