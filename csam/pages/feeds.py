"""The Atom feed of new and changed projects."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.translation import SOURCE_LANGUAGE
from core.typography import typeset
from projects.models import Project


class LatestProjects(Feed):
    """The projects last published or changed.

    An entry keeps its identifier (a tag URI, RFC 4151) through every change, so that readers tell a change
    from a new project.
    """

    feed_type = Atom1Feed
    length = 50

    def title(self) -> str:
        return _set(_("Plan d'action intégré : projets nouveaux ou modifiés"))

    def subtitle(self) -> str:
        text = _("Ce que les partenaires du système alimentaire montréalais entreprennent.")
        if Project.objects.published().filter(is_demonstration=True).exists():
            text = f"{text} {_('Données de démonstration.')}"
        return _set(text)

    def link(self) -> str:
        return reverse("projects:list")

    def feed_url(self) -> str:
        return reverse("pages:feed")

    def feed_guid(self) -> str:
        return _tag("projets")

    def author_name(self) -> str:
        return "Conseil du Système alimentaire montréalais"

    def feed_copyright(self) -> str:
        return _("Contenu sous licence CC BY 4.0.")

    def items(self) -> QuerySet[Project]:
        return (
            Project.objects.published()
            .without_search_columns()
            .prefetch_related("objective_ties__objective__orientation")
            .order_by("-updated_at", "-pk")[: self.length]
        )

    def item_title(self, item: Project) -> str:
        return _set(item.title)

    def item_description(self, item: Project) -> str:
        return escape(_set(item.summary))

    def item_guid(self, item: Project) -> str:
        return _tag(f"projets/{item.slug}")

    def item_pubdate(self, item: Project) -> dt.datetime:
        return item.published_at

    def item_updateddate(self, item: Project) -> dt.datetime:
        return max(item.updated_at, item.published_at)

    def item_categories(self, item: Project) -> list[str]:
        categories = [_set(tie.objective.orientation.name) for tie in item.objective_ties.all()]
        if item.is_demonstration:
            categories.append(_("Données de démonstration"))
        return list(dict.fromkeys(categories))


def _language() -> str:
    return (get_language() or SOURCE_LANGUAGE)[:2]


def _set(text: str) -> str:
    return typeset(text, _language())


def _tag(path: str) -> str:
    return f"tag:{urlsplit(settings.SITE_ADDRESS).hostname},2020:{path}/{_language()}"
