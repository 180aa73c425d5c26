"""Real rows for tests: minimal, valid, without surprises."""

import datetime as dt
import hashlib
from unittest import mock

import factory
from django.core.files.base import ContentFile
from django.utils import timezone
from factory.django import DjangoModelFactory

from csam.documents import editions
from csam.documents.collecting import collect
from csam.documents.models import Document
from indicators.models import (
    CommonTarget,
    Contribution,
    Indicator,
    IndicatorDefinition,
    Measurement,
)
from partners.models import Membership, Organization, Territory, User
from plans.models import (
    CrossCuttingIssue,
    Milestone,
    Objective,
    Orientation,
    Plan,
    PlanningPhase,
    ProcessFigure,
)
from projects.models import (
    Deliverable,
    Project,
    ProjectFoodChainLink,
    ProjectObjective,
    ProjectPartner,
    Registration,
)
from projects.registrations.content import empty


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"personne{n}@example.org")
    name = factory.Sequence(lambda n: f"Personne {n}")
    password = factory.django.Password("mot-de-passe-de-test")


class TerritoryFactory(DjangoModelFactory):
    class Meta:
        model = Territory

    code = factory.Sequence(lambda n: f"T{n:03}")
    name = factory.Sequence(lambda n: f"Territoire {n}")
    slug = factory.Sequence(lambda n: f"territoire-{n}")
    kind = Territory.Kind.BOROUGH
    abbreviation = factory.Sequence(lambda n: f"T{n}")
    latitude = "45.52609"
    longitude = "-73.58075"
    sort_key = factory.Sequence(lambda n: f"territoire{n:03}")


class OrganizationFactory(DjangoModelFactory):
    class Meta:
        model = Organization

    name = factory.Sequence(lambda n: f"Organisation {n}")
    slug = factory.Sequence(lambda n: f"organisation-{n}")
    sector = Organization.Sector.COMMUNITY
    stage = Organization.Stage.VERIFIED


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    organization = factory.SubFactory(OrganizationFactory)


class PlanFactory(DjangoModelFactory):
    class Meta:
        model = Plan

    slug = factory.Sequence(lambda n: f"plan-{n}")
    title_fr = factory.Sequence(lambda n: f"Plan d'action intégré {n}")
    first_year = 2020
    last_year = 2022
    stage = Plan.Stage.UNDER_WAY


class OrientationFactory(DjangoModelFactory):
    class Meta:
        model = Orientation

    plan = factory.SubFactory(PlanFactory)
    number = factory.Sequence(lambda n: n + 1)
    title_fr = factory.Sequence(lambda n: f"Orientation {n}")


class ObjectiveFactory(DjangoModelFactory):
    class Meta:
        model = Objective

    orientation = factory.SubFactory(OrientationFactory)
    number = factory.Sequence(lambda n: n + 1)
    title_fr = factory.Sequence(lambda n: f"Objectif {n}")


class CrossCuttingIssueFactory(DjangoModelFactory):
    class Meta:
        model = CrossCuttingIssue

    plan = factory.SubFactory(PlanFactory)
    number = factory.Sequence(lambda n: n + 1)
    title_fr = factory.Sequence(lambda n: f"Enjeu {n}")


class PlanningPhaseFactory(DjangoModelFactory):
    class Meta:
        model = PlanningPhase

    plan = factory.SubFactory(PlanFactory)
    number = factory.Sequence(lambda n: n + 1)
    title_fr = factory.Sequence(lambda n: f"Phase {n}")


class ProcessFigureFactory(DjangoModelFactory):
    class Meta:
        model = ProcessFigure

    plan = factory.SubFactory(PlanFactory)
    position = factory.Sequence(lambda n: n + 1)
    value = 170
    label_fr = "partenaires au Forum"


class MilestoneFactory(DjangoModelFactory):
    class Meta:
        model = Milestone

    plan = factory.SubFactory(PlanFactory)
    happened_on = "2018-10-16"
    title_fr = factory.Sequence(lambda n: f"Jalon {n}")


class ProjectFactory(DjangoModelFactory):
    """A published project with its primary objective and its lead: ``ProjectFactory(objective=…,
    lead=…)``.
    """

    class Meta:
        model = Project
        skip_postgeneration_save = True

    plan = factory.SubFactory(PlanFactory)
    title_fr = factory.Sequence(lambda n: f"Projet {n}")
    slug = factory.Sequence(lambda n: f"projet-{n}")
    summary_fr = "Un résumé."

    @factory.post_generation
    def objective(self, create, extracted, **kwargs):
        if extracted:
            ProjectObjective.objects.create(project=self, objective=extracted, is_primary=True)

    @factory.post_generation
    def lead(self, create, extracted, **kwargs):
        if extracted:
            ProjectPartner.objects.create(project=self, organization=extracted, role=ProjectPartner.Role.LEAD)

    @factory.post_generation
    def territories(self, create, extracted, **kwargs):
        if extracted:
            self.territories.set(extracted)


class ProjectObjectiveFactory(DjangoModelFactory):
    class Meta:
        model = ProjectObjective

    project = factory.SubFactory(ProjectFactory)
    objective = factory.SubFactory(ObjectiveFactory)


