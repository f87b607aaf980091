"""What is recorded of staff."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Act(models.TextChoices):
    """Kinds of act in the audit log. Imports and exports are those of the desk: readers' exports are nobody's."""

    SIGN_IN = "sign-in", _("signed in")
    SIGN_IN_FAILED = "sign-in-failed", _("sign-in failed")
    LOCKED = "locked", _("sign-in locked")
    SIGN_OUT = "sign-out", _("signed out")
    CODE_ACCEPTED = "code-accepted", _("code accepted")
    CODE_FAILED = "code-failed", _("code refused")
    SESSIONS_ENDED = "sessions-ended", _("sessions ended")
    PASSWORD = "password", _("password changed")
    FACTOR_ADDED = "factor-added", _("second factor set up")
    FACTOR_REMOVED = "factor-removed", _("second factor removed")
    CODES_MADE = "codes-made", _("recovery codes made")
    ACCOUNT_ADDED = "account-added", _("account added")
    ACCOUNT_CHANGED = "account-changed", _("account changed")
    ACCOUNT_REMOVED = "account-removed", _("account removed")
    PERMISSIONS = "permissions", _("permissions changed")
    IMPORT = "import", _("import")
    EXPORT = "export", _("export")
