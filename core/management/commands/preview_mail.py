"""Shows what the portal writes to people, without sending anything."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from core.mailing import EVENTS, render


class Command(BaseCommand):
    help = "List the events told by mail, or print one letter with invented data (--html for its page)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("event", nargs="?", help="the name of an event; without it, the list of them")
        parser.add_argument("--language", choices=["fr", "en"], default="fr")
        parser.add_argument("--html", action="store_true", help="the page rather than the text")

    def handle(self, *, event: str | None, language: str, html: bool, **_options: Any) -> None:
        if event is None:
            with translation.override(language):
                for name, declared in sorted(EVENTS.items()):
                    self.stdout.write(f"{name:32} {declared.label}")
            return
        if event not in EVENTS:
            raise CommandError(f"There is no event {event}. Known: {', '.join(sorted(EVENTS))}.")
        with translation.override(language):
            letter = EVENTS[event](**EVENTS[event].sample())
        rendered = render(letter, language)
        self.stdout.write(rendered.html if html else f"{rendered.subject}\n\n{rendered.text}")
