"""Two people at one form: what the second to save typed is kept, and what was saved meanwhile is told field by field.

For anything whose form the admin makes. A form carries what it was opened with; what stands in the database by the time
it is sent is compared with that, in whatever process and on either database. Entries have a road of their own
(``recommendations.admin.conflict``): they have versions and working copies.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import DELETION_FIELD_NAME, INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _

#: The fields that carry what the form was opened with: this time, and before the first refusal.
OPENED, FIRST = "opened", "opened_first"
#: The name of a field whose words give way to those that were saved.
TAKE = "_take"

#: Key of a field → what it says: ``title_en``, or ``effects:12:status`` in the row of that id.
Values = dict[str, Any]


def packed(values: Values) -> str:
    """Values as text, for a hidden field."""
    return json.dumps(values, ensure_ascii=False)


def unpacked(text: str) -> Values | None:
    """The same again; ``None`` for what no form of ours sent."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def said(field: forms.Field, value: Any) -> Any:
    """``value`` in one spelling, typed or stored: text, or a sorted list of texts where there are several."""
    if isinstance(field, forms.ModelMultipleChoiceField):
        return sorted(str(one) for one in field.prepare_value(value) or [])
    if isinstance(field, forms.ModelChoiceField):
        value = field.prepare_value(value)
    else:
        with suppress(ValidationError):  # what is no date stays as it was typed; the form says so
            value = field.to_python(value)
    return "" if value is None else str(value).replace("\r\n", "\n").strip()


class Sheet:
    """Every field of an unsent form and of its rows, with what it says now; ``beside`` are columns not asked for."""

    def __init__(self, form: Any, formsets: Iterable[Any], *, beside: Iterable[str] = ()) -> None:
        self.fields: dict[str, forms.Field] = {}
        self.values: Values = {}
        self.rows: dict[str, dict[str, Any]] = {}
        self.formsets: dict[str, Any] = {formset.prefix: formset for formset in formsets}
        #: What is not typed (the digest of a password) is not written into a page either.
        self.asked_of_thing = [name for name, field in form.fields.items() if not field.disabled]
        for name in self.asked_of_thing:
            self._add(name, form, name)
        for name in beside:
            if name not in self.fields:
                self.fields[name] = form.instance._meta.get_field(name).formfield()
                self.values[name] = said(self.fields[name], getattr(form.instance, name))
        for prefix, formset in self.formsets.items():
            self.rows[prefix] = {str(row.instance.pk): row.instance for row in formset.initial_forms}
            for row in formset.initial_forms:
                for name in self.asked(prefix):
                    self._add(f"{prefix}:{row.instance.pk}:{name}", row, name)

    def asked(self, prefix: str) -> list[str]:
        """The fields of a row that say something: neither its id nor what it belongs to."""
        formset = self.formsets[prefix]
        apart = {formset.model._meta.pk.name, formset.fk.name, DELETION_FIELD_NAME}
        return [name for name in formset.empty_form.fields if name not in apart]

    def _add(self, key: str, form: Any, name: str) -> None:
        self.fields[key] = form.fields[name]
        self.values[key] = said(form.fields[name], form.get_initial_for_field(form.fields[name], name))

    def field(self, key: str) -> forms.Field:
        """The field of ``key``, also of a row that is gone."""
        prefix, _colon, rest = key.partition(":")
        return self.fields.get(key) or self.formsets[prefix].empty_form.fields[rest.rpartition(":")[2]]

    def knows(self, key: str) -> bool:
        """Whether there is such a field: what a form sends is not to be trusted."""
        prefix, _colon, rest = key.partition(":")
        return key in self.fields or (prefix in self.formsets and rest.rpartition(":")[2] in self.asked(prefix))


@dataclass(frozen=True, slots=True)
class Part:
    """A field that was saved otherwise meanwhile. ``mine`` is empty where the form holds what was saved."""

    label: str
    name: str
    was: str
    theirs: str
    mine: str
    is_contested: bool


