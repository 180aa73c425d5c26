"""« Comment c'est calculé »: the steps from the values to the status, with the reader's own numbers."""

from __future__ import annotations

from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.partial_dates import PartialDate
from indicators.progress import Aim, Progress
from indicators.vocabulary import Kind, Status

#: A step: what is computed, and how.
Step = tuple[str, str]


def figure(value: Decimal | None, decimals: int = 0, unit: str = "") -> str:
    """A value in the reader's language, with its unit; a dash where there is none, which is not zero."""
    if value is None:
        return "–"
    text = number_format(value, decimals, use_l10n=True, force_grouping=True).replace("-", "−")
    if unit == "%":
        return _("%(number)s %%") % {"number": text}
    return f"{text} {unit}".strip()


def steps(aim: Aim, progress: Progress, *, decimals: int = 0, unit: str = "") -> list[Step]:
    """Each step with its numbers, in the reader's language; what cannot be computed says why."""
    return [
        *_value_step(aim, progress, decimals, unit),
        *_percent_steps(aim, progress, decimals, unit),
        (_("État"), _REASONS[progress.status]()),
    ]


def _value_step(aim: Aim, progress: Progress, decimals: int, unit: str) -> list[Step]:
    if progress.value is None or progress.value_on is None:
        return []
    how = {
        Kind.INCREMENT: _("la valeur de départ plus la somme des valeurs rapportées"),
        Kind.RATIO: _("100 fois la somme des numérateurs, divisée par la somme des dénominateurs"),
        Kind.RUNNING_TOTAL: _("le dernier total cumulé"),
        Kind.MILESTONE: _("la dernière étape franchie"),
    }.get(Kind(aim.kind), _("la dernière valeur rapportée"))
    value = figure(progress.value, decimals, unit)
    on = PartialDate(progress.value_on).format()
    text = _("%(how)s : %(value)s, au %(on)s.") % {"how": how, "value": value, "on": on}
    return [(_("Valeur courante"), text)]


def _percent_steps(aim: Aim, progress: Progress, decimals: int, unit: str) -> list[Step]:
    if progress.kept is not None:
        text = ngettext(
            "la valeur est restée entre les limites %(kept)d fois sur %(reported)d.",
            "la valeur est restée entre les limites %(kept)d fois sur %(reported)d.",
            progress.kept,
        ) % {"kept": progress.kept, "reported": progress.reported}
        return [(_("Maintien"), text)]
    if progress.percent is None or progress.value is None:
        return []
    base = progress.path[0].value if progress.path else aim.baseline or Decimal(0)
    target = progress.path[-1].value if progress.path else aim.target
    found = [
        (
            _("Chemin fait"),
            _("100 × (valeur − départ) ÷ (cible − départ) = 100 × (%(v)s − %(b)s) ÷ (%(t)s − %(b)s) = %(p)s")
            % {
                "v": _plain(progress.value, decimals),
                "b": _plain(base, decimals),
                "t": _plain(target, decimals),
                "p": figure(progress.percent, 1, "%"),
            },
        )
    ]
    if progress.expected is None:
        return found
    expected = _(
        "une ligne droite du départ à la cible, par les cibles intermédiaires : %(value)s, soit %(percent)s."
    )
    if aim.kind == Kind.MILESTONE:
        expected = _("les étapes dont la date est passée : %(value)s, soit %(percent)s.")
    found.append(
        (
            _("Attendu à cette date"),
            expected
            % {
                "value": figure(progress.expected_value, max(decimals, 1), unit),
                "percent": figure(progress.expected, 1, "%"),
            },
        )
    )
    if progress.ratio is not None:
        found.append(
            (
                _("Rapport"),
                _("chemin fait ÷ attendu = %(ratio)s") % {"ratio": figure(progress.ratio, 2)},
            )
        )
    return found


def _plain(value: Decimal | None, decimals: int) -> str:
    """A number within a formula: negative ones between parentheses."""
    text = figure(value, decimals)
    return f"({text})" if text.startswith("−") else text


_REASONS = {
    Status.ACHIEVED: lambda: _("atteint : la cible est rejointe ou dépassée."),
    Status.ON_TRACK: lambda: _("en bonne voie : au moins 85 % de ce qui est attendu à cette date."),
    Status.AT_RISK: lambda: _("à surveiller : entre 60 % et 85 % de ce qui est attendu, ou un écart toléré."),
    Status.BEHIND: lambda: _("en retard : moins de 60 % de ce qui est attendu, ou hors des limites."),
    Status.REGRESSING: lambda: _("en recul : la valeur s'éloigne de la cible par rapport au départ."),
    Status.NOT_ACHIEVED: lambda: _("non atteint : la date de la cible est passée."),
    Status.TOO_EARLY: lambda: _("trop tôt pour le dire : moins de 10 % du chemin est attendu à cette date."),
    Status.OBSERVED: lambda: _("suivi sans cible chiffrée : il n'y a pas de pourcentage à calculer."),
    Status.NO_DATA: lambda: _("sans donnée : aucune valeur n'est acceptée. Ce n'est pas zéro."),
    Status.NO_BASELINE: lambda: _("sans valeur de départ : le chemin fait ne se calcule pas encore."),
    Status.NO_TARGET: lambda: _("sans cible datée : il n'y a pas de chemin à mesurer."),
    Status.REFUSED: lambda: _(
        "la cible et la valeur de départ ne permettent pas de calcul : la définition est à revoir."
    ),
}
