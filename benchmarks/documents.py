"""Both documents: ours against plain WeasyPrint on the same HTML, headless Chromium printing it, and Typst on what
that HTML says.

    python benchmarks/documents.py [--projects 92 920] [--language fr]
                                   [--cases plain cold edited retitled again same chromium typst]

Each line is a process of its own, from the invented values of `document_sample.py`. Seconds are from the collected
values to a file, in a process that has the portal and WeasyPrint loaded as a worker has: for ours with starting the
typesetters and with the check that ends every build, which the others do not have. Memory is the peak of the process and
all that it started. Times depend on the machine: compare lines of one run. Chromium is the one named by CHROMIUM, Typst
the package `typst` from PyPI; without them their lines are left out.
"""

from __future__ import annotations

import argparse
import dataclasses
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from csam.documents.content import PlanContent

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csam.settings")

OURS = ("cold", "edited", "retitled", "again", "same")
CASES = ("plain", *OURS, "chromium", "typst")
#: What the style sheets leave to the merging, said so that one layout can do it.
ONE_LAYOUT = """
.piece { break-before: page; string-set: plan attr(data-plan), running attr(data-running), foot attr(data-foot) }
.contents a::after { content: leader(" . ") " " target-counter(attr(href), page) }
.index a::after { content: "\\2002" target-counter(attr(href), page) }
a.paged::after { content: " (p. " target-counter(attr(href), page) ")" }
"""


class Measure:
    """Seconds, processor time and peak memory of this process and its children."""

    def __init__(self) -> None:
        import psutil

        self.me = psutil.Process()
        self.errors = psutil.Error
        self.peak = 0
        self.values: dict[str, Any] = {}

    @contextmanager
    def taking(self) -> Iterator[None]:
        done = threading.Event()
        watch = threading.Thread(target=self._watch, args=[done])
        watch.start()
        start, cpu = time.perf_counter(), self._cpu()
        yield
        self.values = {"seconds": time.perf_counter() - start, "cpu": self._cpu() - cpu}
        done.set()
        watch.join()
        self.values["memory"] = self.peak / 1e6

    def _watch(self, done: threading.Event) -> None:
        while not done.wait(0.05):
            self.peak = max(self.peak, sum(self._each(lambda process: process.memory_info().rss)))

    def _cpu(self) -> float:
        """Of those that run, and of those of theirs that have ended."""
        return sum(self._each(lambda process: sum(process.cpu_times()[:4])))

    def _each(self, read: Callable[[Any], float]) -> Iterator[float]:
        for process in [self.me, *self.me.children(recursive=True)]:
            try:
                yield read(process)
            except self.errors:
                continue


def whole_html(content: PlanContent) -> str:
    """The document as one page of HTML, with what the merging adds said in attributes."""
    from csam.documents.fragments import fragments_of
    from csam.documents.margins import PageMargins, margins_html

    pieces = []
    fragments = fragments_of(content)
    for fragment in fragments:
        attributes = re.search(
            r"data-plan=.*?(?=></div>)", margins_html(content, [PageMargins("", fragment.running)])
        )
        body = re.search(r"<body[^>]*>(.*)</body>", fragment.html, re.DOTALL)
        pieces.append(f'<div class="piece" {attributes[0]}>{body[1]}</div>')  # type: ignore[index]
    front = fragments[0].html
    return front[: front.index("<body")] + f'<body class="{content.kind}">{"".join(pieces)}</body></html>'


def style_text() -> str:
    from csam.documents.press import STYLESHEETS, static_file

    sheets = "\n".join(static_file(name).read_text() for key, name in STYLESHEETS.items() if key != "a4")
    return sheets.replace("background: none !important;", "") + ONE_LAYOUT