class Overtaken:
    """``sheet`` is what stands in the database, ``posted`` what was sent, then fitted to that."""

    def __init__(self, sheet: Sheet, posted: QueryDict) -> None:
        self.sheet, self.posted = sheet, posted.copy()
        opened = unpacked(posted.get(OPENED, ""))
        self.opened = {k: v for k, v in (opened or sheet.values).items() if sheet.knows(k)}
        first = unpacked(posted.get(FIRST, "")) or self.opened
        self.first = {k: v for k, v in first.items() if sheet.knows(k)}
        self.is_overtaken = self.opened != sheet.values
        self.is_choosing = TAKE in posted
        if self.is_overtaken:
            self._take_untouched()
        for name in posted.getlist(TAKE):
            self._take(name)

    @property
    def is_refused(self) -> bool:
        """Whether nothing is saved this time."""
        return self.is_overtaken or self.is_choosing

    @property
    def hidden(self) -> dict[str, str]:
        """Name → value of the fields that the form is shown again with; what it does not ask for stays as it was."""
        asked = self._names
        kept = {k: v for k, v in self.opened.items() if k not in asked and k in self.sheet.values}
        return {OPENED: packed(self.sheet.values | kept), FIRST: packed(self.first)}

    @cached_property
    def parts(self) -> list[Part]:
        """Every field that was saved otherwise since the form was first opened."""
        keys = [key for key in {**self.first, **self.sheet.values} if self._differs(key)]
        return [self._part(key) for key in keys]

    def _differs(self, key: str) -> bool:
        return bool(self.first.get(key) != self.sheet.values.get(key))

    def _part(self, key: str) -> Part:
        field, name = self.sheet.field(key), self._names.get(key, "")
        theirs = self.sheet.values.get(key)
        mine = self._typed(key, name) if name else theirs
        is_mine = mine != theirs
        return Part(
            label=self._label(key, field),
            name=name,
            was=told(field, self.first.get(key)),
            theirs=told(field, theirs),
            mine=told(field, mine) if is_mine else "",
            is_contested=is_mine and key in self.sheet.values,
        )

    def _label(self, key: str, field: forms.Field) -> str:
        label = capfirst(str(field.label or key))
        prefix, colon, rest = key.partition(":")
        if not colon:
            return label
        row = self.sheet.rows[prefix].get(rest.partition(":")[0])
        kind = capfirst(str(self.sheet.formsets[prefix].model._meta.verbose_name))
        return f"{kind} ({row or _('taken out')}): {label}"

    # What was sent ----------------------------------------------------------------------------------------

    @cached_property
    def _names(self) -> dict[str, str]:
        """Key → name in the form as it stands now."""
        names = {name: name for name in self.sheet.asked_of_thing}
        for prefix in self.sheet.formsets:
            for index, row_id in enumerate(self._ids(prefix)):
                for name in self.sheet.asked(prefix) if row_id else ():
                    names[f"{prefix}:{row_id}:{name}"] = f"{prefix}-{index}-{name}"
        return names

    def _ids(self, prefix: str) -> list[str]:
        key = self.sheet.formsets[prefix].model._meta.pk.name
        return [self.posted.get(f"{prefix}-{n}-{key}", "") for n in range(self._count(prefix))]

    def _count(self, prefix: str) -> int:
        text = self.posted.get(f"{prefix}-{TOTAL_FORM_COUNT}", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0

    def _typed(self, key: str, name: str) -> Any:
        field = self.sheet.field(key)
        return said(field, field.widget.value_from_datadict(self.posted, {}, name))

    def _put(self, key: str, name: str) -> None:
        """Have the form say for ``key`` what stands in the database."""
        value = self.sheet.values[key]
        if isinstance(value, list):
            self.posted.setlist(name, value)
        else:
            self.posted[name] = value  # a tick box reads True and False

    def _take(self, name: str) -> None:
        for key, found in self._names.items():
            if found == name and key in self.sheet.values:
                self._put(key, name)

    # What was not touched ---------------------------------------------------------------------------------

    def _take_untouched(self) -> None:
        for key, name in self._names.items():
            if ":" not in key and self._typed(key, name) == self.opened.get(key):
                self._put(key, name)
        for prefix in self.sheet.formsets:
            if self._count(prefix) or self.sheet.rows[prefix]:
                self._fit_rows(prefix)
        self.__dict__.pop("_names", None)

    def _fit_rows(self, prefix: str) -> None:
        """The rows that are there now, as typed or else as saved; then those that were added here."""
        pk = self.sheet.formsets[prefix].model._meta.pk.name
        fk = self.sheet.formsets[prefix].fk.name
        sent = [self._row(prefix, n) for n in range(self._count(prefix))]
        mine = {row.get(pk, [""])[0]: row for row in sent}
        present = [
            self._merged(prefix, row_id, mine.get(row_id)) | {pk: [row_id]} for row_id in self.sheet.rows[prefix]
        ]
        added = [row | {pk: [""]} for row in sent if self._is_added(prefix, row, row.get(pk, [""])[0])]
        for key in [
            key for key in self.posted if key.startswith(f"{prefix}-") and key[len(prefix) + 1 :][:1].isdigit()
        ]:
            del self.posted[key]
        owner = str(self.sheet.formsets[prefix].instance.pk)
        for n, row in enumerate([*present, *added]):
            for name, values in (row | {fk: [owner]}).items():
                self.posted.setlist(f"{prefix}-{n}-{name}", values)
        self.posted[f"{prefix}-{TOTAL_FORM_COUNT}"] = str(len(present) + len(added))
        self.posted[f"{prefix}-{INITIAL_FORM_COUNT}"] = str(len(present))

    def _row(self, prefix: str, index: int) -> dict[str, list[str]]:
        start = f"{prefix}-{index}-"
        return {key.removeprefix(start): self.posted.getlist(key) for key in self.posted if key.startswith(start)}

    def _merged(self, prefix: str, row_id: str, mine: dict[str, list[str]] | None) -> dict[str, list[str]]:
        """A row that is there: what was typed in it, and for the rest what it says now."""
        scratch = QueryDict(mutable=True)
        for name, values in (mine or {}).items():
            scratch.setlist(name, values)
        for name in self.sheet.asked(prefix):
            key = f"{prefix}:{row_id}:{name}"
            field = self.sheet.field(key)
            typed = said(field, field.widget.value_from_datadict(scratch, {}, name))
            if mine is None or typed == self.opened.get(key):
                value = self.sheet.values[key]
                scratch.setlist(name, value if isinstance(value, list) else [value])
        return {name: scratch.getlist(name) for name in scratch}

    def _is_added(self, prefix: str, row: dict[str, list[str]], row_id: str) -> bool:
        """Whether a row is to be added: a new one, or one taken out meanwhile in which something was typed here."""
        if not row_id:
            return True
        if row_id in self.sheet.rows[prefix] or DELETION_FIELD_NAME in row:
            return False
        for name in self.sheet.asked(prefix):
            field = self.sheet.field(f"{prefix}:{row_id}:{name}")
            typed = said(field, row.get(name, [""])[0])
            if typed != self.opened.get(f"{prefix}:{row_id}:{name}"):
                return True
        return False


def told(field: forms.Field, value: Any) -> str:
    """What a field says, as its form would show it."""
    if value in (None, "", []):
        return "–"
    if isinstance(field, forms.ModelChoiceField):  # one of several as well
        asked = value if isinstance(value, list) else [value]
        ids = [one for one in asked if one.isascii() and one.isdigit() and len(one) < 19]
        queryset: Any = field.queryset
        return _(", ").join(str(thing) for thing in queryset.filter(pk__in=ids).order_by("pk"))
    if isinstance(field, forms.BooleanField):
        return _("Yes") if value == "True" else _("No")
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        return next((str(label) for choice, label in choices if str(choice) == value), value)
    return str(value)
