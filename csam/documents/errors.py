"""What can go wrong with a document, told to people."""


class DocumentError(Exception):
    """A document cannot be built; the message tells a person what to do about it."""


class RenderingUnavailable(DocumentError):
    """This machine cannot build documents."""