def plain(content: PlanContent, measure: Measure) -> bytes:
    """All in one layout by WeasyPrint, with the same repairs of its tags."""
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    from csam.documents import finishing, layout, press

    layout.load_library()
    with measure.taking():
        finishing.complete_tags()
        fetcher, fonts = layout._fetcher(press._folders()), FontConfiguration()
        style = weasyprint.CSS(
            string=style_text(), url_fetcher=fetcher, font_config=fonts, base_url="static:/"
        )
        page = weasyprint.HTML(string=whole_html(content), base_url="static:/", url_fetcher=fetcher)
        document = page.render(font_config=fonts, stylesheets=[style], pdf_variant="pdf/ua-1")
        raw = document.write_pdf(
            pdf_variant="pdf/ua-1",
            uncompressed_pdf=True,
            finisher=lambda document, pdf: finishing.finish(document, pdf, prefix="all"),
        )
        return finishing.compact(raw)


def ours(content: PlanContent) -> bytes:
    from csam.documents import checking, rendering

    pdf = rendering.render_pdf(content)
    checking.require_accessible(pdf)
    return pdf


def cold(content: PlanContent, measure: Measure) -> bytes:
    with measure.taking():
        return ours(content)


def again(content: PlanContent, measure: Measure) -> bytes:
    """Another file of the same data, as when the last one was lost: every piece is kept from before."""
    ours(content)
    with measure.taking():
        return ours(content)


def same(content: PlanContent, measure: Measure) -> bytes:
    """Asked for the same data, the portal compares hashes (`requesting.request`) and makes no file."""
    from csam.documents import press, rendering

    pdf, kept = ours(content), rendering.build_hash(content)
    rendering.layout_fingerprint.cache_clear()
    press.fingerprint.cache_clear()
    with measure.taking():
        if rendering.build_hash(content) != kept:
            raise SystemExit("equal data, another hash")
    return pdf


def edited(content: PlanContent, measure: Measure) -> bytes:
    """The description of one project in the middle (its summary in the synthesis) says something else."""
    ours(content)
    changed = _with_project(content, _other_text)
    with measure.taking():
        return ours(changed)


def retitled(content: PlanContent, measure: Measure) -> bytes:
    """One project has another title, and twice as long a description."""
    ours(content)
    changed = _with_project(content, _other_title)
    with measure.taking():
        return ours(changed)


def _other_text(project: Any) -> Any:
    """One word is another, of the same length: no page begins elsewhere."""

    def changed(text: Any) -> Any:
        return dataclasses.replace(
            text, value=text.value.replace("marché", "jardin").replace("market", "garden")
        )

    sheet = project.sheet and dataclasses.replace(
        project.sheet, description=changed(project.sheet.description)
    )
    return dataclasses.replace(project, sheet=sheet, summary=changed(project.summary))


def _other_title(project: Any) -> Any:
    title = dataclasses.replace(project.title, value=f"Autre {project.title.value}")
    sheet = project.sheet
    if sheet:
        twice = dataclasses.replace(sheet.description, value=f"{sheet.description.value}\n\n" * 2)
        sheet = dataclasses.replace(sheet, description=twice)
    return dataclasses.replace(project, title=title, sheet=sheet)


