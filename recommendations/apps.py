from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecommendationsConfig(AppConfig):
    name = "recommendations"
    verbose_name = _("Recommendations")

    def ready(self) -> None:
        from common import changes, health, upkeep
        from recommendations.index import keeper
        from recommendations.upkeep import rederive

        upkeep.register(rederive)
        if keeper.note not in health.notes:
            health.notes.append(keeper.note)
        changes.log_rows_of("recommendations.Recommendation")
