from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, QuerySet
from django.forms.models import model_to_dict
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.admin import DeskInline, NamedForm, pair
from common.guarded import GuardedAdmin
from progress.actions import keep_update, refresh_status
from progress.models import Checkpoint, Update, UpdateEffect
from progress.readiness import needs
from recommendations.models import Recommendation
from staff.roles import PUBLISH_UPDATE


@admin.register(Checkpoint)
class CheckpointAdmin(GuardedAdmin):
    list_display = ("position", "title_en", "title_zh_hans", "kind", "state", "date", "entry_count")
    list_display_links = ("position", "title_en")
    list_filter = ("state", "kind")
    search_fields = ("title_en", "title_zh_hans", "summary_en", "summary_zh_hans", "slug")
    date_hierarchy = "date"
    ordering = ("position", "pk")
    autocomplete_fields = ("section", "recommendations")
    prepopulated_fields = {"slug": ("title_en",)}
    fieldsets = (
        (None, {"fields": (pair("title"), ("slug", "position"), ("kind", "state", "date"), pair("summary"))}),
        (_("Where the source says so"), {"fields": (("section", "paragraph"), "key_phrase")}),
        (None, {"fields": ("recommendations",)}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(entry_count=Count("recommendations"))

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name != "recommendations":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        entries = Recommendation.objects.entries().in_order()
        field = super().formfield_for_dbfield(db_field, request, **kwargs, queryset=entries)
        field.widget.can_add_related = False  # an entry is not begun in a pop-up window
        return field

    @admin.display(description=_("recommendations"), ordering="entry_count")
    def entry_count(self, checkpoint: Any) -> int:
        return int(checkpoint.entry_count)


class UpdateEffectInline(DeskInline):
    """Which entries an update concerns. Working copies are never offered: the entries' own search leaves them out."""

    model = UpdateEffect
    autocomplete_fields = ("recommendation",)
    ordering = ("pk",)
    fields = ("recommendation", "status")


class UpdateForm(NamedForm):
    """An update as it is written; one that readers see keeps what its publication asked for."""

    needs_both_languages = False  # a draft may lack a title: see progress.readiness

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.cleaned_data.get("is_published", self.instance.is_published):
            for name, need in needs(self.cleaned_data, today=timezone.localdate()).items():
                if name not in self.errors and not need.is_met:
                    self.add_error(name, _("Needed before it is published: %(what)s.") % {"what": need.line})
            self.cleaned_data["waits_for_review"] = False
        return self.cleaned_data


def may_publish(user: Any) -> bool:
    """Whether ``user`` may show updates to readers, and change those they see."""
    return bool(user.has_perm(PUBLISH_UPDATE))


@admin.register(Update)
class UpdateAdmin(GuardedAdmin):
    """An update; the status of every entry it concerns, or concerned until now, follows at once.

    What readers see is changed by those who may publish; others write drafts and say when these are ready.
    """

    form = UpdateForm
    change_form_template = "admin/progress/update_form.html"
    deciding = "publish_update"
    guarded_beside = ("is_published",)
    list_display = (
        "happened_on",
        "title_en",
        "title_zh_hans",
        "source",
        "effect_count",
        "is_published",
        "waits_for_review",
        "recorded_at",
    )
    list_display_links = ("happened_on", "title_en")
    list_filter = ("is_published", "waits_for_review", "effects__status")
    list_select_related = ("source",)
    search_fields = ("title_en", "title_zh_hans", "summary_en", "summary_zh_hans", "slug")
    date_hierarchy = "happened_on"
    ordering = ("-happened_on", "-recorded_at", "-pk")
    autocomplete_fields = ("source",)
    prepopulated_fields = {"slug": ("title_en",)}
    inlines = (UpdateEffectInline,)
    fieldsets = (
        (None, {"fields": ("happened_on", pair("title"), ("slug", "recorded_at"), pair("summary"))}),
        (_("Where the source says so"), {"fields": (("source", "locator"),)}),
        (_("Readers"), {"fields": ("waits_for_review", "is_published")}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(effect_count=Count("effects"))

    @admin.display(description=_("recommendations"), ordering="effect_count")
    def effect_count(self, update: Any) -> int:
        return int(update.effect_count)

    # Who may what -------------------------------------------------------------------------------------------

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("recorded_at",) if may_publish(request.user) else ("recorded_at", "is_published")

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        if not allowed or obj is None or not obj.is_published or may_publish(request.user):
            return allowed
        # Published while this form of a draft was open: it is refused with what was typed in it, not without.
        return (getattr(request, "opened", None) or {}).get("is_published") == "False"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not obj.is_published or may_publish(request.user))

    def refusal(self, request: HttpRequest, thing: Any, guard: Any) -> str:
        if thing.is_published and not may_publish(request.user):
            return _("It was published while you were editing it: only those who may publish change it now.") + (
                " " + _("Nothing of yours was saved, and nothing is lost: what you wrote stands in this form.")
            )
        return super().refusal(request, thing, guard)

    def view_on_site(self, obj: Any) -> str | None:
        """Its place on the progress page; a draft has none."""
        return obj.get_absolute_url() if obj.is_published else None

    # What is shown beside the fields --------------------------------------------------------------------------

    def render_change_form(
        self, request: Any, context: Any, add: bool = False, change: bool = False, form_url: str = "", obj: Any = None
    ) -> Any:
        form = context["adminform"].form
        said = model_to_dict(obj) if obj else {}
        if request.method == "POST" and form.is_bound:
            said |= getattr(form, "cleaned_data", {})
        is_public = bool(obj and obj.is_published)
        may_edit = self.has_change_permission(request, obj) if change else True
        context |= {
            "needs": [] if is_public else list(needs(said, today=timezone.localdate()).values()),
            "needs_typed": request.method == "POST",
            "is_draft_of_editor": not is_public and not may_publish(request.user) and may_edit,
        }
        return super().render_change_form(request, context, add, change, form_url, obj)

    # Saving -------------------------------------------------------------------------------------------------

    def keep(self, obj: Any) -> None:
        keep_update(update=obj, at=timezone.now())

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        before = _entries_of([form.instance.pk])
        super().save_related(request, form, formsets, change)
        refresh_status(ids=before | _entries_of([form.instance.pk]), author=request.user)
        if form.instance.waits_for_review:
            self.message_user(request, _("It waits for review. Readers do not see it."), messages.INFO)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with transaction.atomic():
            before = _entries_of([obj.pk])
            super().delete_model(request, obj)
            refresh_status(ids=before, author=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with transaction.atomic():
            before = _entries_of(list(queryset.values_list("pk", flat=True)))
            super().delete_queryset(request, queryset)
            refresh_status(ids=before, author=request.user)


def _entries_of(updates: list[int]) -> set[int]:
    """The ids of the entries that these updates concern now."""
    return set(UpdateEffect.objects.filter(update__in=updates).values_list("recommendation_id", flat=True))
