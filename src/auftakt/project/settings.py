"""Settings of the one Django project. Everything that differs between installations comes from the environment."""

import os
from pathlib import Path

from auftakt.platform.embedded import database_settings, secret_key

PACKAGE = Path(__file__).resolve().parent.parent
DEBUG = False
SECRET_KEY = os.environ.get("AUFTAKT_SECRET_KEY") or secret_key()
ALLOWED_HOSTS = os.environ.get("AUFTAKT_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("AUFTAKT_ORIGINS", "").split(",") if origin]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_htmx",
    "procrastinate.contrib.django",
    "auftakt.platform",
    "auftakt.identity",
    "auftakt.documents",
    "auftakt.parties",
    "auftakt.catalog",
    "auftakt.inventory",
    "auftakt.compliance",
    "auftakt.supply",
    "auftakt.pricing",
    "auftakt.promising",
    "auftakt.orders",
    "auftakt.fulfilment",
    "auftakt.billing",
    "auftakt.orchestration",
    "auftakt.channels",
    "auftakt.insight",
    "auftakt.console",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "auftakt.console.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "auftakt.project.urls"
WSGI_APPLICATION = "auftakt.project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "auftakt.console.context.console",
            ],
        },
    },
]
DATABASES = {"default": database_settings()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
LOGIN_URL = "console:login"
LOGIN_REDIRECT_URL = "console:home"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [PACKAGE / "console" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("AUFTAKT_TIME_ZONE", "Europe/Berlin")

STATIC_URL = "/static/"
STATIC_ROOT = None  # files are served from where they lie in the packages
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # the longest form: 200 order lines of seven fields; more lines travel as data
FILE_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "auftakt.console.views.errors.forged"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("AUFTAKT_HTTPS", "") == "1"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS: list[str] = []

# Outside systems by port and name. The sandbox answers on loopback; `auftakt up --sandbox` starts it.
_SANDBOX = os.environ.get("AUFTAKT_PAYMENT_SANDBOX", "http://127.0.0.1:8765")
_SANDBOX_PAYMENTS = {"base_url": _SANDBOX, "api_key": "sandbox", "default_token": "tok_ok"}
AUFTAKT_PLUGS = {
    "payment": {
        "card": {"class": "auftakt.channels.payments.CardProvider", **_SANDBOX_PAYMENTS},
        "paypal": {"class": "auftakt.channels.payments.PayPalProvider", **_SANDBOX_PAYMENTS},
    },
}
# Outgoing mail, as smtp://user:password@host:587?tls=starttls; without it mails wait in the outbox.
AUFTAKT_MAIL_URL = os.environ.get("AUFTAKT_MAIL_URL", "")
AUFTAKT_MAIL_FROM = os.environ.get("AUFTAKT_MAIL_FROM", "")
AUFTAKT_REPLENISHMENT = os.environ.get("AUFTAKT_REPLENISHMENT", "by_hand")  # or daily: the worker begins a run a day
AUFTAKT_DUNNING = os.environ.get("AUFTAKT_DUNNING", "by_hand")  # or automatic: the worker sends reminders by itself
# Networks of one's own that webhooks may call, as 10.1.0.0/16,127.0.0.0/8; else they reach the public internet only.
AUFTAKT_WEBHOOK_NETWORKS = os.environ.get("AUFTAKT_WEBHOOK_NETWORKS", "")
AUFTAKT_BULK_LIMIT = 100_000
AUFTAKT_API_RATE = float(os.environ.get("AUFTAKT_API_RATE", "500"))  # requests a second, per caller and process

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": os.environ.get("AUFTAKT_LOG", "WARNING")},
}
