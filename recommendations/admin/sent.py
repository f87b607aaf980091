"""What the pages of entries and imports send, in words: for whoever is asked whether to send it once more."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.numbers import ID_DIGITS, whole_number
from recommendations.admin.bulk import BulkForm
from recommendations.admin.checking import CheckForm
from recommendations.admin.import_acts import CELL
from recommendations.admin.imports import UploadForm
from recommendations.admin.scheduling import ScheduleForm
from recommendations.models import BulkChange
from recommendations.spreadsheet.columns import Columns
from sources.models import Source
from staff.sending import Said, Teller
from themes.models import Term

#: Buttons, each with what it says.
BUTTONS = {
    "_approve": gettext_lazy("Approve and publish"),
    "_return": gettext_lazy("Return to its editor"),
    "_do": gettext_lazy("Do it"),
    "_continue": gettext_lazy("Go on with it"),
}
#: Fields of forms under the name they are sent by.
FIELDS: dict[str, Any] = {
    **{f"bulk-{name}": field for name, field in BulkForm.base_fields.items()},
    **ScheduleForm.base_fields,
    **CheckForm.base_fields,
    **UploadForm.base_fields,
}


def teller() -> Teller:
    """Says a field of one of these pages as its label and what stands in it; ``None`` where it is of another page."""
    return partial(_said, headers=cache(lambda: {column.name: column.header for column in Columns.now().every}))


def _said(name: str, value: str, *, headers: Callable[[], dict[str, str]]) -> Said | None:
    if name in BUTTONS:
        return _("Button"), str(BUTTONS[name])
    if name == "reason":
        return _("Comment"), value
    if name == "entries":
        return _("Entries"), str(len(value.split(",")))
    if name in FIELDS:
        return str(FIELDS[name].label), _named(name, value)
    return _of_row(name, value, headers)


def _named(name: str, value: str) -> str:
    """What is chosen by ``value``, which may be anything that was sent."""
    if name == "bulk-kind":
        return str(dict(BulkChange.Kind.choices).get(value, value))
    if name == "publishes":
        return str(dict(UploadForm.base_fields["publishes"].choices).get(value, value))  # type: ignore[attr-defined]
    model: Any = {"bulk-terms": Term, "source": Source}.get(name)
    if model is None:
        return value
    found = model._default_manager.filter(pk=whole_number(value, digits=ID_DIGITS)).first()
    return str(found or value)


def _of_row(name: str, value: str, headers: Callable[[], dict[str, str]]) -> Said | None:
    """A cell of a row that was mended, or a row that is left out."""
    kind, _dash, rest = name.partition("-")
    if kind == "leave" and rest.isdigit():
        return _("Row %(line)s") % {"line": rest}, _("Leave this row out")
    cell = CELL.fullmatch(name)
    if cell is None:
        return None
    if cell[1] == "agree":
        return "", ""
    row = _("Row %(line)s") % {"line": cell[2]}
    return f"{row}{_(', ')}{headers().get(cell[3], cell[3])}", value
