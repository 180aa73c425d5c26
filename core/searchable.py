"""Models that can be searched and put in French alphabetical order."""

from __future__ import annotations

from typing import Any, ClassVar, Self, cast

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, IntegerField, Lookup, Q, Value, When
from django.db.models.sql.compiler import SQLCompiler
from django.utils.translation import get_language
from translated_fields import to_attribute

from core.folding import query_stems, search_column, sort_key
from core.translation import SOURCE_LANGUAGE, translated

LANGUAGES = ("fr", "en")


@models.TextField.register_lookup
class HasStem(Lookup):
    """``search_text_fr__has_stem="march"``: the column holds that whole stem.

    Each database is asked in the way that is quickest there: PostgreSQL looks for a substring a third
    faster with ``strpos`` than with ``LIKE``, SQLite the other way round.
    """

    lookup_name = "has_stem"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} LIKE %s", (*params, f"% {self.rhs} %")

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"strpos({column}, %s) > 0", (*params, f" {self.rhs} ")


class SearchableQuerySet(models.QuerySet[Any]):
    def search(self, text: str, *, language: str | None = None) -> Self:
        """Rows in which every word of ``text`` occurs; ``title_hit`` is 0 when all are in the title, else 1.

        The title is that of the row, or of what names it (``Searchable.titled_by``).

        A text without any word that counts (only articles, only signs) finds nothing. Not ordered: order by
        ``title_hit`` first.
        """
        language = language or get_language() or SOURCE_LANGUAGE
        wanted = query_stems(text, language)
        if not wanted:
            return self.none().annotate(title_hit=Value(1, output_field=IntegerField()))
        title, body = self._title_column("search_title", language), to_attribute("search_text", language)
        in_title, anywhere = Q(), Q()
        for stem in wanted:
            titled = Q(**{f"{title}__has_stem": stem})
            in_title &= titled
            # The text of a row includes its own title, and not the one that it borrows.
            written = Q(**{f"{body}__has_stem": stem})
            anywhere &= (written | titled) if self._names.titled_by else written
        hit = Case(When(in_title, then=Value(0)), default=Value(1), output_field=IntegerField())
        return self.filter(anywhere).annotate(title_hit=hit)

    def alphabetical(self, *, language: str | None = None) -> Self:
        return self.order_by(self.sort_column(language or get_language() or SOURCE_LANGUAGE), "pk")

    def sort_column(self, language: str) -> str:
        """By which rows are put in alphabetical order, for ``order_by``."""
        return self._title_column("sort_key", language)

    @property
    def _names(self) -> type[Searchable]:
        return cast("type[Searchable]", self.model)

    def _title_column(self, name: str, language: str) -> str:
        relation = self._names.titled_by
        return f"{relation}__{to_attribute(name, language)}" if relation else to_attribute(name, language)

    def without_search_columns(self) -> Self:
        """Rows to print: their folded text, which is long, stays in the database."""
        return self.defer(*self._names.search_columns())

    def reindex(self, *, batch_size: int = 500) -> int:
        """Write the search columns of these rows again; returns how many rows there were.

        Call it after writing rows or what their text is drawn from (a partner's name, a territory): see
        ``search_parts``.
        """
        model = self._names
        rows: list[Searchable] = []
        count = 0
        for row in (
            self.order_by("pk").prefetch_related(*model.search_related).iterator(chunk_size=batch_size)
        ):
            row.fill_search_columns()
            rows.append(row)
            if len(rows) == batch_size:
                count += len(rows)
                model._base_manager.bulk_update(rows, model.search_columns())
                rows = []
        if rows:
            count += len(rows)
            model._base_manager.bulk_update(rows, model.search_columns())
        return count


class Searchable(models.Model):
    """Columns that hold the folded title and text in each language; ``search_text`` includes the title."""

    search_title = translated(models.TextField("titre (recherche)", blank=True, default="", editable=False))
    search_text = translated(models.TextField("texte (recherche)", blank=True, default="", editable=False))
    sort_key = translated(
        models.CharField("clé de tri", max_length=200, blank=True, default="", editable=False, db_index=True)
    )

    #: What ``search_parts`` reads of other tables, for ``prefetch_related``.
    search_related: ClassVar[tuple[str, ...]] = ()
    #: The relation to what names these rows, where they have no title of their own. Its columns are read as
    #: they stand, so that nothing is written anew when its title changes.
    titled_by: ClassVar[str] = ""

    class Meta:
        abstract = True

    def search_parts(self, language: str) -> tuple[str, str]:
        """The title, and everything else that a search should find, in that language."""
        raise NotImplementedError

    @classmethod
    def search_columns(cls) -> list[str]:
        return [
            to_attribute(name, language)
            for name in ("search_title", "search_text", "sort_key")
            for language in LANGUAGES
        ]

    def fill_search_columns(self) -> None:
        for language in LANGUAGES:
            title, text = self.search_parts(language)
            setattr(self, to_attribute("search_title", language), search_column(title, language))
            setattr(self, to_attribute("search_text", language), search_column(f"{title}\n{text}", language))
            setattr(self, to_attribute("sort_key", language), sort_key(title))
