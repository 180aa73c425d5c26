"""Progress reports: what projects report of a period, from its opening to what the public reads."""
