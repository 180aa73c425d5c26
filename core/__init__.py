"""What every app may use and that knows none of them: words, dates, search, page context."""
