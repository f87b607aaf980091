"""Why a file, or a row of it, cannot go in: one sentence a reason, kept by its name and said in either language."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.days import IN_THE_FUTURE, TOO_EARLY

#: Reason → its sentence.
SENTENCES: dict[str, str | Promise] = {
    # the file
    "too-large": _("The file is larger than %(most)s MB."),
    "empty": _("The file is empty."),
    "kind": _("“%(name)s” is not a kind of file that is read here: upload .xlsx, .csv or .json."),
    "old-or-locked": _(
        "This is an Excel file of the old kind (.xls), or one that is locked with a password. Save it as .xlsx without "
        "a password."
    ),
    "macros": _("The file has macros (%(part)s). Save it as .xlsx, without macros."),
    "external": _("The file has links to other files (%(part)s). Break the links in Excel (Data, Edit Links), save."),
    "embedded": _("The file has something embedded in it (%(part)s). Take it out and save."),
    "bomb": _("Unpacked, the file would be larger than %(most)s MB."),
    "not-a-workbook": _("The file is not a workbook, although its name says so."),
    "broken": _("The file cannot be read: it is damaged, or not what its name says."),
    "nested": _(
        "The file is nested too deep to be read. A JSON file holds a list of objects, or one object with such a list "
        "as “results”."
    ),
    "encoding": _("The text of the file is neither UTF-8, UTF-16 nor GB18030."),
    "no-text": _("The text of the file holds a sign that no text has (NUL)."),
    "no-rows": _("There is nothing below the headers: the file has no row."),
    "two-tables": _(
        "The sheet “%(name)s” has a table too, and only the first sheet is read: keep one of them, or upload the other "
        "as a file of its own."
    ),
    "same-key": _("One object has “%(name)s” twice: leave one of them."),
    "no-table": _("No table was found: the first row with anything in it has the headers, one a column."),
    "json-shape": _("A JSON file holds a list of objects, or one object with such a list as “results”."),
    "too-many-rows": _("The file has more than %(most)s rows."),
    "too-many-columns": _("The file has more than %(most)s columns."),
    "twice": _("“%(first)s” and “%(second)s” are the same column, %(name)s. Leave one of them."),
    "no-key": _("No column says which entry a row is about: “slug” or “number”, or “title (English)” for new entries."),
    "no-row-column": _("The file has no column “row”, which says what row each of its rows takes the place of."),
    "no-such-row": _("Row %(row)s is not among the rows of this import."),
    "failed": _("Something went wrong here while the file was read. It was not imported; try again."),
    "failed-write": _("Something went wrong here while it was written. Nothing of it was; confirm it again."),
    # a row
    "formula": _("The cell has a formula. Put its value there."),
    "cell-error": _("The cell has an error of Excel's (%(value)s)."),
    "cut": _(
        "The text is longer than a cell of a workbook holds, and was cut. Change it at the desk, in CSV or in JSON."
    ),
    "too-long": _("Longer than %(most)s characters."),
    "not-text": _("The cell has signs that no text has."),
    "needed-new": _("Needed for a new entry."),
    "needed-public": _("Needed before it is published."),
    "not-clearable": _("This cannot be emptied."),
    "no-such": _("“%(value)s” is not known."),
    "not-one-of": _("“%(value)s” is not known. It is one of: %(allowed)s."),
    "several": _("“%(value)s” may be one of several: write the slug."),
    "which-report": _("There are several reports: say which one."),
    "not-a-number": _("“%(value)s” is not a whole number between 1 and %(most)s."),
    "not-a-date": _("“%(value)s” is not a date. Write 2026-11-24."),
    "in-the-future": IN_THE_FUTURE,
    "too-early": TOO_EARLY,
    "not-a-slug": _("“%(value)s” is not a slug: lower-case letters, digits and single hyphens."),
    "reserved": _("“%(slug)s” is kept for the site itself; choose another."),
    "no-such-version": _("The entry has no version %(value)s."),
    "other-slug": _("Number %(number)s is “%(slug)s” here. An address is changed at the desk."),
    "other-report": _("“%(slug)s” is an entry of another report."),
    "taken": _("“%(slug)s” is number %(number)s here: mend the slug or the number."),
    "taken-before": _(
        "“%(slug)s” was the address of number %(number)s and still leads there: mend the slug or the number."
    ),
    "same-entry": _("Row %(row)s is about the same entry."),
    "pillar-elsewhere": _("This pillar belongs to another report."),
    "archived": _("The entry is archived: it changes only when it is taken out of the archive, as a draft."),
    "itself": _("An entry is not related to itself."),
    "passage-shape": _(
        "“%(line)s” is not a passage. Write: source | section | paragraph | basis | key phrase | note in English | "
        "note in Chinese."
    ),
    "city-shape": _("“%(line)s” is not a city link. Write: city | basis | note in English | note in Chinese."),
    "no-such-section": _("“%(source)s” has no section “%(section)s”."),
    "too-many-words": _(
        "“%(value)s”: a key phrase has at most %(limit)s words, two Chinese characters counting as one; this one has "
        "%(count)s."
    ),
    "not-a-paragraph": _(
        "“%(value)s” is not a place: write ¶ and the number of a paragraph, or b and that of a bullet (¶1, b2)."
    ),
    "passage-twice": _("The same passage stands there twice: %(line)s"),
    "city-twice": _("The same city stands there twice: %(line)s"),
    "meanwhile": _("%(who)s changed this meanwhile (version %(version)s). Look at what it says now, then decide."),
    "cells-beyond": _("The row has more cells than there are headers."),
    # not read, and told
    "not-read": _("This column is not read. The file has “%(said)s”, the entry “%(now)s”, and that stays."),
    "not-read-new": _("This column is not read: “%(said)s” is not taken over."),
    # a row that names nothing
    "empty-row-key": _("Nothing says which entry this is: write a slug or a number, or a title for a new entry."),
}


class Refused(Exception):
    """A file that is not read. ``problem`` is its reason, as :func:`problem` makes it."""

    def __init__(self, code: str, **params: Any) -> None:
        self.problem = problem("", code, **params)
        super().__init__(code)


def problem(column: str, code: str, **params: Any) -> dict[str, Any]:
    """A reason as it is kept: the column, the name of the sentence, what stands in it."""
    return {"column": column, "code": code, "params": params}


def sentence(found: dict[str, Any]) -> str:
    """A reason in the language in force."""
    return str(SENTENCES[found["code"]]) % found["params"]
