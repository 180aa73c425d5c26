"""The full plan as a source for Typst, for the benchmark: the same texts, tables, links and indexes."""

from __future__ import annotations

from csam.documents.content import PlanContent, Project

HEAD = """
#set document(title: "%(title)s")
#set page(paper: "us-letter", margin: (x: 22mm, y: 26mm), numbering: "1", header: [%(title)s])
#set text(lang: "%(language)s", size: 10pt, hyphenate: true)
#set par(justify: false)
#set heading(numbering: none)
#align(horizon)[#text(36pt)[%(title)s]]
#pagebreak()
#outline(depth: 2)
"""


def source_of(content: PlanContent) -> str:
    parts = [HEAD % {"title": content.title, "language": content.language}]
    parts += [f"#pagebreak()\n= Contexte\n{_text(str(content.introduction))}"]
    for orientation in content.orientations:
        parts.append(f"#pagebreak()\n= {_text(str(orientation.title))}\n{_text(str(orientation.problem))}")
        for objective in orientation.objectives:
            parts.append(
                f"== {objective.code} {_text(str(objective.title))}\n{_text(str(objective.description))}"
            )
            parts += [_sheet(project, content.kind == "full") for project in objective.projects]
    parts.append("#pagebreak()\n= Partenaires")
    parts += [f"*{_text(o.name)}*\n\n{_text(str(o.description))}" for o in content.organizations]
    if content.kind == "full":
        parts.append("#pagebreak()\n= Index par organisation")
        for organization in content.organizations:
            own = [
                p
                for p in content.projects
                if any(part.organization == organization.slug for part in p.partners)
            ]
            lines = [
                f"- #link(<{p.slug}>)[{_text(str(p.title))}] #context counter(page).at(<{p.slug}>).first()"
                for p in own
            ]
            parts.append("\n".join([f"*{_text(organization.name)}*\n", *lines]))
    return "\n\n".join(parts)


def _sheet(project: Project, is_full: bool) -> str:
    title = f"=== {_text(str(project.title))} <{project.slug}>\n{_text(str(project.summary))}"
    if not is_full or project.sheet is None:
        return title
    partners = "; ".join(f"{_text(part.name)} ({part.role_label})" for part in project.partners)
    rows = "".join(
        f"[{_text(str(d.title))}], [{d.due or '—'}], [{d.state_label}],\n" for d in project.sheet.deliverables
    )
    head = "table.header([Livrable], [Échéance], [État])"
    table = f"#table(columns: (3fr, 1fr, 1fr), {head},\n{rows})" if rows else ""
    results = "".join(
        f"[{_text(str(i.title))}], [{i.measured.value} {i.unit}], [{i.target}], [{i.measured.status_label}],\n"
        for i in project.sheet.indicators
    )
    head = "table.header([Indicateur], [Valeur], [Cible], [Avancement])"
    measures = f"#table(columns: (2fr, 1fr, 1fr, 1fr), {head},\n{results})" if results else ""
    return f"{title}\n\n{partners}\n\n{_text(str(project.sheet.description))}\n\n{measures}\n\n{table}"


def _text(value: str) -> str:
    return "".join(f"\\{c}" if c in "\\#*_`$<>@[]=-+/~" else c for c in value)
