from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

#: Migrations after which entries have to be derived anew: what is kept of their texts is something else then.
REDERIVED_AFTER = {"0002_full_text"}


class RecommendationsConfig(AppConfig):
    name = "recommendations"
    verbose_name = _("Recommendations")

    def ready(self) -> None:
        from common import changes, health, upkeep
        from recommendations import fulltext
        from recommendations.index.keeping import keeper
        from recommendations.upkeep import rederive

        upkeep.register(rederive)
        if keeper.note not in health.notes:
            health.notes.append(keeper.note)
            health.problems.append(fulltext.problem)
        changes.log_rows_of("recommendations.Recommendation")
        post_migrate.connect(keep_index, sender=self)


def keep_index(sender: AppConfig, *, plan: Any = (), **kwargs: Any) -> None:
    """After every migration: the full-text index has the triggers that a remade table may have lost."""
    from recommendations import derive, fulltext

    state = kwargs.get("apps")
    if state is not None and "searchword" not in state.all_models[sender.label]:
        return  # migrated back to before there was one
    applied = {m.name for m, is_backwards in plan if m.app_label == sender.label and not is_backwards}
    if not fulltext.is_installed():
        fulltext.install()
    if applied & REDERIVED_AFTER:
        derive.refresh()
