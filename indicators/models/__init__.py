from indicators.models.context import ContextIndicator, ContextValue
from indicators.models.indicator import (
    BreakdownCategory,
    Indicator,
    IndicatorDefinition,
    InterimTarget,
)
from indicators.models.learning import Learning
from indicators.models.measurement import BreakdownValue, Measurement
from indicators.models.reminder import ReportReminder, Unsubscription
from indicators.models.report import (
    ProgressReport,
    ReportActivity,
    ReportingPeriod,
    ReportVersion,
)
from indicators.models.target import CommonTarget, Contribution

__all__ = [
    "BreakdownCategory",
    "BreakdownValue",
    "CommonTarget",
    "ContextIndicator",
    "ContextValue",
    "Contribution",
    "Indicator",
    "IndicatorDefinition",
    "InterimTarget",
    "Learning",
    "Measurement",
    "ProgressReport",
    "ReportActivity",
    "ReportReminder",
    "ReportVersion",
    "ReportingPeriod",
    "Unsubscription",
]
