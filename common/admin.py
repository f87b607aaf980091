"""What every list and form of the editors' desk has in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast
from unicodedata import normalize

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import SEARCH_VAR
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models, transaction
from django.forms.models import _get_foreign_key
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from common.keeping import keep_first, keeps_history, past_of
from common.lines import one_line_end
from common.models import FormerSlug
from common.site import lazy_site_name
from common.slugs import is_name_of_another, remember_slug
from common.translation import COLUMN_SUFFIX, HTML_LANG, names_in_chinese, untranslated
from common.upkeep import after_reference_change

#: Sent with words that come back to their form: they are shown in it, and nothing is saved.
SHOWN_AGAIN = "_shown_again"
#: The code of a refusal that is no mistake of who typed.
HELD = "held"

admin.site.site_header = lazy_site_name
admin.site.site_title = format_lazy("{}{}", lazy_site_name, _(": editors’ desk"))
admin.site.index_title = _("Editors’ desk")
admin.site.site_url = cast(str, reverse_lazy("recommendations:home"))  # text once the language is known
admin.site.empty_value_display = "–"


def pair(name: str) -> tuple[str, str]:
    """Both languages of a text, for one row of a form: English, then Chinese."""
    return (f"{name}_en", f"{name}_zh_hans")


def has_words(text: str) -> bool:
    """Whether there is something in ``text`` to search for."""
    return any(character.isalnum() for character in text)


def badge(kind: str, value: object, label: object) -> SafeString:
    """A small coloured label; the style sheet colours it by ``kind`` and ``value``."""
    return format_html('<span class="badge" data-{}="{}">{}</span>', kind, value, label)


class TextField(forms.CharField):
    """A text of more than one line; browsers send other line ends than are kept."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return one_line_end(text) if isinstance(text, str) else text


class DayField(forms.DateField):
    """A day; a Chinese keyboard writes the digits and the signs between them at full width."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(normalize("NFKC", value) if isinstance(value, str) else value)


class Bilingual:
    """For a model admin or an inline: says to the browser which language each text field is written in.

    Of the links beside a choice only the one that adds is kept: the others change or show a thing in a pop-up window,
    and each has its own place on the desk.
    """

    #: Column → characters that a text should not exceed; it may.
    advised_lengths: dict[str, int] = {}

    formfield_overrides: ClassVar[Mapping[type[models.Field[Any, Any]], Mapping[str, Any]]] = {
        models.DateField: {"form_class": DayField},
        models.TextField: {"form_class": TextField},
    }

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]  # a mixin
        for language, suffix in COLUMN_SUFFIX.items():
            if field and db_field.name.endswith(f"_{suffix}"):
                field.widget.attrs["lang"] = HTML_LANG[language]
                self._advise_length(field, db_field.name)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_change_related = field.widget.can_view_related = field.widget.can_delete_related = False
        return field

    def _advise_length(self, field: Any, name: str) -> None:
        """Say how long a text of this kind should be; the page's script counts along."""
        limit = self.advised_lengths.get(name)
        if limit:
            field.widget.attrs["data-advised"] = limit
            field.help_text = field.help_text or _("Best at most %(limit)s characters.") % {"limit": limit}


class UntranslatedFilter(admin.SimpleListFilter):
    """For lists of what has texts in two languages: those that lack one."""

    title = _("translation")
    parameter_name = "translation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("missing", _("Something is missing"))]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        missing = untranslated(queryset.model) if self.value() == "missing" else None
        return queryset if missing is None else queryset.filter(missing)


class BilingualForm(forms.ModelForm):
    """A form that keeps a name in both languages: what has both does not lose one, what is new is given both.

    ``is_shown_again`` is set on the class made for one request, where that shows what was typed and saves nothing.
    """

    #: Whether it asks for that; what has a checklist of its own does not.
    needs_both_languages = True
    is_shown_again: ClassVar[bool] = False

    def clean(self) -> dict[str, Any]:
        super().clean()
        for column in names_in_chinese(self._meta.model) if self.needs_both_languages else ():
            is_emptied = column in self.fields and not self.cleaned_data.get(column) and column not in self.errors
            if is_emptied and (not self.instance.pk or self.initial.get(column)):
                self.add_error(column, _("Readers need it in both languages."))
        if self.is_shown_again:
            why = _("What you typed stands in the form. Nothing is saved yet: look at it, then save.")
            self.add_error(None, forms.ValidationError(why, code=HELD))
        return self.cleaned_data


class NamedForm(BilingualForm):
    """The form of a thing with a slug: a name that another one used to have stays that one's."""

    def clean_slug(self) -> Any:
        slug = self.cleaned_data["slug"]
        if slug and "slug" in self.changed_data and is_name_of_another(self.instance, slug):
            raise forms.ValidationError(
                _("“%(slug)s” is the former address of another one and still leads there; choose another.")
                % {"slug": slug}
            )
        return slug


