"""How the time of each list page grows from 92 projects to 10 000, on the same machine and in the same run.

    python benchmarks/pages.py [--projects 10000] [--runs 15] [--processor]

Prints, for SQLite and for the database of DATABASE_URL when it is set, the time of each page at both
sizes, the number of queries and the ratio. Exits with 1 when a ratio is above three. The databases are
temporary.
"""

from __future__ import annotations

import argparse
import gc
import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 3.0
#: Seconds after which pages may keep what they read: see core/freshness.py.
SETTLE = 1.5

PAGES = {
    "projects": "/projets/",
    "projects, as a list": "/projets/?vue=liste",
    "projects, last page": "/projets/?page=3",
    "projects by title": "/projets/?tri=titre",
    "projects by end": "/projets/?tri=fin",
    "projects, searched": "/projets/?q=marches",
    "projects, searched: two words": "/projets/?q=jardin+ecole",
    "projects, nothing found": "/projets/?q=introuvable",
    "projects, orientation": "/projets/?orientation=1",
    "projects, four filters": "/projets/?orientation=1&orientation=3&enjeu=1&etape=under_way&maillon=production",
    "projects, whole island": "/projets/?territoire=toute-l-ile",
    "projects, sector": "/projets/?secteur=community",
    "projects, a partner's name typed": "/projets/?partenaire_nom=cuisine",
    "projects, in English": "/en/projets/?q=market",
    "map": "/projets/carte/",
    "map, territory": "/projets/carte/?territoire=verdun",
    "map, filtered": "/projets/carte/?orientation=2&q=marches",
    "partners": "/partenaires/",
    "partners, searched": "/partenaires/?q=cuisine",
    "partners, letter": "/partenaires/?lettre=C",
    "partners, sector and territory": "/partenaires/?secteur=community&territoire=ville-marie",
    "search": "/recherche/?q=marches",
    "search, two words": "/recherche/?q=jardin+ecole",
    "search, nothing found": "/recherche/?q=introuvable",
    "learnings": "/apprentissages/",
    "learnings, searched": "/apprentissages/?q=marches",
    "home": "/",
    "plan": "/plans/2020-2022/",
    "orientation": "/plans/2020-2022/orientations/1/",
    "objective": "/plans/2020-2022/objectifs/1.1/",
    "cross-cutting issue": "/plans/2020-2022/enjeux/1/",
    "systemic approach": "/plans/2020-2022/approche/",
    "project": "/projets/{project}/",
    "partner": "/partenaires/{partner}/",
    "documents": "/documents/",
    "sitemap": "/sitemap.xml",
    "sitemap of projects": "/sitemap-projets.xml",
    "feed": "/projets.atom",
}


class Timing(NamedTuple):
    """Milliseconds of a page while nothing changes and right after a change; queries of its first call."""

    warm: float
    changed: float
    queries: int


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    arguments.add_argument("--projects", type=int, default=10_000)
    arguments.add_argument("--runs", type=int, default=15)
    arguments.add_argument(
        "--processor",
        action="store_true",
        help="count the time of the processor, in this process and in PostgreSQL's, and not that of the clock: "
        "for a machine that does other work",
    )
    arguments.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.here:
        global clock
        clock = processor_time if options.processor else time.perf_counter
        return measure(options.projects, options.runs)
    urls = ["", *filter(None, [os.environ.get("DATABASE_URL")])]
    return max([run(url, sys.argv[1:]) for url in urls])


def run(url: str, arguments: list[str]) -> int:
    """Measures on one database, in a process and a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="csam-benchmark-") as folder:
        environment = {**os.environ, "CSAM_MODE": "test", "CSAM_VAR_DIR": folder, "CSAM_LOG_LEVEL": "ERROR"}
        environment.pop("DATABASE_URL", None)
        if url:
            environment["DATABASE_URL"] = url
        command = [sys.executable, __file__, "--here", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def measure(projects: int, runs: int) -> int:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csam.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import setup_test_environment

    setup_test_environment()
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        quiet = io.StringIO()
        call_command("load_plan", stdout=quiet, stderr=quiet)
        call_command("load_demonstration", stdout=quiet, stderr=quiet)
        time.sleep(SETTLE)
        small = timings(runs)
        call_command("load_demonstration", scale=projects, stdout=quiet, stderr=quiet)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        time.sleep(SETTLE)
        large = timings(runs)
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
    report(connection.vendor, projects, small, large)
    return int(any(large[name].warm > LIMIT * small[name].warm for name in PAGES))


def timings(runs: int) -> dict[str, Timing]:
    from django.db.models import Count

    from partners.models import Organization
    from projects.models import Project

    project = Project.objects.published().order_by("pk").first()
    partner = (
        Organization.objects.public().annotate(parts=Count("project_parts")).order_by("-parts", "pk").first()
    )
    assert project and partner
    slugs = {"project": project.slug, "partner": partner.slug}
    return {name: timed(address.format(**slugs), runs) for name, address in PAGES.items()}


def timed(address: str, runs: int) -> Timing:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
    count = len(queries.captured_queries)
    assert answer.status_code == 200, f"{address} answers {answer.status_code}"
    client.get(address)
    return Timing(fastest(client, address, runs), fastest(client, address, runs, forget=True), count)


def fastest(client: Any, address: str, runs: int, *, forget: bool = False) -> float:
    """Milliseconds of the fastest run, which other work on the machine disturbs least; with ``forget``, as the first reader waits after something was committed."""
    from core import freshness

    times = []
    for _run in range(runs):
        if forget:
            freshness.forget()
        gc.collect()
        start = clock()
        client.get(address)
        times.append(clock() - start)
    return min(times) * 1000


def processor_time() -> float:
    """Seconds of processor that this process has had, and its server of PostgreSQL on this machine."""
    from django.db import connection

    return time.process_time() + (server_time() if connection.vendor == "postgresql" else 0)


def server_time() -> float:
    """Finer than the hundredths of a second of most tools: the scheduler counts nanoseconds."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


clock: Callable[[], float] = time.perf_counter


def report(vendor: str, projects: int, small: dict[str, Timing], large: dict[str, Timing]) -> None:
    print(f"\n{vendor}: milliseconds of a page; « changed »: the first one after something was written\n")
    print(
        f"{'page':32} {'queries':>7} {'92':>7} {projects:>7} {'ratio':>6} {'changed: 92':>13} {projects:>7} {'ratio':>6}"
    )
    for name, few in small.items():
        many = large[name]
        ratio, changed_ratio = many.warm / few.warm, many.changed / few.changed
        note = "  too slow" if ratio > LIMIT else ""
        note += "" if few.queries == many.queries else f"  {many.queries} queries at {projects}"
        print(
            f"{name:32} {few.queries:7} {few.warm:7.1f} {many.warm:7.1f} {ratio:6.2f}"
            f" {few.changed:13.1f} {many.changed:7.1f} {changed_ratio:6.2f}{note}"
        )


if __name__ == "__main__":
    sys.exit(main())
