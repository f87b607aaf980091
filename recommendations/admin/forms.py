"""The form of an entry, and what it refuses."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.admin import HELD, NamedForm
from recommendations import actions
from recommendations.admin import wording
from recommendations.admin.sitting import Act, Sitting
from recommendations.models import EntryVersion, Recommendation
from recommendations.models.entry import MAX_NUMBER, NO_SLUG, NUMBER_OUT_OF_RANGE, SLUG
from recommendations.readiness import NEEDED_EVIDENCE, NEEDED_PILLAR, NEEDED_TEXTS


class RecommendationForm(NamedForm):
    """An entry as editors write it. ``sitting`` is set on the class that the model admin makes for one request."""

    sitting: ClassVar[Sitting | None] = None
    needs_both_languages = False  # a draft may lack what is published with both

    #: Number of the newest version when the form was opened: nothing newer is ever overwritten unseen.
    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    #: The entry itself, so that words typed into a working copy find their way when the copy is gone.
    entry = forms.IntegerField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("Comment"),
        required=False,
        max_length=EntryVersion._meta.get_field("reason").max_length,
        help_text=gettext_lazy("What you changed and why, for the history. May stay empty."),
    )

    class Meta:
        model = Recommendation
        fields: tuple[str, ...] = ()  # the fieldsets of the model admin say which

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"number", "slug"} & set(self.fields):
            # The entry itself says what they may be; Django's own words say something else beside it.
            self.fields[name].validators = []
        sitting = self.sitting
        if sitting and sitting.entry:
            self.fields["seen_version"].initial = sitting.newest.number if sitting.newest else 0
            self.fields["entry"].initial = sitting.entry.original.pk

    def clean(self) -> dict[str, Any]:
        super().clean()
        sitting = self.sitting
        if sitting is None:
            return self.cleaned_data
        for sentence in wording.refusals(sitting):
            self.add_error(None, forms.ValidationError(sentence, code=HELD))
        if sitting.entry is None:
            self._give_name()
        elif "slug" in self.fields:
            self._keep_name(sitting)
        self._ask_for_a_free_number(sitting)
        if sitting.act == Act.PUBLISH:
            self._ask_for_what_readers_need()
        return self.cleaned_data

    def clean_number(self) -> Any:
        number = self.cleaned_data["number"]
        if number is not None and not 1 <= number <= MAX_NUMBER:
            raise forms.ValidationError(NUMBER_OUT_OF_RANGE % {"most": MAX_NUMBER})
        return number

    def clean_slug(self) -> Any:
        slug = self.cleaned_data["slug"]
        if slug and not SLUG.fullmatch(slug):
            raise forms.ValidationError(NO_SLUG)
        return super().clean_slug()

    def clean_related(self) -> Any:
        related = self.cleaned_data["related"]
        if self.instance.pk and any(entry.pk == self.instance.original.pk for entry in related):
            raise forms.ValidationError(_("An entry is not related to itself."))
        return related

    def _give_name(self) -> None:
        """A new entry gets the number and slug its editor left empty, and a title from its editor."""
        titles = ("title_en", "title_zh_hans")
        if not any(self.cleaned_data.get(name) or name in self.errors for name in titles):
            self.add_error(titles[0], _("Give it a title, in one language at least."))
        report = self.cleaned_data.get("report")
        if report is None:
            return
        if self.cleaned_data.get("number") is None and "number" not in self.errors:
            self.cleaned_data["number"] = actions.next_number(report_id=report.pk)
        if not self.cleaned_data.get("slug") and "slug" not in self.errors:
            self.cleaned_data["slug"] = actions.free_slug(
                title=self.cleaned_data.get("title_en", ""),
                report_slug=report.slug,
                number=self.cleaned_data.get("number") or actions.next_number(report_id=report.pk),
            )

    def _keep_name(self, sitting: Sitting) -> None:
        """An entry keeps a number and a slug; those of a published one are not changed in a pending copy."""
        for name in ("number", "slug"):
            if name not in self.errors and self.cleaned_data.get(name) in (None, ""):
                missing = {"number": _("An entry needs a number."), "slug": _("An entry needs an address.")}
                self.add_error(name, missing[name])
            elif sitting.makes_copy and sitting.act != Act.TAKE and name in self.changed_data:
                self.add_error(name, _("A pending copy has no name of its own: change this when you publish."))

    def _ask_for_a_free_number(self, sitting: Sitting) -> None:
        """The report is no field of an entry's form, so the form does not check the two together by itself."""
        number = self.cleaned_data.get("number")
        report = sitting.entry.report if sitting.entry else self.cleaned_data.get("report")
        if number is None or report is None:
            return
        taken = Recommendation.objects.filter(report=report, number=number).exclude(pk=self.instance.pk).first()
        if taken:
            self.add_error("number", _("“%(entry)s” has this number in the report; choose another.") % {"entry": taken})

    def _ask_for_what_readers_need(self) -> None:
        for column, line in NEEDED_TEXTS.items():
            if column not in self.errors and not self.cleaned_data.get(column):
                self.add_error(column, _("Needed before it is published: %(what)s.") % {"what": line})
        if "pillar" not in self.errors and not self.cleaned_data.get("pillar"):
            self.add_error("pillar", _("Needed before it is published: %(what)s.") % {"what": NEEDED_PILLAR})


class EvidenceFormSet(BaseInlineFormSet):
    """The evidence of an entry: at least one piece stays where the entry is published. What is added comes last."""

    sitting: ClassVar[Sitting | None] = None

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["position"].required = False
        form.fields["position"].help_text = _("Empty: after all others.")
        if not form.instance.pk:
            form.initial["position"] = form.fields["position"].initial = None

    def clean(self) -> None:
        super().clean()
        self._give_places()
        if self.sitting is None or self.sitting.act != Act.PUBLISH:
            return
        if not any((form.instance.pk or form.has_changed()) and not self._goes(form) for form in self.forms):
            raise forms.ValidationError(_("Needed before it is published: %(what)s.") % {"what": NEEDED_EVIDENCE})

    def _give_places(self) -> None:
        """A piece whose editor gave no place comes after all others."""
        filled = [form for form in self.forms if form.has_changed() or form.instance.pk]
        last = max((form.cleaned_data.get("position") or 0 for form in filled if form.is_valid()), default=0)
        for form in filled:
            if form.is_valid() and not form.cleaned_data.get("position"):
                last += 1
                form.cleaned_data["position"] = form.instance.position = last

    def _goes(self, form: Any) -> bool:
        return bool(self.can_delete and form.cleaned_data.get(DELETION_FIELD_NAME))
