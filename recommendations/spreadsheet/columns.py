"""The columns of an editor's spreadsheet: their names, what they are called in each language, how a header is known."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import partial

from django.utils.functional import Promise, lazystr
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from recommendations.entry_page import FIELD_LABELS
from recommendations.models import Recommendation
from recommendations.snapshot import TEXT_COLUMNS
from themes.models import Vocabulary

Label = str | Promise

#: What says which entry a row is about.
KEYS = ("report", "number", "slug")
#: Which version of the entry the rest of its row was taken from.
VERSION = "version"
#: On which row of the file a row of a file of rejects stood.
ROW = "row"
#: What is shown to editors and follows from something else: never read.
SHOWN_ONLY = ("state", "status", "pending")
#: What other files of this site have besides: known, and left aside.
OF_OTHER_FILES = (
    "cities_named", "cities_editorial", "cities_metropolitan", "cities_bay_area",
    "published_at", "changed_at", "url", "provenance", "licence", "reason", "reason_zh_hans",
)  # fmt: skip
#: What every file for readers has, whatever columns they chose: so it is known from an editor's.
OF_READERS = {"provenance", "licence"}
#: What such a file tells in words of its own, which are not those of an editor's file.
READERS_ONLY = {"evidence"}

_LABELS: dict[str, Label] = {
    "cities": _("city links"),
    "evidence": _("evidence"),
    VERSION: _("version"),
    ROW: _("row"),
    "pending": _("pending copy"),
    "reason": _("reason"),
}
#: What people call the languages of a text, beside its name and in brackets.
_LANGUAGES = {
    "en": {"english", "en", "eng", "英文", "英语", "英語"},
    "zh_hans": {
        *("chinese", "simplified chinese", "chinese simplified", "zh", "zh hans", "zh_hans", "zh cn", "cn"),
        *("中文", "汉语", "简体中文", "中文简体", "简体", "简中", "簡體中文"),
    },
}
#: A name, then a language in brackets of any kind; full-width ones are half-width by then.
_BRACKETED = re.compile(r"(.+?) ?[(\[【〔] ?(.+?) ?[)\]】〕]")
#: What stands between the two languages of a header.
BETWEEN = " / "


def _label(name: str) -> Label:
    found = _LABELS.get(name)
    return Recommendation._meta.get_field(name).verbose_name if found is None else found  # type: ignore[union-attr]


def in_both(label: Label) -> tuple[str, str]:
    """``label`` in English and in Chinese."""
    said = []
    for language in ("en", "zh-hans"):
        with override(language):
            said.append(str(label))
    return said[0], said[1]


def normal(header: str) -> str:
    """``header`` without what does not count: case, width, marks and spaces."""
    text = unicodedata.normalize("NFKC", header).casefold()
    return re.sub(r"[\s_*:.\-]+", " ", text).strip()


def _bare(label: str) -> str:
    """The name of a text without its language."""
    return re.sub(r"\s*[(（].*", "", label)


def _with_language(name: str, language: str) -> str:
    """How the name of a text and a language are known together, however they were written."""
    return f"{name.strip()} in {language.strip()}"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, and what it is called in English and in Chinese."""

    name: str
    english: str
    chinese: str
    is_vocabulary: bool = False

    @property
    def header(self) -> str:
        """Both languages in one line."""
        return self.english if self.english == self.chinese else f"{self.english}{BETWEEN}{self.chinese}"


@dataclass(frozen=True)
class Columns:
    """All columns there are, in order, and what is known besides."""

    every: list[Column]
    vocabularies: list[str]
    _known: dict[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def now(cls) -> Columns:
        """With a column for each vocabulary there is."""
        found = list(Vocabulary.objects.in_order())
        terms = [Column(v.slug, v.name_en, v.name_zh_hans or v.name_en, is_vocabulary=True) for v in found]
        plain = partial(map, lambda name: Column(name, *in_both(_label(name))))
        every = [
            *plain([*KEYS, VERSION, *SHOWN_ONLY, "pillar", "basis", "reach"]),
            *plain(TEXT_COLUMNS),
            *terms,
            *plain(["cities", "evidence", "related", "reviewed_on"]),
        ]
        known: dict[str, str] = {}
        for name, label in FIELD_LABELS.items():
            for said in {*map(_bare, in_both(_label(f"{name}_en"))), *in_both(label), name}:
                for suffix, languages in _LANGUAGES.items():
                    known |= {_with_language(normal(said), normal(each)): f"{name}_{suffix}" for each in languages}
        for column in [*every, Column(ROW, *in_both(_LABELS[ROW])), *(Column(n, n, n) for n in OF_OTHER_FILES)]:
            for said in (column.name, column.english, column.chinese):
                known.setdefault(normal(said), column.name)
        return cls(every, [column.name for column in terms], known)

    def named(self, header: str) -> str | None:
        """The column that ``header`` names, in either language or both; ``None`` where it is not known."""
        found = self._one(header)
        if found is None and BETWEEN.strip() in header:
            said = {self._one(part) for part in header.split(BETWEEN.strip())} - {None}
            found = said.pop() if len(said) == 1 else None
        return found

    def _one(self, header: str) -> str | None:
        plain = normal(header)
        split = _BRACKETED.fullmatch(plain)
        return self._known.get(plain) or (self._known.get(_with_language(*split.groups())) if split else None)

    def shown(self, header: str) -> str:
        """``header`` to be quoted: of one that says the same in both languages, the part in the language in force."""
        parts = header.split(BETWEEN)
        names = {self._one(part) for part in parts}
        if len(parts) != len(_LANGUAGES) or len(names) > 1 or None in names:
            return header
        return parts[1] if is_chinese() else parts[0]

    @property
    def written(self) -> list[Column]:
        """Those that an import reads into an entry or finds it by."""
        return [column for column in self.every if column.name not in (*SHOWN_ONLY, VERSION)]

    def label(self, name: str) -> Label:
        """What a column is called in the language in force."""
        for column in self.every:
            if column.name == name:
                return lazystr(_chosen(column))
        return _LABELS.get(name, name)


def is_chinese() -> bool:
    """Whether the language in force is Chinese."""
    from common.translation import site_language

    return site_language() == "zh-hans"


def _chosen(column: Column) -> Label:
    return column.chinese if is_chinese() else column.english


def is_for_readers(headers: Collection[str], columns: Columns) -> bool:
    """Whether these are the headers of a file that readers take along."""
    return {columns.named(header) for header in headers} >= OF_READERS


def map_headers(headers: Collection[str], columns: Columns) -> tuple[dict[str, str], list[str]]:
    """Place of a header (as text) → column, empty for those left aside; and the headers that are not known."""
    mapping: dict[str, str] = {}
    unknown = []
    for place, header in enumerate(headers):
        if not header.strip():
            mapping[str(place)] = ""
            continue
        name = columns.named(header)
        if name is None:
            unknown.append(header)
            continue
        mapping[str(place)] = "" if name in (*SHOWN_ONLY, *OF_OTHER_FILES) else name
    if is_for_readers(headers, columns):
        mapping = {place: "" if name in READERS_ONLY else name for place, name in mapping.items()}
    return mapping, unknown
