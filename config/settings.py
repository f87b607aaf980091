"""
All settings, read once from the environment. Nothing here needs editing to deploy.

| variable | default | meaning |
|---|---|---|
| `SECRET_KEY` | none, required | signs sessions and forms: at least 50 characters, 5 of them different, not `django-insecure-…` |
| `ALLOWED_HOSTS` | none, required | host names this site answers to, separated by commas |
| `DATABASE_URL` | `sqlite:///VAR_DIR/guangdong32.sqlite3` | `sqlite:////absolute/path` or `postgres://user:password@host:port/name` |
| `CSRF_TRUSTED_ORIGINS` | none | origins (`https://…`) whose forms are accepted, where they differ from the host |
| `BEHIND_TLS_PROXY` | off | a proxy ends TLS and always sets or strips `X-Forwarded-Proto`; only then is that header believed |
| `SITE_URL` | none | the public address (`https://…`, no path), for links that must be absolute; else taken from the request |
| `SITE_NAME`, `SITE_NAME_ZH_HANS` | Guangdong 32 | what the site is called where it shows another report; the English name serves both languages where only it is given; the wording is then that of any territory (`locale/elsewhere`) |
| `CONTACT` | none | where readers report an error, an e-mail address or a URL; the about page shows it |
| `API_REQUESTS_PER_MINUTE` | 300 | how many requests of one address each process of the API answers a minute; 0 sets no limit |
| `REQUIRE_SECOND_FACTOR` | on; off under `DEMO` and `DEBUG` | who may publish or manage accounts signs in with a second factor |
| `SESSION_HOURS` | 12 | hours after which who has not used the desk is signed out |
| `SIGN_IN_ATTEMPTS` | 5 | failures of one name from one address after which it is locked |
| `SIGN_IN_LOCK_MINUTES` | 15 | minutes after the last failure for which it stays locked |
| `BULK_MAX_ENTRIES` | 100000 | the most entries that editors change in one act; what is chosen travels in one form |
| `AUDIT_ADDRESS_DAYS` | 30 | days after which `prune_audit` takes network addresses out of the audit log |
| `AUDIT_DAYS` | 0 | days after which `prune_audit` deletes lines of the audit log; 0 keeps them |
| `VAR_DIR` | `var` beside `manage.py` | where the SQLite database and the collected static files are kept |
| `DEBUG` | off | tracebacks in the browser; refused unless every allowed host is this machine |
| `DEMO` | off | set by `./demo` only: plain HTTP, this machine only, a demo editor may exist |

A setting that would make the site unsafe stops it from starting, with one line that says what to set
(`config/startup.py` prints it).
"""  # noqa: E501 - a row of a table is one line

import datetime as dt
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]"}


def read_switch(name: str, *, default: bool = False) -> bool:
    """Return an on/off variable. Anything but a plain yes or no is refused: a typo must not mean off."""
    value = env.str(name, default="").strip().lower()
    if not value:
        return default
    if value in {"0", "no", "off", "false"}:
        return False
    if value in {"1", "yes", "on", "true"}:
        return True
    raise ImproperlyConfigured(f"set {name} to 1 or 0, not '{value}'")


def read_list(name: str) -> list[str]:
    """Return a comma-separated variable as a list, without blanks."""
    return [part.strip() for part in env.str(name, default="").split(",") if part.strip()]


def read_number(name: str, default: int, *, least: int = 0) -> int:
    """Return a whole number from `least` up. Anything else is refused: a typo must not lift a limit."""
    value = env.str(name, default="").strip() or str(default)
    if not (value.isascii() and value.isdigit()) or int(value) < least:
        raise ImproperlyConfigured(f"set {name} to a whole number from {least} up, not '{value}'")
    return int(value)


DEMO = read_switch("DEMO")
DEBUG = read_switch("DEBUG")
BEHIND_TLS_PROXY = read_switch("BEHIND_TLS_PROXY")


# What must be right before anything starts ------------------------------------------------------------------


def checked_secret_key() -> str:
    """Return SECRET_KEY; the limits are those of Django's own deployment check (security.W009)."""
    key = env.str("SECRET_KEY", default="")
    how = "set it to 50 or more random characters (python -c 'import secrets; print(secrets.token_hex(32))')"
    if not key:
        raise ImproperlyConfigured(f"SECRET_KEY is not set: {how}")
    if len(key) < 50 or len(set(key)) < 5 or key.startswith("django-insecure-"):
        raise ImproperlyConfigured(f"SECRET_KEY is too weak: {how}")
    return key


