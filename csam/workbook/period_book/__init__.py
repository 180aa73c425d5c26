"""The reports of a period as a workbook: downloaded, filled offline, handed in with a preview."""
