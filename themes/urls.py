from django.urls import path

from themes import views

app_name = "themes"

urlpatterns = [
    path("themes/", views.index, name="index"),
    path("themes/<slug:vocabulary>/<slug:slug>/", views.term, name="term"),
    path("glossary/", views.glossary, name="glossary"),
]
