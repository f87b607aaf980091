"""What the history of things says in a test."""

from django.apps import apps


def forget_history() -> None:
    """What the test made was there from the beginning, as what came with a fixture is."""
    for model in apps.get_models():
        if hasattr(model._meta, "simple_history_manager_attribute"):
            model.history.all().delete()
