"""Pictures and files that people send: known by what they hold, bounded, cleaned, and named by us.

What comes out is safe to keep and to show: a picture is drawn anew, so that nothing but its pixels is left of
what was sent; a PDF is opened and searched for what would act by itself. The name that it had is never used.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, Final

import pikepdf
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageFile, ImageOps, UnidentifiedImageError

#: What is read, by Pillow's names. SVG is a page with scripts, not a picture.
READ: Final = ("JPEG", "PNG", "WEBP", "GIF")
#: What is kept: the type, by the ending of the name that we give.
TYPES: Final = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".pdf": "application/pdf"}
#: What a damaged or hostile picture makes Pillow raise.
UNREADABLE: Final = (
    UnidentifiedImageError,
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    OverflowError,
    struct.error,
    zlib.error,
)
BOMBS: Final = (Image.DecompressionBombError, Image.DecompressionBombWarning)
#: Kinds of action in a PDF that act without the reader, or send what they wrote.
ACTIONS: Final = ("/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/Rendition")
#: Names in the PDF's own directory that carry scripts or files.
CARRYING_NAMES: Final = ("/JavaScript", "/EmbeddedFiles")


def clean_image(file: File) -> ContentFile:
    """The picture as JPEG, PNG or WebP, upright, without metadata, at most ``UPLOAD_IMAGE_SIDE`` wide and high.

    Raises ValidationError in words for whoever sent it.
    """
    _refuse_large(file, settings.UPLOAD_IMAGE_BYTES)
    file.seek(0)
    try:
        with Image.open(file, formats=READ) as picture:
            _refuse_bomb(picture.size)
            kind = picture.format or ""
            with _whole():
                picture.load()
            drawn = _drawn(picture)
    except BOMBS as error:
        raise ValidationError(_too_many_pixels(), code="pixels") from error
    except UNREADABLE as error:
        raise ValidationError(
            _("Ce fichier n'est pas une image lisible. Envoyez un JPEG, un PNG, un WebP ou un GIF."),
            code="unreadable",
        ) from error
    return _encoded(drawn, kind)


def clean_file(file: File) -> ContentFile:
    """A PDF without scripts, or a picture as :func:`clean_image` leaves it. Raises ValidationError."""
    file.seek(0)
    head = file.read(16)
    if head.startswith(b"%PDF-"):
        return _clean_pdf(file)
    if not _looks_like_image(head):
        raise ValidationError(
            _("Ce fichier est refusé. Envoyez un PDF ou une image (JPEG, PNG, WebP ou GIF)."), code="kind"
        )
    return clean_image(file)


@contextmanager
def _whole() -> Iterator[None]:
    """WeasyPrint, once imported, makes Pillow take pictures that are cut short; here they are refused."""
    before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _looks_like_image(head: bytes) -> bool:
    return head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")) or (
        head.startswith(b"RIFF") and head[8:12] == b"WEBP"
    )


def _refuse_large(file: File, limit: int) -> None:
    if not file.size:
        raise ValidationError(_("Ce fichier est vide."), code="empty")
    if file.size > limit:
        raise ValidationError(
            _("Ce fichier dépasse %(limit)d Mo. Réduisez-le, puis réessayez.") % {"limit": limit // 10**6},
            code="size",
        )


def _refuse_bomb(size: tuple[int, int]) -> None:
    if size[0] * size[1] > settings.UPLOAD_IMAGE_PIXELS:
        raise ValidationError(_too_many_pixels(), code="pixels")


def _too_many_pixels() -> str:
    return _("Cette image a trop de pixels : au plus %(limit)d millions. Réduisez-la, puis réessayez.") % {
        "limit": settings.UPLOAD_IMAGE_PIXELS // 10**6
    }


def _drawn(picture: Image.Image) -> Image.Image:
    """Its pixels alone, upright, in sRGB, no larger than allowed."""
    upright = ImageOps.exif_transpose(picture)
    has_alpha = "A" in upright.getbands() or "transparency" in upright.info
    pixels = _in_srgb(upright).convert("RGBA" if has_alpha else "RGB")
    side = settings.UPLOAD_IMAGE_SIDE
    pixels.thumbnail((side, side), Image.Resampling.LANCZOS)
    return Image.frombytes(pixels.mode, pixels.size, pixels.tobytes())


def _in_srgb(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return picture
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        converted = ImageCms.profileToProfile(
            picture, source, ImageCms.createProfile("sRGB"), outputMode=mode
        )
    except (ImageCms.PyCMSError, OSError):
        return picture  # a profile that cannot be read says nothing of the colours
    return converted or picture


def _encoded(picture: Image.Image, kind: str) -> ContentFile:
    written = BytesIO()
    if kind == "JPEG":
        ending = ".jpg"
        picture.convert("RGB").save(written, "JPEG", quality=86, optimize=True, progressive=True)
    elif kind == "WEBP":
        ending = ".webp"
        picture.save(written, "WEBP", quality=86, method=4)
    else:
        ending = ".png"
        picture.save(written, "PNG", optimize=True)
    return _named(written.getvalue(), ending)


def _named(content: bytes, ending: str) -> ContentFile:
    return ContentFile(content, name=f"{hashlib.sha256(content).hexdigest()[:40]}{ending}")


def _clean_pdf(file: File) -> ContentFile:
    _refuse_large(file, settings.UPLOAD_FILE_BYTES)
    file.seek(0)
    content = file.read()
    try:
        with pikepdf.open(BytesIO(content)) as pdf:
            if not len(pdf.pages):
                raise ValidationError(_("Ce PDF n'a aucune page."), code="unreadable")
            _refuse_acting(pdf)
            _strip(pdf)
            written = BytesIO()
            pdf.save(written, deterministic_id=True)
    except pikepdf.PasswordError as error:
        raise ValidationError(
            _("Ce PDF est protégé par un mot de passe. Envoyez-le sans protection."), code="protected"
        ) from error
    except (pikepdf.PdfError, ValueError, TypeError, RecursionError) as error:
        raise ValidationError(_("Ce PDF est abîmé et ne peut pas être lu."), code="unreadable") from error
    return _named(written.getvalue(), ".pdf")


def _strip(pdf: pikepdf.Pdf) -> None:
    """Who made it, with what and when is nobody's business; its title helps whoever reads it aloud."""
    title = pdf.docinfo.get("/Title")
    if "/Metadata" in pdf.Root:
        del pdf.Root.Metadata
    pdf.docinfo = pdf.make_indirect(pikepdf.Dictionary({"/Title": title} if title is not None else {}))


def _refuse_acting(pdf: pikepdf.Pdf) -> None:
    if _carries(pdf) or any(map(_acts, pdf.objects)):
        raise ValidationError(
            _("Ce PDF contient un script, un formulaire qui envoie ou un fichier joint. Imprimez-le en PDF."),
            code="acting",
        )


def _carries(pdf: pikepdf.Pdf) -> bool:
    names: Any = pdf.Root.get("/Names")
    return names is not None and any(name in names for name in CARRYING_NAMES)


def _acts(thing: Any) -> bool:
    """Whether it is such an action, or holds one that is not an object of its own."""
    if isinstance(thing, pikepdf.Array):
        parts: list[Any] = list(thing)
    elif isinstance(thing, pikepdf.Stream):
        return bool(thing.get("/Type") == "/EmbeddedFile")
    elif isinstance(thing, pikepdf.Dictionary):
        if "/JS" in thing or str(thing.get("/S", "")) in ACTIONS:
            return True
        parts = [part for _key, part in thing.items()]
    else:
        return False
    return any(_acts(part) for part in parts if isinstance(part, pikepdf.Object) and not part.is_indirect)


def address_of(name: str) -> str:
    """Where a stored file is read; nowhere without a name."""
    return str(default_storage.url(name)) if name else ""