def checked_allowed_hosts() -> list[str]:
    """Return ALLOWED_HOSTS. DEBUG and DEMO are for this machine only, so every host must be a local name."""
    hosts = read_list("ALLOWED_HOSTS") or (sorted(LOCAL_HOSTS) if DEMO else [])
    if not hosts:
        raise ImproperlyConfigured("ALLOWED_HOSTS is empty: set it to the host names of this site, separated by commas")
    for host in hosts:
        if "/" in host:
            raise ImproperlyConfigured(f"ALLOWED_HOSTS has '{host}': name hosts like example.org, not addresses")
    for switch, is_on in (("DEBUG", DEBUG), ("DEMO", DEMO)):
        foreign = sorted(set(hosts) - LOCAL_HOSTS)
        if is_on and foreign:
            raise ImproperlyConfigured(
                f"{switch} is on while ALLOWED_HOSTS has '{foreign[0]}': set {switch}=0, or allow local hosts only"
            )
    return hosts


def checked_trusted_origins() -> list[str]:
    """Return CSRF_TRUSTED_ORIGINS: origins as a browser names them, with a scheme."""
    origins = read_list("CSRF_TRUSTED_ORIGINS")
    for origin in origins:
        if not origin.startswith(("http://", "https://")):
            raise ImproperlyConfigured(f"CSRF_TRUSTED_ORIGINS has '{origin}': name origins like https://example.org")
    return origins


def checked_site_url() -> str:
    """Return SITE_URL without a trailing slash, or an empty string."""
    url = env.str("SITE_URL", default="").rstrip("/")
    parts = urlsplit(url)
    if url and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.path):
        raise ImproperlyConfigured("SITE_URL must look like https://example.org, without a path")
    return url


SECRET_KEY = checked_secret_key()
ALLOWED_HOSTS = checked_allowed_hosts()
CSRF_TRUSTED_ORIGINS = checked_trusted_origins()
SITE_URL = checked_site_url()
CONTACT = env.str("CONTACT", default="").strip()
SITE_NAMES = {"en": env.str("SITE_NAME", default="").strip()}
SITE_NAMES["zh-hans"] = env.str("SITE_NAME_ZH_HANS", default="").strip() or SITE_NAMES["en"]
API_REQUESTS_PER_MINUTE = read_number("API_REQUESTS_PER_MINUTE", 300)


# Files ------------------------------------------------------------------------------------------------------

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()
STATIC_ROOT = VAR_DIR / "static"
try:
    # WhiteNoise warns about a missing folder, and SQLite cannot make its parent.
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
except OSError as error:
    raise ImproperlyConfigured(
        f"cannot write to {VAR_DIR} ({error.strerror}): set VAR_DIR to a folder this user may write"
    ) from error


# Database: the one place that knows which database it speaks to ---------------------------------------------

SQLITE_OPTIONS: dict[str, Any] = {
    "timeout": 20,  # seconds a writer waits for another one; an import in one transaction takes a few
    "transaction_mode": "IMMEDIATE",  # lock at the start: no deadlock when a reader turns writer
    # WAL: readers and a writer do not wait for each other. FULL: an acknowledged edit survives a power cut.
    # Recursive: a row that REPLACE takes away counts as deleted, so that the content version hears of it.
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON;"
    ),
}
POSTGRES_OPTIONS: dict[str, Any] = {
    "connect_timeout": 5,  # seconds; a wrong address must say so before the reader gives up
}


def database_config(url: str) -> dict[str, Any]:
    """Return Django's settings for the database at `url`; an address that cannot be used is refused."""
    expected = "DATABASE_URL must be sqlite:////absolute/path or postgres://user:password@host:port/name"
    scheme = url.partition(":")[0]
    if scheme not in {"sqlite", "postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{expected}, not '{scheme}:…'")
    try:
        config = env.db_url_config(url)
    except ValueError:
        # The error quotes the address, which may have a password in it.
        raise ImproperlyConfigured(f"{expected}: this one cannot be read (is the password escaped?)") from None
    if config["NAME"] in {"", ":memory:"}:
        raise ImproperlyConfigured(f"{expected}: this one names no database that would last")
    is_sqlite = scheme == "sqlite"
    config["OPTIONS"] = (SQLITE_OPTIONS if is_sqlite else POSTGRES_OPTIONS) | config.get("OPTIONS", {})
    if not is_sqlite:
        config |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    return config


