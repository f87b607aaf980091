"""Accounts and groups. An administrator manages those who may do no more than they themselves."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp.plugins.otp_static.admin import StaticDevice
from django_otp.plugins.otp_totp.admin import TOTPDevice

from common.guarded import Guarded
from staff import actions, audit, factors
from staff.addresses import address_of
from staff.choices import Act
from staff.roles import grantable_groups, may_manage, name_of

# The secrets of second factors have no page: they are set up by their owners, and reset below.
for model in (User, Group, TOTPDevice, StaticDevice):
    admin.site.unregister(model)

#: What only a superuser may give, and nobody but a superuser sees a box for.
BEYOND_ROLES = {"is_superuser", "user_permissions"}
#: What nobody but a superuser changes of their own account.
STANDING = ("is_active", "is_staff", "groups")
#: What a permission allows, by how its name begins.
VERBS = {
    "add": gettext_lazy("may add"),
    "change": gettext_lazy("may change"),
    "delete": gettext_lazy("may delete"),
    "view": gettext_lazy("may look at"),
    "submit": gettext_lazy("may send for review"),
    "publish": gettext_lazy("may publish"),
    "archive": gettext_lazy("may archive"),
    "restore": gettext_lazy("may restore former versions of"),
}


def held(account: User) -> dict[str, set[str]]:
    """The groups and single permissions of an account, by name."""
    single = {
        f"{p.content_type.app_label}.{p.codename}" for p in account.user_permissions.select_related("content_type")
    }
    return {"groups": set(account.groups.values_list("name", flat=True)), "permissions": single}


def named_group(group: Group) -> str:
    """A group as it is offered."""
    return name_of(group.name)


def named_permission(permission: Permission) -> str:
    """A permission as it is offered: Django keeps its own sentences in English."""
    verb = VERBS.get(permission.codename.partition("_")[0], permission.name)
    return f"{permission.content_type} | {verb}"


class GroupFilter(admin.RelatedFieldListFilter):
    """The groups by what they are called."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        return [(pk, name_of(str(name))) for pk, name in super().field_choices(field, request, model_admin)]


#: There is no other way to sign in than with a password.
_WITHOUT = gettext_lazy("Without a password nobody signs in to this account.")


class NewAccountForm(AdminUserCreationForm):
    usable_password = AdminUserCreationForm.create_usable_password_field(_WITHOUT)


class PasswordForm(AdminPasswordChangeForm):
    usable_password = AdminUserCreationForm.create_usable_password_field(_WITHOUT)


