"""Imports run one way. See docs/development/structure.md."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

#: What each package may import of ours, itself aside.
MAY_IMPORT = {
    "core": set(),
    "plans": {"core"},
    "partners": {"core"},
    "projects": {"core", "plans", "partners"},
    "indicators": {"core", "plans", "partners", "projects"},
    "csam.figures": {"core", "plans", "partners", "projects", "indicators"},
    "csam.pages": {
        "core",
        "plans",
        "partners",
        "projects",
        "indicators",
        "csam.figures",
        "csam.documents",
        "csam",
    },
    "csam.documents": {"core", "plans", "partners", "projects", "indicators", "csam.figures", "csam"},
    "csam.desk": {"core", "plans", "partners", "projects", "indicators", "csam.workbook", "csam"},
    "csam.api": {"core", "plans", "partners", "projects", "indicators"},
    "csam.workbook": {"core", "plans", "partners", "projects", "indicators", "csam"},
}


def package_of(module: str) -> str:
    packages = sorted(MAY_IMPORT, key=len, reverse=True)
    return next((p for p in packages if f"{module}.".startswith(f"{p}.")), module.split(".")[0])


def imported_modules(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            raise AssertionError(f"{path}: write absolute imports, so that their direction can be read")
    return found


def our_imports(package: str) -> dict[str, set[str]]:
    """Per package of ours that is imported: the files that do it."""
    ours = {p.split(".")[0] for p in MAY_IMPORT}
    found: dict[str, set[str]] = {}
    for path in (ROOT / package.replace(".", "/")).rglob("*.py"):
        own = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if package_of(own) != package:
            continue
        for module in imported_modules(path):
            if module.split(".")[0] in ours and package_of(module) != package:
                found.setdefault(package_of(module), set()).add(str(path.relative_to(ROOT)))
    return found


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_run_one_way(package):
    against = {
        target: files for target, files in our_imports(package).items() if target not in MAY_IMPORT[package]
    }

    assert against == {}


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_every_package_is_really_read(package):
    assert list((ROOT / package.replace(".", "/")).rglob("*.py"))


def test_a_back_arrow_would_be_seen(tmp_path):
    file = tmp_path / "models.py"
    file.write_text("from projects.models import Project\nimport csam.pages.views\n")

    assert {package_of(m) for m in imported_modules(file)} == {"projects", "csam.pages"}
