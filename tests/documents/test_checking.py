"""Real PDFs, of both kinds and in both languages; and what breaks them is noticed."""

import datetime as dt
import io
import re

import pikepdf
import pytest

from csam.documents import checking, rendering
from csam.documents.collecting import collect
from csam.documents.errors import DocumentError
from csam.documents.pdf_reading import name_tree, walk
from tests.documents.pdf_text import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_any_database]


def pdf_of(plan, kind="synthesis", language="fr"):
    content = collect(plan=plan, kind=kind, language=language, on=dt.date(2026, 11, 24), full=kind == "full")
    return rendering.render_pdf(content)


def test_same_data_makes_the_same_bytes(plan):
    assert pdf_of(plan) == pdf_of(plan)


def test_progress_goes_through_the_sections(plan):
    content = collect(plan=plan, kind="synthesis", language="fr", on=dt.date(2026, 11, 24), full=False)
    told = []

    rendering.render_pdf(content, progress=lambda done, total: told.append((done, total)))

    assert told == sorted(told)
    total = told[0][1]
    assert (told[0], told[-1]) == ((0, total), (total, total))


@pytest.fixture(scope="module")
def sound(django_db_setup, django_db_blocker):
    """One sound file for all the damage below."""
    from django.db import transaction

    from tests.documents import conftest

    with django_db_blocker.unblock(), transaction.atomic():
        pdf = pdf_of(conftest.plan.__wrapped__())
        transaction.set_rollback(True)
    return pdf


def no_language(pdf):
    del pdf.Root.Lang


def no_title(pdf):
    with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
        del metadata["dc:title"]


def untagged(pdf):
    del pdf.Root.StructTreeRoot


def no_scope(pdf):
    del first(pdf, "/TH").A["/Scope"]


def strange_tag(pdf):
    first(pdf, "/P").S = pikepdf.Name("/Marquee")


def jump(pdf):
    first(pdf, "/H2").S = pikepdf.Name("/H5")


def heading_in_a_heading(pdf):
    """As where the words of a heading stand in a block of their own."""
    heading = first(pdf, "/H2")
    inner = pdf.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.H2, P=heading, K=heading.K, Pg=heading.Pg))
    heading.K = pikepdf.Array([inner])


def silent_link(pdf):
    link(pdf).Contents = pikepdf.String("")


def dead_link(pdf):
    link(pdf).Dest = pikepdf.String("nulle-part")


def link_out_of_the_document(pdf):
    page = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Page, MediaBox=[0, 0, 9, 9]))
    place = name_tree(pdf.Root.Names.Dests)[str(link(pdf).Dest)]
    (place.D if isinstance(place, pikepdf.Dictionary) else place)[0] = page


def empty_address(pdf):
    outside = next(a for page in pdf.pages for a in page.obj.get("/Annots", ()) if "/A" in a)
    outside.A.URI = pikepdf.String("")


def figure_off_the_page(pdf):
    first(pdf, "/Figure").A.BBox = pikepdf.Array([0, 0, 5000, 5000])


def lost_ids(pdf):
    del pdf.Root.StructTreeRoot["/IDTree"]


def unmapped(pdf):
    for font in dict(pdf.pages[4].Resources.Font).values():
        del font.DescendantFonts[0]["/CIDToGIDMap"]


def no_bookmarks(pdf):
    del pdf.Root.Outlines


def outside_tags(pdf):
    page = pdf.pages[4]
    page.contents_add(pikepdf.Stream(pdf, b"q 0 0 10 10 re f Q"))


def lost_owner(pdf):
    nums = pdf.Root.StructTreeRoot.ParentTree.Nums
    page = next(n for n in range(1, len(nums), 2) if isinstance(nums[n], pikepdf.Array) and len(nums[n]))
    nums[page] = pikepdf.Array([])


def unembedded(pdf):
    for font in dict(pdf.pages[4].Resources.Font).values():
        descriptor = font.DescendantFonts[0].FontDescriptor
        for key in ("/FontFile2", "/FontFile3"):
            if key in descriptor:
                del descriptor[key]


def bare_list(pdf):
    first(pdf, "/LBody").S = pikepdf.Name.P


def wrong_owner(pdf):
    numbers = pdf.Root.StructTreeRoot.ParentTree.Nums
    owners = next(
        numbers[n]
        for n in range(1, len(numbers), 2)
        if isinstance(numbers[n], pikepdf.Array) and len(numbers[n]) > 1
    )
    owners[0] = owners[1]


def stolen_link(pdf):
    links = [a for page in pdf.pages for a in page.obj.get("/Annots", ())]
    links[0].StructParent, links[1].StructParent = links[1].StructParent, links[0].StructParent


def irregular_table(pdf):
    cell = first(pdf, "/TD")
    cell.A["/ColSpan"] = 2
    del cell.A["/Headers"]


def unreadable_heads(pdf):
    margins = pdf.pages[4].Resources.XObject["/Margins"]
    for font in dict(margins.Resources.Font).values():
        del font["/ToUnicode"]