DATABASE_URL = env.str("DATABASE_URL", default="") or f"sqlite:///{VAR_DIR / 'guangdong32.sqlite3'}"
DATABASES = {"default": database_config(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


# Application ------------------------------------------------------------------------------------------------

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

INSTALLED_APPS = [
    "api",
    "opendata",
    "editions",
    "desk",
    "progress",
    "recommendations",
    "pillars",
    "cities",
    "themes",
    "sources",
    "staff",
    "common",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django_filters",
    "simple_history",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "common.middleware.CompressMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "common.middleware.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "staff.middleware.SecondFactorMiddleware",
    "staff.kept.KeptWordsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "common.middleware.AddressLengthMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",  # who made a change that is kept
    "desk.busy.BusyDatabaseMiddleware",
    "axes.middleware.AxesMiddleware",  # innermost: it puts its own answer in the place of a failed sign-in's
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "common.context.site",
            ],
        },
    },
]

FIXTURE_DIRS = [BASE_DIR / "fixtures"]


# Language and time ------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
# A site under a name of its own is not about Guangdong: what would say so is worded otherwise there.
LOCALE_PATHS = [*([BASE_DIR / "locale" / "elsewhere"] if SITE_NAMES["en"] else []), BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"


# Static files -----------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        # Under DEBUG nothing is collected, so there is no manifest to read.
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}


# Security ---------------------------------------------------------------------------------------------------

# No nonce: no page has an inline script or style, those of the desk included, so nothing needs to be let through.
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "connect-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "object-src": [CSP.NONE],
}

USES_TLS = not (DEMO or DEBUG)  # both are for this machine only, over plain HTTP
SECURE_SSL_REDIRECT = USES_TLS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # probes speak plain HTTP to the process itself
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if USES_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = USES_TLS
SECURE_HSTS_PRELOAD = USES_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS_PROXY else None
SESSION_COOKIE_SECURE = USES_TLS
CSRF_COOKIE_SECURE = USES_TLS
CSRF_COOKIE_HTTPONLY = True  # no script of ours reads it
CSRF_FAILURE_VIEW = "staff.kept.csrf_failure"


# Signing in at the desk -------------------------------------------------------------------------------------

LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # refuses who failed too often; knows nobody
    "django.contrib.auth.backends.ModelBackend",
]
VALIDATORS: dict[str, dict[str, Any]] = {
    "UserAttributeSimilarityValidator": {},
    "MinimumLengthValidator": {"min_length": 12},
    "CommonPasswordValidator": {},
    "NumericPasswordValidator": {},
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in VALIDATORS.items()
]

REQUIRE_SECOND_FACTOR = read_switch("REQUIRE_SECOND_FACTOR", default=USES_TLS)
OTP_TOTP_ISSUER = SITE_NAMES["en"] or "Guangdong 32"  # what an app lists the account under

SESSION_ENGINE = "staff.sessions"
SESSION_COOKIE_AGE = read_number("SESSION_HOURS", 12, least=1) * 3600

SIGN_IN_LOCK_MINUTES = read_number("SIGN_IN_LOCK_MINUTES", 15, least=1)
AXES_FAILURE_LIMIT = read_number("SIGN_IN_ATTEMPTS", 5, least=1)
AXES_COOLOFF_TIME = dt.timedelta(minutes=SIGN_IN_LOCK_MINUTES)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # both: a stranger cannot lock somebody out from elsewhere
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "staff.addresses.address_of"
AXES_LOCKOUT_CALLABLE = "staff.doors.locked_out"
AXES_DISABLE_ACCESS_LOG = True  # the audit log has it
AXES_ENABLE_ADMIN = False  # so has the desk
AXES_VERBOSE = False

BULK_MAX_ENTRIES = read_number("BULK_MAX_ENTRIES", 100_000, least=1)
AUDIT_ADDRESS_DAYS = read_number("AUDIT_ADDRESS_DAYS", 30)
AUDIT_DAYS = read_number("AUDIT_DAYS", 0)


# Logging: to standard error, only what someone should look at -----------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "django.request": {"level": "ERROR"},  # a 404 is the reader's news, not ours
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # scanners; answered with 400 all the same
        "django.server": {"level": "INFO"},
        "axes": {"level": "ERROR"},  # failed sign-ins are in the audit log
    },
}
