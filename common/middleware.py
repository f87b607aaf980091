"""Which language a page is in, which pages travel compressed, and how long an address may be."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware import gzip, locale
from django.shortcuts import render
from django.urls import get_script_prefix, reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from common.addresses import MAX_ADDRESS, is_too_long


class CompressMiddleware(gzip.GZipMiddleware):
    """Django's own, for what every reader gets alike.

    A compressed page tells by its length whether something typed occurs in it. Public pages carry no secret; the
    desk's do (a form's token), and so may what someone who is signed in sees: these stay as they are.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if is_desk(request) or settings.SESSION_COOKIE_NAME in request.COOKIES:
            return response
        return super().process_response(request, response)


class LocaleMiddleware(locale.LocaleMiddleware):
    """Django's own, but for two things.

    A public page depends on nothing but its address, so it is the same for every reader and carries no
    ``Vary: Accept-Language``. Under the admin, which has one address for both languages, the language cookie and
    then the browser's wish decide.
    """

    def process_request(self, request: HttpRequest) -> None:
        if is_desk(request):
            language = translation.get_language_from_request(request)
        else:
            language = translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Content-Language", translation.get_language())
        if is_desk(request):
            patch_vary_headers(response, ("Accept-Language",))
        return response


def is_desk(request: HttpRequest) -> bool:
    """Whether ``request`` is for the editors' desk."""
    desk = reverse("admin:index").removeprefix(get_script_prefix())
    return request.path_info.startswith(f"/{desk}")


class AddressLengthMiddleware:
    """Refuses an address that is too long on a page that says so. The API says it in its own way."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_too_long(request) or request.path_info.startswith("/api/"):
            return self.get_response(request)
        return render(request, "414.html", {"limit": MAX_ADDRESS}, status=414)