class ProjectPartnerFactory(DjangoModelFactory):
    class Meta:
        model = ProjectPartner

    project = factory.SubFactory(ProjectFactory)
    organization = factory.SubFactory(OrganizationFactory)


class ProjectFoodChainLinkFactory(DjangoModelFactory):
    class Meta:
        model = ProjectFoodChainLink

    project = factory.SubFactory(ProjectFactory)
    link = "production"


class DeliverableFactory(DjangoModelFactory):
    class Meta:
        model = Deliverable

    project = factory.SubFactory(ProjectFactory)
    number = factory.Sequence(lambda n: n + 1)
    title_fr = factory.Sequence(lambda n: f"Livrable {n}")


#: What a definition says, as an indicator's factory takes it.
DEFINITION = tuple(
    f.name for f in IndicatorDefinition._meta.fields if f.name not in ("id", "indicator", "state")
)


class IndicatorFactory(DjangoModelFactory):
    """An indicator with its definition in force: ``IndicatorFactory(project=…, target=80)``, or without one:
    ``defined=False``.
    """

    class Meta:
        model = Indicator
        skip_postgeneration_save = True

    project = factory.SubFactory(ProjectFactory)
    slug = factory.Sequence(lambda n: f"indicateur-{n}")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        defined = kwargs.pop("defined", True)
        content = {name: kwargs.pop(name) for name in DEFINITION if name in kwargs}
        indicator = super()._create(model_class, *args, **kwargs)
        if defined:
            indicator.definition = IndicatorDefinitionFactory(
                indicator=indicator, state=IndicatorDefinition.State.APPROVED, **content
            )
            indicator.save()
            Indicator.objects.filter(pk=indicator.pk).reindex()
        return indicator


class IndicatorDefinitionFactory(DjangoModelFactory):
    """Twenty to a hundred meals, from the end of 2024 to that of 2028."""

    class Meta:
        model = IndicatorDefinition

    title_fr = factory.Sequence(lambda n: f"Indicateur {n}")
    unit_fr = "repas"
    baseline = 20
    baseline_on = dt.date(2024, 12, 31)
    target = 100
    target_on = dt.date(2028, 12, 31)


class MeasurementFactory(DjangoModelFactory):
    class Meta:
        model = Measurement

    indicator = factory.SubFactory(IndicatorFactory)
    definition = factory.SelfAttribute("indicator.definition")
    measured_on = dt.date(2026, 12, 31)
    value = 60
    state = Measurement.State.ACCEPTED


class CommonTargetFactory(DjangoModelFactory):
    class Meta:
        model = CommonTarget

    plan = factory.SubFactory(PlanFactory)
    slug = factory.Sequence(lambda n: f"cible-{n}")
    title_fr = factory.Sequence(lambda n: f"Cible {n}")
    unit_fr = "repas"
    target = 1000
    baseline_on = dt.date(2024, 12, 31)
    target_on = dt.date(2028, 12, 31)

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        target = super()._create(model_class, *args, **kwargs)
        CommonTarget.objects.filter(pk=target.pk).reindex()
        return target


class ContributionFactory(DjangoModelFactory):
    class Meta:
        model = Contribution

    common_target = factory.SubFactory(CommonTargetFactory)
    indicator = factory.SubFactory(IndicatorFactory)
    project = factory.SelfAttribute("indicator.project")


class RegistrationFactory(DjangoModelFactory):
    """A draft with nothing in it; ``tests.projects.registrations`` fills and moves them."""

    class Meta:
        model = Registration

    plan = factory.SubFactory(PlanFactory, stage=Plan.Stage.CALL_OPEN)
    organization = factory.SubFactory(OrganizationFactory)
    created_by = factory.SubFactory(UserFactory)
    content = factory.LazyFunction(empty)


def publish_document(plan, kind="synthesis", language="fr"):
    """A published document: its content is the real one, its PDF a stand-in."""
    today = timezone.localdate()
    content = collect(plan=plan, kind=kind, language=language, on=today, full=kind == "full")
    made = Document(plan=plan, kind=kind, language=language, requested_at=timezone.now())
    made.file.save(f"{kind}-{language}.pdf", ContentFile(b"%PDF-1.7 " + b"x" * 500), save=False)
    made.content.save(f"{kind}-{language}.json.gz", ContentFile(content.to_bytes()), save=False)
    made.state, made.pages, made.size, made.checksum = Document.State.READY, 34, 1_234_567, "c" * 64
    made.data_as_of, made.finished_at, made.published_at = today, timezone.now(), timezone.now()
    made.save()


def publish_edition(plan, languages=("fr", "en"), period=None, at=None):
    """A published edition, of a period where one is given: its data are the real ones, its PDFs stand-ins."""
    at = at or timezone.now()
    with mock.patch("csam.documents.bells.ring"):
        edition = editions.prepare(plan=plan, period=period, languages=languages, by=None, at=at)
    for document in edition.documents.all():
        pdf = b"%PDF-1.7 " + b"x" * 500
        document.file.save(f"edition-{document.kind}-{document.language}.pdf", ContentFile(pdf), save=False)
        document.state, document.pages, document.size = Document.State.READY, 34, len(pdf)
        document.checksum, document.finished_at = hashlib.sha256(pdf).hexdigest(), timezone.now()
        document.save()
    editions.publish(edition=edition, by=None, at=timezone.now())
    return edition
