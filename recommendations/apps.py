from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecommendationsConfig(AppConfig):
    name = "recommendations"
    verbose_name = _("Recommendations")

    def ready(self) -> None:
        from common import changes, upkeep
        from recommendations.upkeep import rederive

        upkeep.register(rederive)
        changes.log_rows_of("recommendations.Recommendation")
