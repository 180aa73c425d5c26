import pytest

from plans.cycle import cycle_of
from plans.models import Plan


@pytest.mark.parametrize(
    ("stage", "states"),
    [
        (Plan.Stage.PREPARATION, ["current", "to-come", "to-come", "to-come"]),
        (Plan.Stage.CALL_OPEN, ["done", "current", "to-come", "to-come"]),
        (Plan.Stage.UNDER_WAY, ["done", "done", "current", "to-come"]),
        (Plan.Stage.CLOSED, ["done", "done", "done", "current"]),
    ],
)
def test_the_step_of_a_plan_follows_its_stage(stage, states):
    steps = cycle_of(Plan(stage=stage, first_year=2020, last_year=2022))

    assert [step.state for step in steps] == states
    assert "2020" in steps[2].detail and "2022" in steps[2].detail
