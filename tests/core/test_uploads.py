"""Pictures and files that people send, well meant or not."""

import struct
import zlib
from io import BytesIO

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageFile

from core.uploads import clean_file, clean_image

RED = (200, 30, 30)


def picture(kind="PNG", size=(60, 40), mode="RGB", colour=RED, **options):
    written = BytesIO()
    Image.new(mode, size, colour).save(written, kind, **options)
    return written.getvalue()


def sent(content, name="image.png"):
    return SimpleUploadedFile(name, content)


def opened(file):
    file.seek(0)
    return Image.open(BytesIO(file.read()))


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width, height):
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = (
        png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(b"\0" * 100)) + png_chunk(b"IEND", b"")
    )
    return b"\x89PNG\r\n\x1a\n" + body


def pdf(change=None):
    document = pikepdf.new()
    document.add_blank_page()
    if change:
        change(document)
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def refusal(clean, content, name="image.png"):
    with pytest.raises(ValidationError) as caught:
        clean(sent(content, name))
    return caught.value.code


@pytest.mark.parametrize(
    ("kind", "ending", "kept"),
    [("JPEG", ".jpg", "JPEG"), ("PNG", ".png", "PNG"), ("WEBP", ".webp", "WEBP"), ("GIF", ".png", "PNG")],
)
def test_a_picture_is_kept_as_a_kind_that_every_browser_shows(kind, ending, kept):
    cleaned = clean_image(sent(picture(kind)))

    assert cleaned.name.endswith(ending)
    assert (opened(cleaned).format, opened(cleaned).size) == (kept, (60, 40))


def test_the_name_is_ours_whatever_was_sent():
    names = ["../../etc/passwd.png", "facture\u202egnp.exe", "a" * 300 + ".png", "con.html"]

    kept = {clean_image(sent(picture(), name)).name for name in names}

    assert len(kept) == 1
    assert kept.pop().removesuffix(".png").isalnum()


def test_where_and_when_it_was_taken_is_gone_and_it_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "Appareil de Bob"
    exif.get_ifd(0x8825).update({1: "N", 2: (45.0, 30.0, 0.0), 3: "W", 4: (73.0, 33.0, 0.0)})
    content = picture("JPEG", exif=exif)
    assert dict(Image.open(BytesIO(content)).getexif().get_ifd(0x8825))

    cleaned = clean_image(sent(content))

    kept = opened(cleaned)
    assert kept.size == (40, 60)
    assert not dict(kept.getexif())
    cleaned.seek(0)
    assert b"Bob" not in cleaned.read()


def test_comments_and_profiles_are_gone():
    content = picture("GIF", comment=b"secret de Bob")

    cleaned = clean_image(sent(content))

    assert not set(opened(cleaned).info) & {"comment", "icc_profile", "exif", "xmp"}


def test_a_transparent_logo_stays_transparent():
    cleaned = clean_image(sent(picture(mode="RGBA", colour=(0, 0, 0, 0))))

    assert opened(cleaned).getpixel((0, 0))[3] == 0


def test_a_large_picture_is_reduced(settings):
    settings.UPLOAD_IMAGE_SIDE = 300

    assert opened(clean_image(sent(picture(size=(1200, 600))))).size == (300, 150)


def test_a_script_hidden_in_a_picture_does_not_outlive_it():
    content = picture("GIF").replace(b"GIF89a", b"GIF89a") + b"/*';alert(1)//<script>alert(2)</script>"

    cleaned = clean_image(sent(content, "polyglotte.gif.js"))

    assert b"alert" not in cleaned.read()


@pytest.mark.parametrize(
    "content",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!doctype html><script>alert(1)</script>",
        b"GIF89a/*<script>*/=1;alert(1)//",
        picture("JPEG", size=(300, 300))[:2000],
        picture("PNG", size=(300, 300))[:200],
        b"\x89PNG\r\n\x1a\n" + b"\0" * 500,
        b"BM" + b"\0" * 200,
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) run",
    ],
    ids=["svg", "html", "gif-js", "cut jpeg", "cut png", "hollow png", "bmp", "postscript"],
)
@pytest.mark.parametrize("is_weasyprint_loaded", [True, False])
def test_what_is_no_picture_is_refused_whatever_its_name(content, is_weasyprint_loaded, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", is_weasyprint_loaded)

    assert refusal(clean_image, content, "vacances.png") == "unreadable"


@pytest.mark.parametrize("size", [(50_000, 50_000), (12_000, 9_000)])
def test_a_bomb_of_pixels_is_refused_before_it_unfolds(size):
    assert refusal(clean_image, png_of(*size)) == "pixels"


def test_a_huge_file_is_refused_by_its_weight(settings):
    settings.UPLOAD_IMAGE_BYTES = 1_000_000

    assert refusal(clean_image, picture() + b"\0" * 1_000_001) == "size"


def test_an_empty_file_is_refused():
    assert refusal(clean_image, b"") == "empty"


def test_a_pdf_is_kept_without_saying_who_made_it():
    def sign(document):
        document.docinfo["/Author"] = "Bob Gagnon"
        document.docinfo["/Title"] = "Bilan du marché"

    cleaned = clean_file(sent(pdf(sign), "bilan.html"))

    assert cleaned.name.endswith(".pdf")
    with pikepdf.open(BytesIO(cleaned.read())) as kept:
        assert dict(kept.docinfo) == {"/Title": "Bilan du marché"}
        assert len(kept.pages) == 1


def run_at_opening(document):
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def run_on_a_link(document):
    action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe")
    document.pages[0].Annots = pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name.Link, A=action)])


def attach(document):
    document.attachments["virus.exe"] = b"MZ"


def name_a_script(document):
    document.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=pikepdf.Array([])))


@pytest.mark.parametrize("change", [run_at_opening, run_on_a_link, attach, name_a_script])
def test_a_pdf_that_acts_or_carries_files_is_refused(change):
    assert refusal(clean_file, pdf(change)) == "acting"


def test_a_pdf_that_only_opens_at_a_page_is_welcome():
    def at_first_page(document):
        document.Root.OpenAction = pikepdf.Array([document.pages[0].obj, pikepdf.Name.Fit])

    assert clean_file(sent(pdf(at_first_page))).name.endswith(".pdf")


def test_a_locked_pdf_is_refused():
    written = BytesIO()
    document = pikepdf.new()
    document.add_blank_page()
    document.save(written, encryption=pikepdf.Encryption(user="secret", owner="secret"))

    assert refusal(clean_file, written.getvalue()) == "protected"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.7\n" + b"rien", "unreadable"),
        (b"PK\x03\x04" + b"\0" * 100, "kind"),
        (b"MZ" + b"\0" * 100, "kind"),
        (b"<html>%PDF-1.7</html>", "kind"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 100, "kind"),
        (b"", "kind"),
    ],
)
def test_other_files_are_refused_by_what_they_hold(content, code):
    assert refusal(clean_file, content, "bilan.pdf") == code


def test_a_huge_pdf_is_refused_by_its_weight(settings):
    settings.UPLOAD_FILE_BYTES = 1_000_000

    assert refusal(clean_file, pdf() + b"\0" * 1_000_001) == "size"


def test_a_picture_as_evidence_is_cleaned_as_a_picture():
    assert clean_file(sent(picture("JPEG"), "preuve.pdf")).name.endswith(".jpg")
