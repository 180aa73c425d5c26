"""Pieces laid out by real processes, and what happens when one of them fails."""

import io
import os
import signal
from pathlib import Path

import pikepdf
import psutil
import pytest

from csam.documents import loaded, typesetters
from csam.documents.errors import DocumentError, RenderingUnavailable
from csam.documents.press import open_press
from csam.documents.typesetters import Order, Piece
from tests.processes import wait_for


def order(body, label="Pièce"):
    html = f'<html lang="fr-CA"><title>t</title><body><section class="chapter">{body}</section></body></html>'
    return Order(label, {"name": "piece", "html": html, "stylesheets": ["text"], "is_tagged": True})


@pytest.fixture
def press(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    with open_press() as opened:
        yield opened


def lay_out(press, *orders):
    return press.pieces(orders, lambda done: None)


def test_pieces_come_in_the_order_asked_for(press):
    told = []
    orders = [order(f"<h2 id='a{n}'>{n}</h2>" + "<p>mot</p>" * n * 20) for n in range(4)]

    pieces = press.pieces(orders, told.append)

    assert [list(piece.facts["anchors"]) for piece in pieces] == [["a0"], ["a1"], ["a2"], ["a3"]]
    assert [piece.facts["bookmarks"][0][1] for piece in pieces] == ["0", "1", "2", "3"]
    assert told == sorted(told)
    assert told[-1] == 4


def test_piece_laid_out_before_is_taken_from_before(press, monkeypatch):
    first = lay_out(press, order("<h2>Une fois</h2>"))
    monkeypatch.setattr(press.workers, "lay_out", lambda orders, on_wait: [None for _ in orders])

    assert lay_out(press, order("<h2>Une fois</h2>")) == first


def test_piece_survives_its_file():
    piece = Piece({"pages": [""], "é": 1}, b"%PDF")

    assert Piece.from_bytes(piece.to_bytes()) == piece


def test_link_elsewhere_is_a_named_destination(press):
    piece = lay_out(
        press, order('<h2>A</h2><p><a href="#ailleurs">là</a> <a href="https://exemple.org">web</a></p>')
    )[0]

    with pikepdf.open(io.BytesIO(piece.pdf)) as pdf:
        links = list(pdf.pages[0].Annots)
        assert (str(links[0].Dest), "/A" in links[0]) == ("ailleurs", False)
        assert str(links[1].A.URI) == "https://exemple.org"


def test_own_fonts_are_left_out_of_pieces(press):
    piece = lay_out(press, order("<h2>Titre</h2><p>Texte</p>"))[0]

    assert {facts["family"] for facts in piece.facts["fonts"].values()} == {"Fraunces", "Source Sans 3"}
    assert b"FontFile" not in piece.pdf


def test_broken_image_is_told_with_the_piece(press):
    with pytest.raises(
        DocumentError, match=r"projet « Serre » : la mise en page a échoué.*media:absente.png"
    ):
        lay_out(press, order('<h2>A</h2><img src="media:absente.png" alt="Une serre">', "projet « Serre »"))


def test_letters_that_no_font_has_are_told(press):
    with pytest.raises(
        DocumentError, match=r"projet « Serre » : aucun caractère installé ne peut imprimer « \U00011000"
    ):
        lay_out(press, order("<h2>\U00011000</h2>", "projet « Serre »"))


def test_pictograms_are_left_out(press):
    plain, adorned = lay_out(press, order("<h2>Serre</h2>"), order("<h2>Serre\U0001f955</h2>"))

    assert adorned.pdf == plain.pdf


def test_process_that_dies_is_replaced(press):
    lay_out(press, order("<h2>A</h2>"), order("<h2>B</h2>"))
    for typesetter in press.workers.all:
        if typesetter.pid:
            os.kill(typesetter.pid, signal.SIGKILL)

    pieces = lay_out(press, order("<h2>C</h2>"), order("<h2>D</h2>"), order("<h2>E</h2>"))

    assert [len(piece.facts["pages"]) for piece in pieces] == [1, 1, 1]


def test_library_that_is_gone_is_loaded_anew(press):
    lay_out(press, order("<h2>A</h2>"))
    library = press.workers.all[0].library
    library.process.process.kill()
    library.process.process.wait()
    for typesetter in press.workers.all:
        typesetter.stop()

    pieces = lay_out(press, order("<h2>B</h2>"), order("<h2>C</h2>"), order("<h2>D</h2>"))

    assert [len(piece.facts["pages"]) for piece in pieces] == [1, 1, 1]


def test_forks_end_with_who_asked_for_them(press):
    """As when that process is killed: the system closes its end of the line."""
    library = typesetters.Library()
    typesetter = typesetters.Typesetter(press.workers.setup, library)
    typesetter.do(order("<h2>A</h2>"))
    loaded, fork = psutil.Process(library.process.process.pid), psutil.Process(typesetter.pid)

    library.process.control.close()

    wait_for(lambda: library.process.process.poll() is not None)
    wait_for(lambda: not fork.is_running())
    assert not loaded.is_running()
    typesetter.stop()


def test_fork_that_is_stopped_ends_in_the_middle_of_its_order(press):
    library = typesetters.Library()
    typesetter = typesetters.Typesetter(press.workers.setup, library)
    typesetter.do(order("<h2>A</h2>"))
    fork = psutil.Process(typesetter.pid)
    typesetter._send(order("<p>mot</p>" * 3000).message)

    typesetter.stop()

    wait_for(lambda: not fork.is_running())
    assert library.process.process.poll() is None
    library.unload()


@pytest.fixture
def alone(press):
    """One typesetter, with a library of its own."""
    library = typesetters.Library()
    made = typesetters.Typesetters(press.workers.setup, 1, library)
    yield made
    made.stop()
    library.unload()


def test_piece_that_is_never_done_is_named(alone):
    """And whoever asks next has a typesetter again."""
    alone.lay_out([order("<h2>A</h2>")], lambda done: None)
    [typesetter] = alone.all
    stuck = psutil.Process(typesetter.pid)
    stuck.suspend()
    typesetter.fork.line.settimeout(0.5)

    with pytest.raises(DocumentError, match="Fiche : la mise en page ne finit pas"):
        alone.lay_out([order("<h2>B</h2>", label="Fiche")], lambda done: None)

    wait_for(lambda: not stuck.is_running())
    [piece] = alone.lay_out([order("<h2>C</h2>")], lambda done: None)
    assert piece.facts["pages"] == [""]


def test_patience_with_a_fork_has_an_end(alone):
    assert alone.all[0].fork.line.gettimeout() == loaded._LONGEST


def test_library_that_is_killed_while_it_loads_is_loaded_anew(press):
    library = typesetters.Library()
    library.load().process.kill()

    alone = typesetters.Typesetters(press.workers.setup, 1, library)
    [piece] = alone.lay_out([order("<h2>A</h2>")], lambda done: None)

    assert piece.facts["pages"] == [""]
    alone.stop()
    library.unload()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are read from /proc")
@pytest.mark.parametrize("closed", [(2,), (1, 2)])
def test_log_that_is_closed_keeps_nothing_from_being_laid_out(closed, press, monkeypatch):
    """Nor is what a library prints ever taken for an answer."""
    shut = f"import os\nfor number in {closed}: os.close(number)\n"
    monkeypatch.setattr(loaded, "_PROGRAM", shut + loaded._PROGRAM)
    library = typesetters.Library()
    alone = typesetters.Typesetters(press.workers.setup, 1, library)

    [piece] = alone.lay_out([order("<h2>A</h2>")], lambda done: None)

    assert piece.facts["pages"] == [""]
    for process in (library.process.process.pid, alone.all[0].pid):
        assert {Path(f"/proc/{process}/fd/{number}").readlink() for number in closed} == {Path(os.devnull)}
    alone.stop()
    library.unload()


def test_line_is_kept_until_it_has_arrived(press, monkeypatch):
    """As macOS needs it: the process says that it has the line before this side closes it."""
    monkeypatch.setattr(loaded, "_ACKNOWLEDGES", True)
    acknowledging = loaded._PROGRAM.replace(
        "main()\n", "import csam.documents.loaded as loaded\nloaded._ACKNOWLEDGES = True\nmain()\n"
    )
    monkeypatch.setattr(loaded, "_PROGRAM", acknowledging)
    library = typesetters.Library()
    process = library.load()

    fork = library.fork()

    process.control.setblocking(False)
    with pytest.raises(BlockingIOError):  # the answer has been read
        process.control.recv(1)
    process.control.setblocking(True)
    fork.kill()
    library.unload()


def test_missing_font_is_told_with_the_remedy(press, settings, tmp_path):
    setup = {**press.workers.setup, "folders": {"static": [str(tmp_path)], "media": []}}
    library = typesetters.Library()
    alone = typesetters.Typesetters(setup, 1, library)

    with pytest.raises(RenderingUnavailable, match=r"Fraunces.*make run"):
        alone.lay_out([order("<h2>A</h2>")], lambda done: None)

    alone.stop()
    library.unload()


def test_work_that_is_no_longer_wanted_ends(press):
    class Superseded(Exception):
        pass

    def stop(_done):
        raise Superseded

    with pytest.raises(Superseded):
        press.pieces([order(f"<h2>{n}</h2>") for n in range(20)], stop)
