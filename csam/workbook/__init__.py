"""The plan as a workbook: exporting it, and importing it back with a preview."""
