from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from common.admin import DeskInline, pair
from common.guarded import GuardedAdmin
from themes.models import GlossaryEntry, Term, Vocabulary, WordGroup


class UsedTermsStay:
    """A term in use is not deleted, from wherever: entries would lose it without a version that says so."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_delete_permission(request, obj)  # type: ignore[misc]  # a mixin
        is_used = isinstance(obj, Term) and obj.recommendations.exists()
        return bool(allowed and not is_used)


class TermInline(DeskInline):
    model = Term
    fields = ("label_en", "label_zh_hans", "slug")
    prepopulated_fields = {"slug": ("label_en",)}
    ordering = ("pk",)
    show_change_link = True
    can_delete = False  # one at a time, on its own page, where it shows whether it is in use


@admin.register(Vocabulary)
class VocabularyAdmin(GuardedAdmin):
    list_display = ("name_en", "name_zh_hans", "slug", "term_count", "position")
    search_fields = ("name_en", "name_zh_hans", "slug")
    ordering = ("position", "pk")
    prepopulated_fields = {"slug": ("name_en",)}
    inlines = (TermInline,)
    fieldsets = ((None, {"fields": (pair("name"), pair("question"), ("slug", "position"))}),)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(term_count=Count("terms"))

    @admin.display(description=_("terms"), ordering="term_count")
    def term_count(self, vocabulary: Any) -> int:
        return int(vocabulary.term_count)


@admin.register(Term)
class TermAdmin(UsedTermsStay, GuardedAdmin):
    list_display = ("label_en", "label_zh_hans", "vocabulary", "slug", "entry_count")
    list_filter = ("vocabulary",)
    search_fields = ("label_en", "label_zh_hans", "slug", "vocabulary__name_en", "vocabulary__name_zh_hans")
    ordering = ("vocabulary__position", "vocabulary", "pk")
    prepopulated_fields = {"slug": ("label_en",)}
    fieldsets = ((None, {"fields": (("vocabulary", "slug"), pair("label"), pair("definition"))}),)

    def get_queryset(self, request: HttpRequest) -> Any:
        # The vocabulary is part of a term's name, in lists as in the answers of autocomplete.
        terms = super().get_queryset(request).select_related("vocabulary")
        return terms.annotate(entry_count=Count("recommendations__slug"))

    @admin.display(description=_("recommendations"), ordering="entry_count")
    def entry_count(self, term: Any) -> int:
        return int(term.entry_count)


@admin.register(GlossaryEntry)
class GlossaryEntryAdmin(GuardedAdmin):
    list_display = ("term_en", "term_zh_hans", "slug")
    search_fields = ("term_en", "term_zh_hans", "definition_en", "definition_zh_hans", "slug")
    ordering = ("term_en", "pk")
    prepopulated_fields = {"slug": ("term_en",)}
    fieldsets = ((None, {"fields": (pair("term"), "slug", pair("definition"))}),)


@admin.register(WordGroup)
class WordGroupAdmin(GuardedAdmin):
    list_display = ("__str__", "slug")
    search_fields = ("words", "slug")
    ordering = ("slug",)
    fieldsets = ((None, {"fields": ("words", "slug")}),)
