"""What the desk says to an editor about an entry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.admin import SHOWN_AGAIN
from recommendations import schedule
from recommendations.admin.sitting import Act, Sitting, may
from recommendations.choices import State, Step
from recommendations.models import EntryVersion, Recommendation
from recommendations.proofs import broken

CHANGE = "admin:recommendations_recommendation_change"

#: What somebody did to an entry while another was editing it.
_DONE_MEANWHILE: dict[str, Any] = {
    Step.SUBMITTED: gettext_lazy(
        "%(who)s sent this entry for review while you were editing it, on %(when)s (%(which)s)."
    ),
    Step.RETURNED: gettext_lazy("%(who)s returned this entry while you were editing it, on %(when)s (%(which)s)."),
    Step.PUBLISHED: gettext_lazy("%(who)s published this entry while you were editing it, on %(when)s (%(which)s)."),
    Step.ARCHIVED: gettext_lazy("%(who)s archived this entry while you were editing it, on %(when)s (%(which)s)."),
    Step.UNARCHIVED: gettext_lazy(
        "%(who)s took this entry out of the archive while you were editing it, on %(when)s (%(which)s)."
    ),
    Step.RESTORED: gettext_lazy(
        "%(who)s restored a former version of this entry while you were editing it, on %(when)s (%(which)s)."
    ),
    Step.DISCARDED: gettext_lazy(
        "%(who)s discarded the pending copy of this entry while you were editing it, on %(when)s. What it said stays "
        "in the history (version %(number)s)."
    ),
}
#: So many acts are told, the last ones.
_MOST_TOLD = 3
_SAVED_MEANWHILE = gettext_lazy("%(who)s saved this entry while you were editing it, on %(when)s (%(which)s).")


@dataclass(frozen=True, slots=True)
class Button:
    """One way to end an edit: ``name`` as posted, and whether it is the usual one."""

    name: str
    label: str
    is_usual: bool = False


def name_of(user: AbstractBaseUser | None) -> str:
    """A person as colleagues know them; “someone” for an act that nobody signed."""
    if user is None:
        return _("someone")
    full: str = getattr(user, "get_full_name", str)()
    return full or user.get_username()


def moment(at: dt.datetime) -> str:
    """A moment in the reader's language and the site's time zone."""
    return date_format(localtime(at), "DATETIME_FORMAT")


def field_names(columns: Iterable[str]) -> str:
    """The fields that editors see for these columns, one after the other."""
    names = {"evidence": _("evidence"), "cities": _("city links"), "report": _("report"), "terms": _("themes")}
    fields = {
        field.name: str(getattr(field, "verbose_name", field.name)) for field in Recommendation._meta.get_fields()
    }
    return _(", ").join(names.get(column) or fields.get(column, column) for column in columns)


def refusals(sitting: Sitting) -> Iterator[str]:
    """Why this save is not taken as it is; each sentence says what to do."""
    if sitting.is_overtaken:
        yield _overtaken(sitting)
    elif sitting.act == Act.TAKE and SHOWN_AGAIN not in sitting.request.POST:
        yield _("The words you chose stand in the form. Nothing is saved yet: look at it, then save.")


def _overtaken(sitting: Sitting) -> SafeString:
    newest, copy = sitting.newest, sitting.entry
    if newest is None:
        return format_html("{}", _("This form is older than the entry. Read it again, then save once more."))
    said = [done_meanwhile(version) for version in _meanwhile(sitting, newest)]
    if sitting.is_led_to_copy and copy is not None:
        sentence = _(
            "This entry has a pending copy by now (%(saved)s), and every edit goes there until it is published or "
            "discarded: this form is that of the copy."
        )
        said.append(sentence % {"saved": last_saved(copy, newest)})
        said += _name_of_no_copy(sitting, copy)
    what = field_names(sitting.changed_meanwhile)
    said.append(_("Changed there: %(what)s.") % {"what": what} if what else "")
    said.append(
        _(
            "Nothing of yours was saved, and nothing is lost: what you wrote stands in this form, the rest is as it "
            "is now. Saving again puts your words in place."
        )
    )
    return format_html(
        '{} <a href="{}" target="_blank" rel="noopener">{}</a>',
        " ".join(filter(None, said)),
        _what_was_saved(sitting, newest),
        _("See what was saved"),
    )


def signed(version: EntryVersion) -> str:
    """What was done last, by whom and when."""
    return _("Last: %(step)s, %(who)s, %(when)s.") % {
        "step": version.get_step_display() if version.step else _("Saved"),
        "who": name_of(version.author),
        "when": moment(version.created_at),
    }


def done_meanwhile(version: EntryVersion) -> str:
    """What somebody did when ``version`` was made, to one who was editing."""
    which = _("version %(number)s, %(state)s") % {"number": version.number, "state": version.get_state_display()}
    return _DONE_MEANWHILE.get(version.step, _SAVED_MEANWHILE) % {
        "who": name_of(version.author),
        "when": moment(version.created_at),
        "number": version.number,
        "which": which,
    }


def _meanwhile(sitting: Sitting, newest: EntryVersion) -> list[EntryVersion]:
    """Of what was done since the form was opened: a copy that was dropped or published, and the last of it."""
    last_seen = newest.number - 1 if sitting.seen is None else sitting.seen
    versions = EntryVersion.objects.filter(entry=newest.entry_id, number__gt=last_seen)
    return [
        version
        for version in versions.select_related("author").order_by("number")
        if version.number == newest.number or version.step in {Step.DISCARDED, Step.PUBLISHED, Step.ARCHIVED}
    ][-_MOST_TOLD:]


def _name_of_no_copy(sitting: Sitting, copy: Recommendation) -> Iterator[str]:
    """What was typed for a name that only the entry has."""
    for name in ("number", "slug"):
        typed = sitting.request.POST.get(name)
        if typed and typed != str(getattr(copy.original, name)):
            sentence = _(
                "A copy has no %(field)s of its own: “%(typed)s” is not kept; set it once the copy is published."
            )
            yield sentence % {"field": field_names([name]), "typed": typed[:80]}


def _what_was_saved(sitting: Sitting, newest: EntryVersion) -> str:
    """Where what the form was opened with and what is there now are compared; else the whole history."""
    if sitting.conflict and sitting.conflict.base.number != newest.number:
        numbers = {"from": sitting.conflict.base.number, "to": newest.number}
        return reverse("admin:recommendations_recommendation_compare", args=[newest.entry_id], query=numbers)
    return reverse("admin:recommendations_recommendation_history", args=[newest.entry_id])


def buttons(sitting: Sitting) -> list[Button]:
    """The ways to save, the safest first: it is the one the Enter key presses."""
    state = sitting.entry.state if sitting.entry else State.DRAFT
    if state == State.ARCHIVED:
        keep = [Button("_draft", _("Save, still archived"))]
    elif state == State.PUBLISHED:
        keep = [
            Button("_draft", _("Save as pending copy")),
            Button("_review", _("Save as copy and send for review")),
        ]
    elif state == State.IN_REVIEW:
        keep = [Button("_review", _("Save, still in review")), Button("_draft", _("Save as draft"))]
    else:
        keep = [Button("_draft", _("Save as draft")), Button("_review", _("Send for review"))]
    if not may(sitting.request.user, "submit"):
        keep = [button for button in keep if button.name != "_review"]
    if sitting.may_publish and (state != State.ARCHIVED or may(sitting.request.user, "restore")):
        return [*keep, Button("_publish", _("Save and publish"), is_usual=True)]
    return [Button(button.name, button.label, is_usual=button.name == "_review") for button in keep]


def done(entry: Recommendation, act: Act) -> str:
    """What a save came to, for the message above the next page."""
    return published(entry) if act == Act.PUBLISH else where(entry)


def published(entry: Recommendation) -> SafeString:
    """That readers see ``entry``, and where."""
    return format_html(
        '{} <a href="{}">{}</a>',
        _("“%(name)s” is published.") % {"name": entry},
        entry.get_absolute_url(),
        _("View on site"),
    )


def doubts(entry: Recommendation) -> str:
    """What readers see of ``entry`` that was not found where it is said to be; empty where everything was."""
    told = [_("%(where)s “%(phrase)s”") % {"where": one.locator, "phrase": one.key_phrase} for one in broken(entry)]
    return (
        _("Readers see key phrases that were not found in their source: %(phrases)s.") % {"phrases": _("; ").join(told)}
        if told
        else ""
    )


def where(entry: Recommendation) -> str:
    """Where the words of an entry are now, after an edit that was not an act of publishing by itself."""
    name = {"name": str(entry.original)}
    if entry.state == State.PUBLISHED:
        return published(entry)
    if entry.working_copy_of_id and entry.state == State.IN_REVIEW:
        return _("The pending copy of “%(name)s” waits for review. Readers do not see it.") % name
    if entry.working_copy_of_id:
        return _("The pending copy of “%(name)s” is saved. Readers do not see it.") % name
    return {
        State.IN_REVIEW.value: _("“%(name)s” waits for review. Readers do not see it.") % name,
        State.ARCHIVED.value: _("“%(name)s” is saved and still archived. Readers do not see it.") % name,
    }.get(entry.state, _("“%(name)s” is saved as a draft. Readers do not see it.") % name)


def last_saved(copy: Recommendation, newest: EntryVersion | None) -> str:
    """Who last saved a pending copy, and when; or that nobody has since it was made."""
    if newest and newest.step == Step.RETURNED:  # which wrote nothing
        versions = EntryVersion.objects.filter(entry=newest.entry_id).exclude(step=Step.RETURNED)
        newest = versions.select_related("author").newest_first().first()
    if newest and newest.state != State.PUBLISHED and newest.created_at >= copy.created_at:
        return _("last saved by %(who)s on %(when)s") % {
            "who": name_of(newest.author),
            "when": moment(newest.created_at),
        }
    return _("made on %(when)s, not saved since") % {"when": moment(copy.created_at)}


def planned(entry: Recommendation) -> list[str]:
    """What is planned for ``entry``, a sentence each; of a copy also what is planned for the entry itself."""
    lines = []
    is_off = schedule.is_overtaken(entry) or bool(entry.schedule_problem)
    if entry.publish_at and schedule.is_overtaken(entry):
        line = _("It was to be published on %(when)s, but was changed since: look at it again, then plan it anew.")
        lines.append(line % {"when": moment(entry.publish_at)})
    elif entry.publish_at and entry.schedule_problem:
        lines.append(_("It was to be published on %(when)s.") % {"when": moment(entry.publish_at)})
    elif entry.publish_at:
        lines.append(_("It is published on %(when)s.") % {"when": moment(entry.publish_at)})
    if entry.withdraw_at and is_off:
        lines.append(_("It was to be withdrawn on %(when)s.") % {"when": moment(entry.withdraw_at)})
    elif entry.withdraw_at:
        lines.append(_("It is withdrawn on %(when)s.") % {"when": moment(entry.withdraw_at)})
    return lines


def waiting_for(copy: Recommendation, now: dt.datetime) -> str:
    """What becomes of a withdrawal that is planned for the entry of ``copy``; empty where there is none."""
    withdraw_at = copy.original.withdraw_at
    if not copy.working_copy_of_id or withdraw_at is None:
        return ""
    if withdraw_at > now:
        said = _(
            "The entry itself is withdrawn on %(when)s, if this copy is published or discarded by then. Published "
            "later, it stays, and that plan is dropped."
        )
    else:
        said = _(
            "The entry itself was to be withdrawn on %(when)s; that waits for this copy. Once this is published, the "
            "entry stays and that plan is dropped; once it is discarded, the entry is withdrawn."
        )
    return said % {"when": moment(withdraw_at)}
