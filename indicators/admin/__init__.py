"""Indicators, their definitions and measurements, common targets, statistics and progress reports, as staff keep them."""

from indicators.admin import context, definitions, indicators, measurements, reports, targets

__all__ = ["context", "definitions", "indicators", "measurements", "reports", "targets"]
