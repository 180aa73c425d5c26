"""How partners register projects and the council decides: the one way from what they write to what is public."""
