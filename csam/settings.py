"""The settings of the portal, read from the environment and described in docs/operations/settings.md.

Three modes: `embedded` (the default: SQLite, a broker of files, no server beside our own), `production`
(PostgreSQL, Redis, HTTPS) and `test`. Everything written at run time lies in VAR_DIR.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from csam import environment, secret_key

BASE_DIR = Path(__file__).resolve().parent.parent

MODE = environment.choice("CSAM_MODE", ["embedded", "production", "test"], "embedded")
IS_PRODUCTION = MODE == "production"
DEBUG = environment.flag("CSAM_DEBUG", default=False)
if DEBUG and IS_PRODUCTION:
    raise ImproperlyConfigured("CSAM_DEBUG is 1 in production, where it shows secrets. Remove it.")


def required_in_production(name: str, value: str, example: str) -> str:
    if IS_PRODUCTION and not value:
        raise ImproperlyConfigured(f"{name} is needed in production. Write for example {name}={example}")
    return value


# Files ------------------------------------------------------------------------------------------------------

VAR_DIR = environment.writable_folder("CSAM_VAR_DIR", BASE_DIR / "var")

MEDIA_ROOT = VAR_DIR / "media"
MEDIA_URL = "/media/"
# An image carries its own collected files, and reads them where nothing can be written.
STATIC_ROOT = environment.folder("CSAM_STATIC_DIR", VAR_DIR / "static")
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or MODE == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Tests serve the files as they stand in static/, without a collecting step.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = DEBUG or MODE == "test"
FILE_UPLOAD_PERMISSIONS = 0o640
# Processes that lay out the PDF documents, and the room for pieces kept from one build to the next.
DOCUMENT_PROCESSES = environment.integer(
    "CSAM_DOCUMENT_PROCESSES", max(1, min(2, os.cpu_count() or 1)), least=1, most=32
)
DOCUMENT_PAPER = environment.choice("CSAM_DOCUMENT_PAPER", ("letter", "a4"), "letter")
DOCUMENT_CACHE_BYTES = environment.integer("CSAM_DOCUMENT_CACHE_MB", 256, most=100_000) * 1_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
# What people send: in bytes, in pixels before decoding, and the longest side that is kept.
UPLOAD_IMAGE_BYTES = environment.integer("CSAM_IMAGE_MEGABYTES", 10, least=1, most=100) * 10**6
UPLOAD_IMAGE_PIXELS = environment.integer("CSAM_IMAGE_MEGAPIXELS", 50, least=1, most=80) * 10**6
UPLOAD_IMAGE_SIDE = environment.integer("CSAM_IMAGE_SIDE", 2000, least=200, most=8000)
UPLOAD_FILE_BYTES = environment.integer("CSAM_FILE_MEGABYTES", 20, least=1, most=200) * 10**6

# Identity and safety ----------------------------------------------------------------------------------------

SECRET_KEY = required_in_production(
    "CSAM_SECRET_KEY", environment.secret("CSAM_SECRET_KEY"), "a long random text, kept secret"
) or secret_key.kept_in(VAR_DIR / "secret-key")

SITE_ADDRESS = environment.address(
    "CSAM_ADDRESS",
    required_in_production("CSAM_ADDRESS", environment.text("CSAM_ADDRESS"), "https://plan.example.org")
    or "http://127.0.0.1:8000",
)
ALLOWED_HOSTS = environment.words(
    "CSAM_HOSTS",
    [urlsplit(SITE_ADDRESS).hostname or ""]
    if IS_PRODUCTION
    else ["localhost", "127.0.0.1", "[::1]", urlsplit(SITE_ADDRESS).hostname or ""],
)
CSRF_TRUSTED_ORIGINS = [SITE_ADDRESS]
CSRF_FAILURE_VIEW = "csam.stale_forms.csrf_failure"

# How many proxies stand in front: each adds an address to X-Forwarded-For, the last sets X-Forwarded-Proto.
PROXY_COUNT = environment.integer("CSAM_PROXIES", 1 if IS_PRODUCTION else 0, most=10)
if PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = IS_PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^sante/$"]
SECURE_HSTS_SECONDS = environment.integer("CSAM_HSTS_SECONDS", 31_536_000 if IS_PRODUCTION else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_PRODUCTION
SECURE_HSTS_PRELOAD = IS_PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_PRODUCTION
SESSION_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-src": [NONE],
        "frame-ancestors": [NONE],
        "upgrade-insecure-requests": IS_PRODUCTION,
    },
}

# What the portal is made of ---------------------------------------------------------------------------------

INSTALLED_APPS = [
    "csam.desk.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_filters",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "core",
    "plans",
    "partners",
    "projects",
    "indicators",
    "csam",
    "csam.figures",
    "csam.pages",
    "csam.documents",
    "csam.workbook",
    "csam.api",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "csam.two_steps.StaffTwoStepMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.typography.TypographyMiddleware",
]

ROOT_URLCONF = "csam.urls"
WSGI_APPLICATION = "csam.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.context_processors.site",
            ],
        },
    },
]
# An address typed without its scheme is https, as it will be in Django 6.
FORMS_URLFIELD_ASSUME_HTTPS = True
CRISPY_ALLOWED_TEMPLATE_PACKS = ["bootstrap5"]
CRISPY_TEMPLATE_PACK = "bootstrap5"

# Language and time ------------------------------------------------------------------------------------------

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("Français")), ("en", _("Anglais"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "America/Toronto"
USE_TZ = True
USE_I18N = True

# Database, cache, sessions ----------------------------------------------------------------------------------

DATABASE_POOL = environment.integer("CSAM_DATABASE_POOL", 8, most=200)
required_in_production(
    "DATABASE_URL", environment.secret("DATABASE_URL"), "postgresql://csam:PASSWORD@database:5432/csam"
)
DATABASES: dict[str, dict[str, Any]] = {
    "default": environment.database(
        "DATABASE_URL", f"sqlite:///{VAR_DIR / 'csam.sqlite3'}", base=BASE_DIR, pool=DATABASE_POOL
    )
}
if MODE == "test" and DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, so that a live server and a worker in another process see the same rows.
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / "test.sqlite3"}

REDIS_URL = required_in_production("REDIS_URL", environment.secret("REDIS_URL"), "redis://redis:6379/0")
CACHES: dict[str, dict[str, Any]] = {
    # Shared by every process: the limits on sign-in attempts are counted here.
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "csam",
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "csam_cache"}
}
# No cookie but the session's for those few words between two pages.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_ENGINE = f"django.contrib.sessions.backends.{'cached_db' if REDIS_URL else 'db'}"

# Background jobs --------------------------------------------------------------------------------------------

CELERY_BROKER_URL = environment.secret("CELERY_BROKER_URL") or REDIS_URL or "filesystem://localhost//"
if CELERY_BROKER_URL.startswith("filesystem://"):
    BROKER_DIR = VAR_DIR / "broker"
    for _name in ("messages", "control"):
        (BROKER_DIR / _name).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "control_folder": str(BROKER_DIR / "control"),
        "polling_interval": 0.2,
    }
elif CELERY_BROKER_URL.startswith(("redis://", "rediss://", "unix://")):
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
else:
    raise ImproperlyConfigured(
        f"CELERY_BROKER_URL is {CELERY_BROKER_URL!r}. Write redis://HOST:6379/0 or nothing (files)."
    )
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
# A due time is a column that a periodic task looks at: no message waits for its hour in the broker.
CELERY_BEAT_SCHEDULE: dict[str, Any] = {
    "send mail": {"task": "core.send_mail", "schedule": 60},
    "requeue documents": {"task": "documents.requeue", "schedule": 60},
    "request drafts": {"task": "documents.request_drafts", "schedule": 60},
    # Each hour of the day: a morning that was missed is made good, and nobody is told twice.
    "remind": {"task": "projects.remind", "schedule": crontab(hour="7-19", minute="0")},
    "remind of reports": {"task": "indicators.remind", "schedule": crontab(hour="7-19", minute="10")},
    "weekly digest": {"task": "indicators.digest", "schedule": crontab(hour="8-19", minute="20")},
    "sweep files": {"task": "csam.sweep_files", "schedule": crontab(hour="3", minute="40")},
    "clear sessions": {"task": "csam.clear_sessions", "schedule": 24 * 3600},
}
# Documents have a queue of their own, so that in production a long build never keeps a mail waiting.
CELERY_TASK_QUEUES = {
    name: {"exchange": name, "exchange_type": "direct", "routing_key": name}
    for name in ("celery", "documents")
}
CELERY_TASK_ROUTES = {"documents.*": {"queue": "documents"}}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1

# Accounts ---------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "partners.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
if MODE == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "partners:space"
ACCOUNT_ADAPTER = "csam.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
# In the browser that opened the account; elsewhere the link confirms and the person signs in.
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
# By address (ip) many people of one office or one workshop may come; by account (key) only one does.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip,300/h/ip",
    "login_failed": "10/m/ip,5/300s/key",
    "signup": "20/m/ip,60/h/ip",
    "reset_password": "20/m/ip,5/h/key",
}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(SITE_ADDRESS).scheme
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "pages:home"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_FORMS = {
    "login": "csam.account_forms.LoginForm",
    "signup": "csam.account_forms.SignupForm",
    "reset_password": "csam.account_forms.ResetPasswordForm",
    "reset_password_from_key": "csam.account_forms.ResetPasswordKeyForm",
    "change_password": "csam.account_forms.ChangePasswordForm",
    "set_password": "csam.account_forms.SetPasswordForm",
    "add_email": "csam.account_forms.AddEmailForm",
    "reauthenticate": "csam.account_forms.ReauthenticateForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = PROXY_COUNT
MFA_ADAPTER = "csam.accounts.TwoStepAdapter"
MFA_FORMS = {
    "authenticate": "csam.account_forms.TwoStepForm",
    "reauthenticate": "csam.account_forms.TwoStepReauthenticateForm",
    "activate_totp": "csam.account_forms.ActivateTOTPForm",
    "authenticate_webauthn": "csam.account_forms.PasskeyForm",
    "reauthenticate_webauthn": "csam.account_forms.PasskeyReauthenticateForm",
    "login_webauthn": "csam.account_forms.PasskeyLoginForm",
    "add_webauthn": "csam.account_forms.AddPasskeyForm",
    "edit_webauthn": "csam.account_forms.RenamePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Browsers give passkeys to https, and to http://localhost where the portal is tried.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = urlsplit(SITE_ADDRESS).scheme == "http"
MFA_TOTP_ISSUER = "Conseil SAM"
# Whether the staff must pass a second step before any page of the console.
CSAM_STAFF_TWO_STEP = environment.flag("CSAM_STAFF_TWO_STEP", default=IS_PRODUCTION)

# Mail -------------------------------------------------------------------------------------------------------

_mail = environment.mail("CSAM_MAIL_URL", f"file:{VAR_DIR / 'mail'}")
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_FILE_PATH = _mail.get("EMAIL_FILE_PATH")
EMAIL_HOST = _mail.get("EMAIL_HOST", "")
EMAIL_PORT = _mail.get("EMAIL_PORT", 25)
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = _mail.get("EMAIL_TIMEOUT")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = environment.text("CSAM_MAIL_FROM", "Conseil SAM <portail@localhost>")
EMAIL_SUBJECT_PREFIX = ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Conseil SAM] "
ADMINS = [(mail, mail) for mail in environment.words("CSAM_ERROR_MAIL_TO")]

# What pages say of the council ------------------------------------------------------------------------------

CSAM_VERSION = "0.1.0"
CSAM_PRIVACY_OFFICER = environment.text("CSAM_PRIVACY_OFFICER", "") or _(
    "Responsable de la protection des renseignements personnels"
)
CSAM_CONTACT_EMAIL = environment.text("CSAM_CONTACT_EMAIL", "conseil@example.org")
CSAM_POSTAL_ADDRESS = environment.text("CSAM_POSTAL_ADDRESS", "")

# Log and processes ------------------------------------------------------------------------------------------

LOG_LEVEL = environment.choice("CSAM_LOG_LEVEL", ["DEBUG", "INFO", "WARNING", "ERROR"], "INFO")
# Open data: read-only, for everybody. No browsable pages: the policy of the portal forbids their scripts.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_RATES": {"anon": f"{environment.integer('CSAM_API_PER_MINUTE', 120, least=1)}/minute"},
    "NUM_PROXIES": PROXY_COUNT,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Plan d'action intégré: open data",
    "DESCRIPTION": "What the public pages of the portal tell of plans, projects, partners and indicators.",
    "VERSION": "1",
    "LICENSE": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
    # A test describes the API whole; `check --deploy` must not ask a database that may not be there yet.
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "mail": {"class": "django.utils.log.AdminEmailHandler", "level": "ERROR"},
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": ["console", "mail"], "level": LOG_LEVEL, "propagate": False},
        "pikepdf": {"level": "WARNING"},  # it greets whoever imports it
        "weasyprint.progress": {"level": "WARNING"},  # it tells each step of each piece
    },
}

# Read by `manage.py serve`.
HOST = environment.text("HOST", "127.0.0.1")
PORT = environment.integer("PORT", 8000, least=1, most=65_535)
WEB_PROCESSES = environment.integer("CSAM_WEB_PROCESSES", 2, least=1, most=64)
WEB_THREADS = environment.integer("CSAM_WEB_THREADS", 4, least=1, most=64)
WORKER_THREADS = environment.integer("CSAM_WORKER_THREADS", 2, least=2, most=64)

environment.forbid_unknown()
