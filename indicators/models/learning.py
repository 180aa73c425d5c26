"""What projects learned: the passage of an accepted report that serves others, kept so that it can be searched."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.searchable import Searchable, SearchableQuerySet
from core.translation import text_and_language, translated
from indicators.models.report import ProgressReport
from projects.models import Project, is_published


class LearningQuerySet(SearchableQuerySet):
    def published(self) -> Self:
        """Those of published projects: a row is written when its report is accepted, and only then."""
        return self.filter(is_published("report__project__"))

    def of_projects(self, projects: models.QuerySet[Project]) -> Self:
        return self.filter(report__project__in=projects.order_by().values("pk"))

    def latest_first(self) -> Self:
        end = Coalesce(F("report__period__ends_on"), F("report__own_ends_on"))
        return self.order_by(end.desc(), "-report_id")


class Learning(Searchable):
    """One per report whose accepted version says what was learned; rewritten when a correction is accepted."""

    report = models.OneToOneField(
        ProgressReport, models.CASCADE, verbose_name=_("bilan"), related_name="learning"
    )
    text = translated(models.TextField(_("ce que le projet a appris"), blank=True))

    objects = LearningQuerySet.as_manager()

    titled_by = "report__project"

    class Meta:
        verbose_name = _("apprentissage")
        verbose_name_plural = _("apprentissages")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return str(self.report)

    def get_absolute_url(self) -> str:
        """Leads to its place in the list, whichever page of it that is by then."""
        return reverse("indicators:learning", kwargs={"report": self.report_id})

    @property
    def is_demonstration(self) -> bool:
        return self.report.project.is_demonstration

    @property
    def is_only_english(self) -> bool:
        return not text_and_language(self, "text", "fr")[0]

    def passage(self, language: str) -> tuple[str, str]:
        """What was learned and the language it is in: the one asked for, else the one it was written in."""
        return text_and_language(self, "text", "en" if self.is_only_english else language)

    def search_parts(self, language: str) -> tuple[str, str]:
        return "", self.passage(language)[0]
