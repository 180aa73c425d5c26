import pikepdf
import pytest
from django.core.management import CommandError, call_command

from csam.documents.errors import RenderingUnavailable
from csam.documents.models import Document

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_bell(monkeypatch):
    monkeypatch.setattr("csam.documents.bells.ring", lambda: None)


def test_build_document_writes_a_file(plan, tmp_path, capsys):
    target = tmp_path / "synthese.pdf"

    call_command("build_document", "synthesis", plan="2020-2022", language="fr", output=target)

    assert target.read_bytes().startswith(b"%PDF-1.7")
    assert "pages" in capsys.readouterr().out
    assert list(tmp_path.glob(".*.part")) == []


def test_build_document_names_the_plans_it_knows(plan, tmp_path):
    with pytest.raises(CommandError, match="Plans publics : 2020-2022"):
        call_command("build_document", "synthesis", plan="1999", output=tmp_path / "a.pdf")


def test_build_document_tells_what_cannot_be_written(plan, tmp_path):
    with pytest.raises(CommandError, match="ne peut pas être écrit"):
        call_command("build_document", "synthesis", output=tmp_path / "nulle-part" / "a.pdf")


def test_build_document_without_pango(plan, tmp_path, monkeypatch):
    def missing(content, progress, paper):
        raise RenderingUnavailable("Installez Pango.")

    monkeypatch.setattr("csam.documents.rendering.render_pdf", missing)

    with pytest.raises(CommandError, match="Installez Pango"):
        call_command("build_document", "synthesis", output=tmp_path / "a.pdf")


def test_request_documents_asks_once_for_each(plan, capsys):
    call_command("request_documents", publish=True, if_missing=True)
    call_command("request_documents", publish=True, if_missing=True)

    assert Document.objects.filter(state="queued", publish_when_ready=True).count() == 4
    assert capsys.readouterr().out.count("demandé") == 4


def test_request_documents_without_a_plan_does_nothing(capsys):
    call_command("request_documents", if_missing=True)

    assert "Aucun plan courant" in capsys.readouterr().err


def test_request_documents_without_pango_says_why(plan, capsys, monkeypatch):
    monkeypatch.setattr("csam.documents.rendering.unavailable_because", lambda: "Installez Pango.")

    call_command("request_documents", if_missing=True)

    assert "Installez Pango" in capsys.readouterr().err
    assert not Document.objects.exists()


def test_check_document_names_what_is_wrong_and_where(tmp_path, capsys):
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.save(tmp_path / "vide.pdf")

    with pytest.raises(CommandError, match=r"problèmes d'accessibilité dans 1 page\."):
        call_command("check_document", tmp_path / "vide.pdf")

    told = capsys.readouterr().out
    assert "- no structure tree\n" in told
    assert "- a page's tab order is not that of the structure (page 1)\n" in told


def test_check_document_finds_nothing_in_ours(plan, tmp_path, capsys):
    target = tmp_path / "synthese.pdf"
    call_command("build_document", "synthesis", output=target)

    call_command("check_document", target)

    assert "aucun problème d'accessibilité" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "told"), [(None, "ne peut pas être lu"), (b"abc", "n'est pas un PDF lisible")]
)
def test_check_document_tells_what_cannot_be_read(tmp_path, content, told):
    file = tmp_path / "a.pdf"
    if content:
        file.write_bytes(content)

    with pytest.raises(CommandError, match=told):
        call_command("check_document", file)
