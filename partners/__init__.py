"""People, their organisations, and the territories of the agglomeration."""