def suspect(pdf):
    pdf.Root.MarkInfo.Suspects = True


def two_owners(pdf):
    """One of the tags that stand on a page also claims what another holds."""
    one, other = [tag for tag in walk(pdf.Root.StructTreeRoot) if tag.numbers and "/Pg" in tag.keys][:2]
    other.element.Pg = one.element.Pg
    other.element.K = pikepdf.Array(one.numbers)


def empty_page(pdf):
    pdf.pages.append(
        pikepdf.Page(pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Page, MediaBox=[0, 0, 9, 9])))
    )


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (no_language, "declares no valid language"),
        (no_title, "no title"),
        (untagged, "no structure tree"),
        (no_scope, "header cell has no scope (page"),
        (strange_tag, "Marquee is not a standard tag"),
        (jump, "heading level is skipped"),
        (heading_in_a_heading, "a heading inside a heading (page"),
        (silent_link, "link has no description"),
        (dead_link, "nulle-part, which does not exist"),
        (link_out_of_the_document, "on no page of the document (page"),
        (empty_address, "a link leads nowhere (page"),
        (figure_off_the_page, "the bounding box of a figure is not on its page (page"),
        (lost_ids, "a header cell cannot be found by its id"),
        (unmapped, "a font does not say which of its letters are meant (page"),
        (no_bookmarks, "no bookmarks"),
        (outside_tags, "painted outside tags"),
        (lost_owner, "parent tree is incomplete"),
        (unembedded, "font is not embedded (page"),
        (bare_list, "P inside LI (page"),
        (wrong_owner, "the parent tree names another tag (page"),
        (stolen_link, "a link annotation without a link tag (page"),
        (irregular_table, "a cell of an irregular table names no header cell (page"),
        (unreadable_heads, "a font cannot be read as text (page"),
        (suspect, "tags are marked as suspect"),
        (two_owners, "content that two tags own (page"),
        (empty_page, "a page is missing from the parent tree (page"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_damage_is_noticed(sound, damage, told):
    with pikepdf.open(io.BytesIO(sound)) as pdf:
        damage(pdf)
        target = io.BytesIO()
        pdf.save(target)

    assert any(told in problem for problem in checking.check(target.getvalue())[1])


def test_damaged_document_is_refused_in_words(sound):
    with pikepdf.open(io.BytesIO(sound)) as pdf:
        del pdf.Root.Outlines
        target = io.BytesIO()
        pdf.save(target)

    with pytest.raises(DocumentError, match=r"règles d'accessibilité.*no bookmarks"):
        checking.require_accessible(target.getvalue())


def test_page_numbers_and_running_heads_are_artifacts(sound):
    with pikepdf.open(io.BytesIO(sound)) as pdf:
        page = pdf.pages[4]
        page.contents_coalesce()
        content = page.Contents.read_bytes()
        margins = page.Resources.XObject["/Margins"].read_bytes()

    assert b"/Artifact <</Type /Pagination>> BDC\nq /Margins Do Q\nEMC" in content
    assert margins.count(b"BT") == 4


class TestReadAloud:
    """What the tags make a screen reader say."""

    @pytest.fixture
    def tags(self, sound):
        with pikepdf.open(io.BytesIO(sound)) as pdf:
            yield list(walk(pdf.Root.StructTreeRoot))

    def test_dots_of_the_contents_are_not_read(self, sound):
        with pikepdf.open(io.BytesIO(sound)) as pdf:
            page = pdf.pages[2]
            entries = len(page.obj.Annots)
            read = sum(
                len(tag.numbers)
                for tag in walk(pdf.Root.StructTreeRoot)
                if "/Pg" in tag.keys and tag.element.Pg.objgen == page.obj.objgen
            )
            drawn = text_of(page)

        assert drawn.count(" . .") > 20 * entries
        assert read < 6 * entries

    def test_a_term_and_its_meaning_are_one_item(self, tags):
        """Of the acronyms, the last list of the synthesis."""
        last = max(n for n, tag in enumerate(tags) if tag.kind == "L")
        items = [tag.kind for tag in tags[last:] if tag.kind in ("LI", "Lbl", "LBody")]

        assert items[:3] == ["LI", "Lbl", "LBody"]
        assert items == ["LI", "Lbl", "LBody"] * (len(items) // 3)

    def test_a_list_in_columns_is_one_list(self, tags):
        assert not [tag.path for tag in tags if tag.path[-2:] == ("L", "L")]

    def test_drawings_say_what_they_show(self, tags):
        told = [str(tag.element.Alt) for tag in tags if tag.kind == "Figure"]

        assert any(re.search(r"Diagramme systémique du plan\. 2 orientations", words) for words in told)
        assert any(re.search(r"Carte schématique.*Verdun \(1\)", words) for words in told)


def first(pdf, tag):
    return next(found.element for found in walk(pdf.Root.StructTreeRoot) if f"/{found.kind}" == tag)


def link(pdf):
    return next(a for page in pdf.pages for a in page.obj.get("/Annots", ()) if "/Dest" in a)
