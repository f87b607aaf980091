from django.urls import path

from opendata import feeds

app_name = "opendata"

urlpatterns = [
    path("feeds/updates.atom", feeds.updates, name="feed_updates"),
    path("feeds/recommendations.atom", feeds.recommendations, name="feed_recommendations"),
]
