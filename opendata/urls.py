from django.urls import path

from common.crossing import open_to_all
from opendata import feeds

app_name = "opendata"

urlpatterns = [
    path("feeds/updates.atom", open_to_all(feeds.updates), name="feed_updates"),
    path("feeds/recommendations.atom", open_to_all(feeds.recommendations), name="feed_recommendations"),
]
