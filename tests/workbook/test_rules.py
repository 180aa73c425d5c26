from django.db.models import CheckConstraint

from csam.workbook.template import SHEETS

#: Constraints on columns that a workbook does not hold (images, archiving, an organisation's refusal).
ELSEWHERE = {
    "organization_logo_has_alt",
    "project_image_has_alt",
    "project_archived_with_reason",
    "project_partner_one_answer",
}


def test_every_constraint_of_a_row_is_foretold():
    constraints = {
        c.name for sheet in SHEETS for c in sheet.model._meta.constraints if isinstance(c, CheckConstraint)
    }

    assert {rule.constraint for sheet in SHEETS for rule in sheet.rules} == constraints - ELSEWHERE


def test_headings_are_unequivocal():
    for sheet in SHEETS:
        headings = [h for c in sheet.columns for h in {c.fr, c.en}]
        assert len(headings) == len(set(headings))
        assert all(
            sheet.column_for_heading(h).heading("fr") == h or sheet.column_for_heading(h).en == h
            for h in headings
        )