class DeskInline(Bilingual, admin.TabularInline):
    """Rows of what belongs to the thing being edited; one is added when asked for."""

    form = BilingualForm
    extra = 0

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field:
            # The heading of a column is no label to a screen reader.
            getattr(field.widget, "widget", field.widget).attrs["aria-label"] = field.label
        return field


class ReadOnly:
    """For a model admin whose rows are made by the product itself: seen, never edited."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def keep_former_slug(form: forms.ModelForm, *, is_new: bool) -> None:
    """After ``form`` was saved: its object's former slug redirects, and the one it has now is its own."""
    if "slug" in form.changed_data:
        remember_slug(instance=form.instance, former="" if is_new else form.initial.get("slug") or "")


def tell_what_is_held(context: dict[str, Any]) -> None:
    """In the context of a form: where nobody is to correct anything, ``is_held`` has that said alone."""
    errors = context["adminform"].form.errors
    held = [error.code == HELD for error in errors.as_data().get(NON_FIELD_ERRORS, [])]
    if held and all(held) and len(context.get("errors") or []) == 1:
        context |= {"is_held": True, "errors": None}


class DeskAdmin(Bilingual, admin.ModelAdmin):
    """The desk's own model admin: former slugs redirect, and what is derived from a thing follows its changes."""

    form = NamedForm
    list_per_page = 50

    #: Narrows the list to what lacks a text in one language.
    untranslated_filter: type[UntranslatedFilter] = UntranslatedFilter

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Its own filters, and the one by what is not translated where there is something to translate."""
        own = super().get_list_filter(request)
        return own if untranslated(self.model) is None else (*own, self.untranslated_filter)

    def get_search_results(self, request: Any, queryset: models.QuerySet[Any], search_term: str) -> Any:
        """Django's own; signs alone are no search: a lone quotation mark would find everything."""
        return super().get_search_results(request, queryset, search_term if has_words(search_term) else "")

    def changelist_view(self, request: Any, extra_context: Any = None) -> Any:
        """The list; says so where there was nothing to search for."""
        typed = request.GET.get(SEARCH_VAR, "").strip()
        if typed and not has_words(typed):
            sentence = _("There is no word in “%(typed)s” to search for, so the whole list is shown.")
            self.message_user(request, sentence % {"typed": typed[:80]}, messages.WARNING)
        return super().changelist_view(request, extra_context)

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.is_shown_again = SHOWN_AGAIN in request.POST
        return form

    def save_model(self, request: Any, obj: Any, form: Any, change: Any) -> None:
        if change:
            keep_first([obj])
        self.keep(obj)

    def keep(self, obj: Any) -> None:
        """Write the row of ``obj``; for a thing whose room has an act for that to call it."""
        obj.save()

    def save_formset(self, request: Any, form: Any, formset: Any, change: Any) -> None:
        keep_first(row.instance for row in formset.initial_forms if row.has_changed())
        super().save_formset(request, form, formset, change)

    def render_change_form(
        self, request: Any, context: Any, add: bool = False, change: bool = False, form_url: str = "", obj: Any = None
    ) -> Any:
        tell_what_is_held(context)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def history_view(self, request: Any, object_id: str, extra_context: Any = None) -> Any:
        """What was done to a thing; of one that keeps its versions, what changed in it and in its parts."""
        thing = self.get_object(request, unquote(object_id)) if keeps_history(self.model) else None
        if thing is None or not self.has_view_permission(request, thing):
            return super().history_view(request, object_id, extra_context)
        self.object_history_template = "admin/kept_history.html"  # type: ignore[misc]  # one admin, one model
        return super().history_view(request, object_id, {"past": past_of(thing, self.parts())} | (extra_context or {}))

    def parts(self) -> list[tuple[Any, str]]:
        """What is edited as rows of a thing, each with the column that points at it."""
        inlines = [inline(self.model, self.admin_site) for inline in self.inlines]
        return [(one.model, _get_foreign_key(self.model, one.model, one.fk_name).attname) for one in inlines]

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        keep_former_slug(form, is_new=not change)
        for formset in formsets:
            for row in formset.initial_forms:
                if row not in formset.deleted_forms:
                    keep_former_slug(row, is_new=False)
            for row in formset.extra_forms:
                if row.instance.pk:
                    keep_former_slug(row, is_new=True)
        self.follow(form.instance)

    def follow(self, changed: Any) -> None:
        """Have what is derived from ``changed`` made anew; still in the transaction that saved it."""
        after_reference_change(self.model, [changed.pk])

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        with transaction.atomic():
            super().delete_model(request, obj)
            after_reference_change(self.model, None)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        with transaction.atomic():
            super().delete_queryset(request, queryset)
            after_reference_change(self.model, None)


@admin.register(FormerSlug)
class FormerSlugAdmin(ReadOnly, admin.ModelAdmin):
    """Names that things used to have: what an old address leads to."""

    list_display = ("slug", "kind", "object_id", "changed_at")
    list_filter = ("kind",)
    search_fields = ("slug",)
    date_hierarchy = "changed_at"
    ordering = ("-changed_at", "-pk")
