"""Pages of the portal itself: home, search, documents about the site, sitemap, feeds."""