def _with_project(content: PlanContent, change: Callable[[Any], Any]) -> PlanContent:
    middle = content.projects[len(content.projects) // 2]

    def of(objective: Any) -> Any:
        projects = tuple(change(p) if p.slug == middle.slug else p for p in objective.projects)
        return dataclasses.replace(objective, projects=projects)

    orientations = tuple(
        dataclasses.replace(o, objectives=tuple(map(of, o.objectives))) for o in content.orientations
    )
    return dataclasses.replace(content, orientations=orientations)


def chromium(content: PlanContent, measure: Measure) -> bytes:
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    program = next((found for name in names if name and (found := shutil.which(name))), None)
    if program is None:
        raise SystemExit("no Chromium")
    with tempfile.TemporaryDirectory() as folder, measure.taking():
        style = f"<style>{style_text()}</style></head>"
        html = (
            whole_html(content)
            .replace("</head>", style, 1)
            .replace("static:", (ROOT / "static").as_uri() + "/")
        )
        page, pdf = Path(folder) / "page.html", Path(folder) / "page.pdf"
        page.write_text(html)
        command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        command += [
            f"--user-data-dir={folder}/profile",
            "--export-tagged-pdf",
            "--generate-pdf-document-outline",
        ]
        command += ["--no-pdf-header-footer", f"--print-to-pdf={pdf}", page.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=600)
        return pdf.read_bytes()


def typst(content: PlanContent, measure: Measure) -> bytes:
    """All that the same HTML says, shows and links, in Typst's own language and simpler in look. Only its build is
    measured.
    """
    try:
        import typst as library
    except ImportError:
        raise SystemExit("no Typst") from None
    from document_typst import source_of

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "plan.typ"
        source.write_text(source_of(whole_html(content)))
        with measure.taking():
            return library.compile(str(source), format="pdf", pdf_standards=["ua-1"])


def load_portal(language: str) -> None:
    """What a worker loads once: settings, addresses, templates and catalogues."""
    import django

    django.setup()
    from document_sample import sample

    from csam.documents.fragments import fragments_of

    fragments_of(sample("synthesis", language, 1))


def load_library() -> None:
    """What a worker that builds documents has begun to load when it starts (`typesetters.prepare`)."""
    from csam.documents import typesetters

    fork = typesetters.prepare().fork()
    fork.line.shutdown(socket.SHUT_WR)
    fork.stream.read()  # it ends at once, and began when the library was loaded
    fork.kill()


def measured(case: str, kind: str, language: str, count: int) -> dict[str, Any]:
    import pikepdf

    load_portal(language)
    if case in OURS:
        load_library()
    from document_sample import sample

    measure = Measure()
    pdf = globals()[case](sample(kind, language, count), measure)
    if folder := os.environ.get("KEEP_IN"):
        (Path(folder) / f"{case}-{kind}-{language}-{count}.pdf").write_bytes(pdf)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        tagged = (
            "ua-1"
            if b"pdfuaid" in opened.Root.get("/Metadata", pikepdf.Stream(opened, b"")).read_bytes()
            else ("tags" if "/StructTreeRoot" in opened.Root else "no")
        )
        return {**measure.values, "pages": len(opened.pages), "size": len(pdf) / 1e6, "tagged": tagged}


def run(case: str, kind: str, language: str, count: int) -> dict[str, Any] | str:
    """One case in a process and a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            __file__,
            "--one",
            case,
            kind,
            "--projects",
            str(count),
            "--language",
            language,
        ]
        environ = {**os.environ, "CSAM_VAR_DIR": folder}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["failed"])[-1]
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--projects", type=int, nargs="+", default=[92])
    parser.add_argument("--kinds", nargs="+", default=["synthesis", "full"])
    parser.add_argument("--cases", nargs="+", choices=CASES, default=CASES)
    parser.add_argument("--language", choices=["fr", "en"], default="fr")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measured(*arguments.one, arguments.language, arguments.projects[0])))
        return
    print(
        f"{'document':<10}{'projects':>9} {'case':<9}{'seconds':>8}{'of plain':>9}{'cpu s':>8}{'MB':>7}"
        f"{'pages':>7}{'file MB':>9}  tagged"
    )
    for count in arguments.projects:
        for kind in arguments.kinds:
            base = None
            for case in arguments.cases:
                r = run(case, kind, arguments.language, count)
                if isinstance(r, str):
                    print(f"{kind:<10}{count:>9} {case:<9}  {r}", flush=True)
                    continue
                base = r["seconds"] if case == "plain" else base
                ratio = f"{r['seconds'] / base:.3f}" if base else ""
                print(
                    f"{kind:<10}{count:>9} {case:<9}{r['seconds']:>8.2f}{ratio:>9}{r['cpu']:>8.1f}{r['memory']:>7.0f}"
                    f"{r['pages']:>7}{r['size']:>9.2f}  {r['tagged']}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
