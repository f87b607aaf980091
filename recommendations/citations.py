"""How to cite an entry: in words, in two styles, and as files for reference managers.

The author named is this site: the words of an entry are its editors', not those of the body whose report they
read. Every form says so, and names the version and the day of its last review where there are any.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from common.site import site_name, site_slug
from common.translation import HTML_LANG, Text
from recommendations.filters import plain as one_line
from recommendations.models import EntryVersion, Recommendation

#: What BibTeX takes for a command, and how it is written as a letter.
BIBTEX_LETTERS = str.maketrans(
    {
        "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
        "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    }
)  # fmt: skip
MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Style:
    """A citation in one style; where there is a file of it, the lines of ``text`` matter."""

    key: str
    label: str | Promise
    text: str
    file_url: str = ""


def dated_on(entry: Recommendation, version: EntryVersion | None) -> dt.date | None:
    """The day of the last change of what is cited: what its page says, wherever and whenever it was loaded."""
    moment = entry.changed_at or (version.public_from if version else None)
    return timezone.localdate(moment) if moment else None


def note(entry: Recommendation, version: EntryVersion | None) -> str:
    """What a citation must say beside title and address: whose words, of what, how firm, and when looked at.

    Without ``version`` where a style names it elsewhere.
    """
    parts = [
        _("An editorial reading of “%(report)s” (%(body)s); basis: %(basis)s")
        % {"report": entry.report.title, "body": entry.report.body, "basis": entry.get_basis_display().lower()}
    ]
    if version:
        parts.append(_("version %(number)s") % {"number": version.number})
    if entry.reviewed_on:
        parts.append(_("reviewed %(date)s") % {"date": entry.reviewed_on.isoformat()})
    return one_line(pgettext("citation", ", ").join(parts))


def plain(entry: Recommendation, version: EntryVersion | None, address: str) -> str:
    """In words: number, title, site, version, review date, whose reading it is, and address."""
    named = {"number": entry.number, "title": entry.title, "site": site_name()}
    parts = [_("“%(number)s. %(title)s”, %(site)s") % named]
    if version:
        parts.append(_("version %(number)s") % {"number": version.number})
    if entry.reviewed_on:
        parts.append(_("reviewed %(date)s") % {"date": date_format(entry.reviewed_on)})
    parts.append(_("an editorial reading, basis: %(basis)s") % {"basis": entry.get_basis_display().lower()})
    return f"{pgettext('citation', ', ').join(parts)}{pgettext('citation', '. ')}{address}"


def apa(entry: Recommendation, version: EntryVersion | None, address: str) -> str:
    """In the style of the American Psychological Association, seventh edition: a page whose author is its site."""
    day = dated_on(entry, version)
    when = f"{day.year}, {MONTH_NAMES[day.month - 1]} {day.day}" if day else "n.d."
    inner = [_("Recommendation %(number)s") % {"number": entry.number}]
    if version:
        inner.append(_("Version %(number)s") % {"number": version.number})
    part = pgettext("citation", ", ").join(inner)
    return f"{site_name()}. ({when}). {one_line(entry.title)} ({part}) [{note(entry, None)}]. {address}"


def gbt(entry: Recommendation, version: EntryVersion | None, address: str, *, read_on: dt.date) -> str:
    """By GB/T 7714-2015, an online resource: title and what completes it, ``[EB/OL]``, days of change and reading."""
    day = dated_on(entry, version)
    when = f"({day.isoformat()})" if day else ""
    site, title, said = site_name(), one_line(entry.title), note(entry, version)
    return f"{site}. {title}: {said}[EB/OL]. {when}[{read_on.isoformat()}]. {address}."


def bibtex(entry: Recommendation, version: EntryVersion | None, address: str) -> str:
    """One BibTeX record, UTF-8, a field a line."""
    day = dated_on(entry, version)
    fields = {
        "author": f"{{{_letters(site_name())}}}",
        "title": f"{{{_letters(entry.title)}}}",
        "howpublished": rf"\url{{{address}}}",
        "url": address,
        "note": _letters(note(entry, version)),
        "language": "chinese" if entry.title.lang == "zh-hans" else "english",
    }
    if day:
        fields |= {"year": str(day.year)}
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    if day:
        lines.append(f"  month = {MONTH_NAMES[day.month - 1][:3].lower()},")
    return "\n".join([f"@misc{{{site_slug()}-{entry.slug},", *lines, "}"]) + "\n"


def _letters(text: str) -> str:
    return one_line(text).translate(BIBTEX_LETTERS)


def ris(entry: Recommendation, version: EntryVersion | None, address: str) -> str:
    """One RIS record of a page on the web; its lines end as the format says. Terms are loaded."""
    day = dated_on(entry, version)
    rows: list[tuple[str, str]] = [("TY", "ELEC"), ("AU", site_name()), ("TI", entry.title)]
    if day:
        rows += [("PY", str(day.year)), ("DA", f"{day:%Y/%m/%d}/")]
    if version:
        rows.append(("ET", str(version.number)))
    rows += [("AB", entry.summary), ("N1", note(entry, version))]
    rows += [("KW", term.label) for term in entry.terms.all()]
    lang = HTML_LANG[entry.title.lang] if isinstance(entry.title, Text) else "en"
    rows += [("LA", lang), ("UR", address), ("ER", "")]
    return "".join(f"{tag}  - {one_line(value)}\r\n" for tag, value in rows)


#: Ending of a file → what writes it, and its type.
FILES: dict[str, tuple[Callable[[Recommendation, EntryVersion | None, str], str], str]] = {
    "bib": (bibtex, "application/x-bibtex; charset=utf-8"),
    "ris": (ris, "application/x-research-info-systems; charset=utf-8"),
}


def styles(entry: Recommendation, version: EntryVersion | None, address: str, *, read_on: dt.date) -> list[Style]:
    """The citation in every style but plain words."""

    def file_url(name: str) -> str:
        return reverse(f"recommendations:{name}", args=[entry.slug])

    return [
        Style("apa", "APA", apa(entry, version, address)),
        Style("gbt", "GB/T 7714", gbt(entry, version, address, read_on=read_on)),
        Style("bib", "BibTeX", bibtex(entry, version, address), file_url("cite_bib")),
        Style("ris", gettext_lazy("RIS (EndNote, Zotero)"), ris(entry, version, address), file_url("cite_ris")),
    ]
