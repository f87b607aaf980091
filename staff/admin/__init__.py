"""The desk of staff: accounts, groups, and the audit log."""

from staff.admin.accounts import AccountAdmin, RoleAdmin
from staff.admin.log import AuditEntryAdmin

__all__ = ["AccountAdmin", "AuditEntryAdmin", "RoleAdmin"]
