"""What is known of a key phrase."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Proof(TextChoices):
    """Whether a key phrase was found where its locator says."""

    UNCHECKED = "unchecked", _("Not checked")
    PROVED = "proved", _("Found in its source")
    UNPROVED = "unproved", _("Not among the phrases found")
    FAILED = "failed", _("Not where it should be")


#: What an editor has to look at.
BROKEN = (Proof.UNPROVED, Proof.FAILED)
