"""A model admin whose forms write over nobody's words: see ``common.overtaken``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_permission_codename
from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from common.admin import HELD, DeskAdmin, tell_what_is_held
from common.keeping import newest_of
from common.overtaken import OPENED, Overtaken, Sheet, packed, unpacked


class Guarded(admin.ModelAdmin):
    """For a model admin: whoever saves second is shown what was saved meanwhile, keeps what they typed, and chooses."""

    change_form_template = "admin/guarded_form.html"

    #: Columns that count as changed although the form of this user does not ask for them.
    guarded_beside: tuple[str, ...] = ()

    def changeform_view(
        self, request: Any, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Show or save a form; the thing and its rows are held from the comparison to the last write."""
        request.opened = unpacked(request.POST.get(OPENED, "")) if request.method == "POST" and object_id else None
        if request.opened is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            self._look_for_changes(request, unquote(str(object_id)))
            return super().changeform_view(request, object_id, form_url, extra_context)

    def _look_for_changes(self, request: Any, pk: str) -> None:
        thing = self.get_object(request, pk)
        if thing is None:
            return
        self._hold(thing)
        thing = self.get_object(request, pk)
        if thing is None or not self.has_change_permission(request, thing):
            return
        form = self.get_form(request, thing, change=True)(instance=thing)
        formsets = [
            formset(instance=thing, prefix=formset.get_default_prefix(), queryset=inline.get_queryset(request))
            for formset, inline in self.get_formsets_with_inlines(request, thing)
        ]
        guard = Overtaken(Sheet(form, formsets, beside=self.guarded_beside), request.POST)
        request.guard, request.POST = guard, guard.posted

    def _hold(self, thing: Any) -> None:
        """Nobody else saves ``thing`` or its rows until the transaction ends, here or on a page of a row's own."""
        held = type(thing)._base_manager.select_for_update(no_key=True)
        list(held.filter(pk=thing.pk).values_list("pk"))
        for rows in self._rows_of(thing):
            list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk"))

    def _rows_of(self, thing: Any) -> Iterator[Any]:
        for model, column in self.parts():
            yield model._base_manager.filter(**{column: thing.pk})

    def parts(self) -> list[tuple[Any, str]]:
        """What is edited as rows of a thing, each with the column that points at it."""
        return []

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        guard = guard_of(request)
        return refusing(form, self.refusal(request, obj, guard)) if guard and guard.is_refused else form

    def refusal(self, request: HttpRequest, thing: Any, guard: Overtaken) -> str:
        """Why nothing is saved, and that nothing is lost."""
        if not guard.is_overtaken:
            return _("The words you chose stand in the form. Nothing is saved yet: look at it, then save.")
        newest = newest_of(thing, self.parts())
        kept = _(
            "Nothing of yours was saved, and nothing is lost: what you wrote stands in this form, the rest is as it "
            "is now. Saving again puts your words in place."
        )
        if newest is None or newest.history_user is None:
            return f"{_('This was saved while you were editing it.')} {kept}"
        sentence = _("%(who)s saved this while you were editing it, on %(when)s.") % {
            "who": newest.history_user.get_full_name() or newest.history_user.get_username(),
            "when": date_format(localtime(newest.history_date), "DATETIME_FORMAT"),
        }
        return f"{sentence} {kept}"

    def render_change_form(
        self, request: Any, context: Any, add: bool = False, change: bool = False, form_url: str = "", obj: Any = None
    ) -> Any:
        guard = guard_of(request)
        context["guard"] = guard
        context["guard_hidden"] = guard.hidden if guard else {}
        tell_what_is_held(context)
        if guard is None and change and request.method != "POST" and self.has_change_permission(request, obj):
            formsets = [inline.formset for inline in context["inline_admin_formsets"]]
            sheet = Sheet(context["adminform"].form, formsets, beside=self.guarded_beside)
            context["guard_hidden"] = {OPENED: packed(sheet.values)}
        context.setdefault("is_looked_at", False)
        return super().render_change_form(request, context, add, change, form_url, obj)


class GuardedAdmin(Guarded, DeskAdmin):
    """The model admin of what readers see at once, or of drafts of it: it says who decides what they see."""

    #: The permission that decides, where it is not that of changing it.
    deciding: str = ""

    def parts(self) -> list[tuple[Any, str]]:
        return DeskAdmin.parts(self)

    def render_change_form(
        self, request: Any, context: Any, add: bool = False, change: bool = False, form_url: str = "", obj: Any = None
    ) -> Any:
        is_looked_at = change and not self.has_change_permission(request, obj)
        context |= {"deciders": self.deciders(), "is_looked_at": is_looked_at}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def deciders(self) -> str:
        """The groups whose members change what readers see of it."""
        codename = self.deciding or get_permission_codename("change", self.opts)
        groups = Group.objects.filter(
            permissions__codename=codename, permissions__content_type__app_label=self.opts.app_label
        )
        return _(", ").join(groups.order_by("name").values_list("name", flat=True)) or "–"


def refusing(form: Any, why: str) -> Any:
    """The form class ``form``, which takes nothing and says ``why``."""

    def clean(self: Any) -> Any:
        super(refused, self).clean()
        self.add_error(None, forms.ValidationError(why, code=HELD))
        return self.cleaned_data

    refused: Any = type(form)(form.__name__, (form,), {"clean": clean})
    return refused


def guard_of(request: Any) -> Overtaken | None:
    """What was found of the form that ``request`` sends; ``None`` where there is nothing to compare."""
    found = getattr(request, "guard", None)
    return found if isinstance(found, Overtaken) else None
