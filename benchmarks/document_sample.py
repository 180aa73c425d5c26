"""A plan of any size as collected values, of the size of the real one: 250 to 400 words a project, a table of
deliverables, one to five partners. The same on every run."""

from __future__ import annotations

import csv
import random
from pathlib import Path

from csam.documents import content as c

ROOT = Path(__file__).resolve().parent.parent
COLOURS = ("soleil", "feuille", "betterave", "carotte", "fleuve")
OBJECTIVES = (4, 3, 4, 3, 3)
PARTNERS = 55
WORDS = {
    "fr": [
        "aliment", "marché", "jardin", "quartier", "cuisine", "récolte", "partage", "école",
        "ferme", "serre", "compost", "transport", "repas", "famille", "légume", "réseau", "atelier",
        "coopérative", "récupération", "saison", "distribution", "formation", "collectivité",
        "accompagnement", "approvisionnement", "locale", "durable", "nouvelle", "commune",
        "solidaire", "pour", "avec", "dans", "entre", "sans", "vers", "chaque", "plusieurs",
    ],
    "en": [
        "food", "market", "garden", "neighbourhood", "kitchen", "harvest", "sharing", "school",
        "farm", "greenhouse", "compost", "transport", "meal", "family", "vegetable", "network",
        "workshop", "cooperative", "recovery", "season", "distribution", "training", "community",
        "support", "supply", "local", "lasting", "new", "common", "for", "with", "within",
        "between", "without", "toward", "each", "several",
    ],
}  # fmt: skip


def sample(kind: str, language: str, count: int) -> c.PlanContent:
    """A plan of that many projects as collected values; the same on every run."""
    rnd = random.Random(92)
    words = WORDS[language]

    def text(least: int, most: int) -> c.Text:
        chosen = [rnd.choice(words) for _ in range(rnd.randint(least, most))]
        for start in range(0, len(chosen), 14):
            chosen[start] = chosen[start].capitalize()
            chosen[start - 1] += "." if start else ""
        return c.Text(" ".join(chosen) + ".", language)

    def title(least: int, most: int) -> c.Text:
        return c.Text(
            " ".join(rnd.choice(words) for _ in range(rnd.randint(least, most))).capitalize(), language
        )

    def long_text(least: int, most: int) -> c.Text:
        return c.Text("\n\n".join(str(text(least // 3, most // 3)) for _ in range(3)), language)

    with (ROOT / "partners/data/territories.csv").open(encoding="utf-8") as file:
        territories = tuple(
            c.Territory(
                r["code"],
                r["code"].lower(),
                r["nom"],
                r["abréviation"],
                r["nature"],
                r["latitude"],
                r["longitude"],
            )
            for r in csv.DictReader(file)
        )
    organizations = tuple(
        c.Organization(
            slug=f"organisation-{n}",
            name=f"Organisation {title(2, 4)} {n}",
            acronym=f"O{chr(65 + n % 26)}{n}" if n % 3 == 0 else "",
            sector=(sector := ("community", "municipal", "research", "social_economy", "private")[n % 5]),
            sector_label=sector,
            description=text(20, 50) if kind == "full" else c.Text(),
            website=f"https://exemple.org/organisation-{n}",
            territories=tuple(t.name for t in rnd.sample(territories, n % 4)),
            covers_whole_island=n % 4 == 0,
        )
        for n in range(PARTNERS)
    )
    codes = [f"{o}.{n}" for o, number in enumerate(OBJECTIVES, start=1) for n in range(1, number + 1)]
    stages = (("planned", "prévu"), ("under_way", "en cours"), ("completed", "réalisé"))

    def project(n: int, code: str) -> c.Project:
        stage, label = stages[n % 3]
        chosen = rnd.sample(organizations, rnd.randint(1, 5))
        roles = (("lead", "porteur"), ("contributor", "collaborateur"))
        return c.Project(
            slug=f"projet-{n}",
            title=title(4, 12),
            summary=text(14, 34),
            stage=stage,
            stage_label=label,
            period="janvier 2020 à décembre 2022" if n % 5 else "",
            covers_whole_island=n % 6 == 0,
            objectives=tuple(dict.fromkeys([code, *rnd.sample(codes, n % 3)])),
            issues=tuple(sorted(rnd.sample(range(1, 5), n % 3))),
            territories=()
            if n % 6 == 0
            else tuple(t.code for t in rnd.sample(territories, rnd.randint(1, 4))),
            partners=tuple(c.Part(o.slug, o.name, *roles[i > 0], i % 3 != 2) for i, o in enumerate(chosen)),
            sheet=None
            if kind != "full"
            else (
                c.Sheet(
                    description=long_text(250, 400),
                    populations=title(3, 8),
                    links=("production", "distribution")[: n % 3],
                    contact_name="",
                    contact_email="",
                    website=f"https://exemple.org/projet-{n}",
                    deliverables=tuple(
                        c.Deliverable(
                            title(4, 12), "automne 2021" if i % 3 else "", "to_do", "à faire", i % 4 == 1
                        )
                        for i in range(n % 7)
                    ),
                    indicators=tuple(
                        c.Aimed(
                            slug=f"indicateur-{n}-{i}",
                            title=title(2, 6),
                            unit="repas",
                            decimals=0,
                            target="2000",
                            target_on="2027-12-31",
                            measured=c.Measured(
                                "on_track", "en bonne voie", "1260", "2026-06-30", "62.6", str(40 + n % 50)
                            ),
                        )
                        for i in range(n % 3)
                    ),
                )
            ),
        )

    placed: dict[str, list[c.Project]] = {code: [] for code in codes}
    for n in range(count):
        placed[codes[n % len(codes)]].append(project(n, codes[n % len(codes)]))
    return c.PlanContent(
        kind=kind,
        language=language,
        as_of="2026-11-24",
        slug="2020-2022",
        title=c.Text(
            "Plan d'action intégré 2020-2022" if language == "fr" else "Integrated Action Plan 2020-2022",
            language,
        ),
        years="2020-2022",
        vision=text(12, 12),
        introduction=long_text(120, 200),
        systemic_approach=long_text(120, 200),
        implementation=long_text(80, 120),
        limits=long_text(80, 120),
        has_demonstration_data=True,
        orientations=tuple(
            c.Orientation(
                number=o,
                title=title(5, 14),
                short_title=title(1, 2),
                problem=long_text(150, 250),
                colour=COLOURS[o - 1],
                objectives=tuple(
                    c.Objective(code, title(6, 14), text(20, 50), tuple(placed[code]))
                    for code in codes
                    if code.startswith(f"{o}.")
                ),
            )
            for o in range(1, 6)
        ),
        unplaced=(),
        issues=tuple(c.Issue(n, title(2, 3), text(30, 60)) for n in range(1, 5)),
        phases=tuple(
            c.Phase(n, title(2, 5), text(40, 70), "2019", (c.Figure("170", title(3, 5)),))
            for n in range(1, 4)
        ),
        figures=(c.Figure("200", title(3, 5)), c.Figure("92", title(3, 5))),
        milestones=tuple(c.Milestone(f"{n} octobre 2018", title(3, 6), text(15, 30)) for n in range(2, 6)),
        organizations=organizations,
        territories=territories,
    )
