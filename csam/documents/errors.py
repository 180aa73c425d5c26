"""What can go wrong with a document, told to people."""

from django.utils.translation import gettext as _


class DocumentError(Exception):
    """A document cannot be built; the message tells a person what to do about it."""


class RenderingUnavailable(DocumentError):
    """This machine cannot build documents."""


def unavailable(kind: str, problem: str) -> RenderingUnavailable:
    """Why a process that lays out could not start."""
    if kind == "OSError":
        return RenderingUnavailable(pango_is_missing())
    return RenderingUnavailable(
        _(
            "La mise en page ne peut pas commencer (%(problem)s). Relancez la mise en place du portail "
            "(make run), puis redemandez le document."
        )
        % {"problem": problem}
    )


def pango_is_missing() -> str:
    return _(
        "La bibliothèque Pango manque sur le serveur : les PDF ne peuvent pas être mis en "
        "page. Installez-la "
        "(sous Debian ou Ubuntu : apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
        "libharfbuzz-subset0; sous "
        "macOS : brew install pango), redémarrez le portail, puis redemandez le document."
    )


def refusal(label: str, kind: str, problem: str) -> DocumentError:
    """Why a piece could not be laid out, with its name and what to do."""
    if kind == "glyphs":
        text = _(
            "%(part)s : aucun caractère installé ne peut imprimer « %(problem)s ». Installez sur le serveur "
            "une police qui couvre cette écriture (sous Debian : apt-get install fonts-noto-core), ou "
            "corrigez le texte, puis redemandez le document."
        )
    elif kind == "memory":
        text = _(
            "%(part)s : la mise en page a manqué de mémoire. Vérifiez que le serveur dispose d'au moins 1 Go "
            "de mémoire, puis redemandez le document."
        )
    elif kind == "time":
        text = _(
            "%(part)s : la mise en page ne finit pas. Simplifiez ce contenu, puis redemandez le document; si le "
            "problème revient, transmettez ce message à la personne qui entretient le portail."
        )
    else:
        text = _(
            "%(part)s : la mise en page a échoué (%(problem)s). Corrigez ce contenu, puis redemandez le "
            "document; si le problème revient, transmettez ce message à la personne qui entretient le "
            "portail."
        )
    return DocumentError(text % {"part": label, "problem": problem})
