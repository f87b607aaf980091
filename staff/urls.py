"""Addresses of accounts, before those of Django's admin and under the same path."""

from django.urls import path

from staff import views

app_name = "staff"
urlpatterns = [
    path("", views.account, name="account"),
    path("verify/", views.verify, name="verify"),
    path("second-factor/", views.set_up, name="set_up"),
    path("second-factor/code.svg", views.qr, name="qr"),
    path("second-factor/remove/", views.remove, name="remove"),
    path("recovery-codes/", views.new_codes, name="new_codes"),
    path("sessions/end/", views.end, name="end"),
    path("language/", views.language, name="language"),
]
