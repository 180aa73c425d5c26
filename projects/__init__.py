"""Projects of a plan: what the public reads."""