@admin.register(User)
class AccountAdmin(Guarded, UserAdmin):
    add_form, change_password_form = NewAccountForm, PasswordForm
    list_display = ("username", "first_name", "last_name", "is_active", "is_staff", "in_groups", "last_login")
    list_filter = ("is_active", "is_staff", ("groups", GroupFilter))
    list_per_page = 50

    # What is asked and shown --------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=gettext_lazy("groups"))
    def in_groups(self, account: User) -> str:
        groups = sorted(name_of(group.name) for group in account.groups.all())
        return _(", ").join([*([_("superuser: may do everything")] if account.is_superuser else []), *groups]) or "–"

    @admin.display(description=gettext_lazy("second factor"))
    def second_factor(self, account: User) -> str:
        if not factors.has_factor(account):
            return _("not set up")
        reset = reverse("admin:auth_user_reset_factor", args=[account.pk])
        return format_html('{} <a href="{}">{}</a>', _("set up"), reset, _("Reset it"))

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return super().get_fieldsets(request, obj)
        me: Any = request.user
        told = ("in_groups",) if obj.is_superuser and not me.is_superuser else ()
        rights = told + tuple(f for f in (*STANDING, "is_superuser", "user_permissions") if self._is_offered(me, f))
        return (
            (None, {"fields": ("username", *(("password",) if may_manage(me, obj) else ()), "second_factor")}),
            (_("Personal info"), {"fields": ("first_name", "last_name", "email")}),
            (_("Permissions"), {"fields": rights}),
            (_("Important dates"), {"fields": ("last_login", "date_joined")}),
        )

    @staticmethod
    def _is_offered(me: Any, field: str) -> bool:
        return me.is_superuser or field not in BEYOND_ROLES

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        me: Any = request.user
        own = STANDING if obj is not None and obj.pk == me.pk and not me.is_superuser else ()
        return ("second_factor", "last_login", "date_joined", "in_groups", *own)

    def get_list_filter(self, request: Any) -> Any:
        return (*self.list_filter, *(("is_superuser",) if request.user.is_superuser else ()))

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs["queryset"] = grantable_groups(request.user)
        field: Any = super().formfield_for_manytomany(db_field, request, **kwargs)
        field.label_from_instance = named_permission if db_field.name == "user_permissions" else named_group
        return field

    # Who may what -------------------------------------------------------------------------------------------

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or may_manage(request.user, obj))

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        """An account is switched off rather than deleted: what it did stays under its name."""
        return bool(request.user.is_superuser) and super().has_delete_permission(request, obj)

    # What is kept of it -------------------------------------------------------------------------------------

    def save_related(self, request: Any, form: Any, formsets: Any, change: Any) -> None:
        before = held(form.instance)
        super().save_related(request, form, formsets, change)
        account, after = form.instance, held(form.instance)
        added = {name for kind in after for name in after[kind] - before[kind]}
        removed = {name for kind in after for name in before[kind] - after[kind]}
        for name in {"is_active", "is_staff", "is_superuser"} & set(form.changed_data):
            (added if getattr(account, name) else removed).add(name)
        plain = sorted(set(form.changed_data) - {*STANDING, *BEYOND_ROLES, "password1", "password2", "usable_password"})
        if not change:
            audit.note(request, Act.ACCOUNT_ADDED, account)
        elif plain:
            audit.note(request, Act.ACCOUNT_CHANGED, account, ", ".join(plain))
        if added or removed:
            audit.note(request, Act.PERMISSIONS, account, audit.changes_note(added=added, removed=removed))
        if change and "is_active" in form.changed_data and not account.is_active:
            self._end_sessions(request, account)

    def _end_sessions(self, request: HttpRequest, account: User) -> None:
        actions.end_sessions(user=account, actor=request.user, at=timezone.now(), address=address_of(request))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with transaction.atomic():
            audit.note(request, Act.ACCOUNT_REMOVED, obj)
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with transaction.atomic():
            for account in queryset:
                audit.note(request, Act.ACCOUNT_REMOVED, account)
            super().delete_queryset(request, queryset)

    def user_change_password(self, request: Any, id: str, form_url: str = "") -> Any:  # noqa: A002 - Django's name
        before = User.objects.filter(pk=id).values_list("password", flat=True).first() if id.isdigit() else None
        response: Any = super().user_change_password(request, id, form_url)
        account = User.objects.filter(pk=id).first() if before else None
        if account is not None and account.password != before:
            actions.password_changed(
                user=account,
                actor=request.user,
                at=timezone.now(),
                keep=request.session.session_key if account.pk == request.user.pk else None,
                address=address_of(request),
            )
        return response

    # Further pages ------------------------------------------------------------------------------------------

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view(self.reset_factor)
        return [path("<int:account_id>/reset-factor/", view, name="auth_user_reset_factor"), *super().get_urls()]

    def reset_factor(self, request: HttpRequest, account_id: int) -> HttpResponse:
        """Ask, then take the second factor of somebody away who lost it."""
        account = self.get_object(request, str(account_id))
        if account is None or not self.has_change_permission(request, account):
            raise PermissionDenied
        if request.method == "POST":
            actions.reset_factor(user=account, actor=request.user, at=timezone.now(), address=address_of(request))
            messages.success(request, _("The second factor of “%(name)s” is removed.") % {"name": account})
            return redirect("admin:auth_user_change", account.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Reset the second factor of “%(name)s”?") % {"name": account},
            "opts": self.opts,
            "original": account,
        }
        return TemplateResponse(request, "staff/reset_factor.html", context)


@admin.register(Group)
class RoleAdmin(Guarded, GroupAdmin):
    """Groups are changed by superusers; administrators and auditors look at them."""

    list_display = ("role",)

    @admin.display(description=gettext_lazy("name"), ordering="name")
    def role(self, group: Group) -> str:
        return name_of(group.name)

    @admin.display(description=gettext_lazy("permissions"))
    def rights(self, group: Group) -> SafeString:
        """What its members may do, a line each, to those who only look."""
        rows = group.permissions.select_related("content_type")
        return format_html_join(mark_safe("<br>"), "{}", sorted((named_permission(row),) for row in rows))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        is_looked_at = obj is not None and not self.has_change_permission(request, obj)
        return ((None, {"fields": ("role", "rights")}),) if is_looked_at else super().get_fieldsets(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("role", "rights")

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_manytomany(db_field, request, **kwargs)
        field.label_from_instance = named_permission
        return field

    def save_related(self, request: Any, form: Any, formsets: Any, change: Any) -> None:
        before = self._permissions(form.instance)
        super().save_related(request, form, formsets, change)
        after = self._permissions(form.instance)
        changes = audit.changes_note(added=after - before, removed=before - after)
        audit.note(request, Act.PERMISSIONS, form.instance, changes)

    @staticmethod
    def _permissions(group: Group) -> set[str]:
        rows = group.permissions.values_list("content_type__app_label", "codename")
        return {f"{app}.{codename}" for app, codename in rows}

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with transaction.atomic():
            audit.note(request, Act.PERMISSIONS, obj, audit.changes_note(removed=self._permissions(obj)))
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with transaction.atomic():
            for group in queryset:
                audit.note(request, Act.PERMISSIONS, group, audit.changes_note(removed=self._permissions(group)))
            super().delete_queryset(request, queryset)
