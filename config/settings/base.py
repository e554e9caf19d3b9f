"""What every kind of process shares. Values come from `config.environment`; nothing here reads os.environ."""

from csp.constants import NONCE, SELF
from django.utils.translation import gettext_lazy as _

from config import environment

ROOT = environment.ROOT
VAR = environment.folder()

SECRET_KEY = environment.secret("SECRET_KEY")
DEBUG = False
DEMO = environment.flag("DEMO")
ALLOWED_HOSTS = environment.names("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
    "apps.live",
    "apps.records",
    "apps.performance",
    "apps.exchange",
    "apps.review",
    "apps.discussion",
    "apps.distribution",
    "apps.pipelines",
    "apps.catalog",
    "apps.annotation",
    "apps.predictions",
    "apps.recipes",
    "apps.projects",
    "apps.accounts",
    "apps.jobs",
    "apps.activity",
    "apps.core",
]
if DEMO:
    INSTALLED_APPS.append("config.demo")

MIDDLEWARE = [
    "apps.core.middleware.request_id",
    "apps.core.middleware.cookies_as_asked",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.accounts.middleware.acting_organization",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.accounts.context_processors.shell",
                "apps.discussion.context_processors.bell",
            ],
            "builtins": ["apps.core.templatetags.shell"],
        },
    }
]


def connection_to(variable: str, *, role: str = "", pool: bool = False) -> dict[str, object]:
    """Django's settings for the database that a variable names; `role` is taken on at connect."""
    at = environment.database(variable)
    startup = "-c search_path=public,app -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s"
    options: dict[str, object] = {"options": startup + (f" -c role={role}" if role else ""), "connect_timeout": 5}
    if pool:
        options["pool"] = {"min_size": 1, "max_size": 12, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": at.host,
        "PORT": at.port,
        "NAME": at.name,
        "USER": at.user,
        "PASSWORD": at.password,
        "OPTIONS": options,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": connection_to("DATABASE_URL", pool=True)}
if environment.is_set("DATABASE_OWNER_URL"):  # only where migrations or the seed run
    DATABASES["owner"] = connection_to("DATABASE_OWNER_URL")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHE_URL = environment.text("REDIS_CACHE_URL")
BROKER_URL = environment.text("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_URL,
        # A cache that hangs must not hold up claims, which go on without it.
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 5},
    }
}
CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [CACHE_URL]}}
}

# Private peers that addresses named by people may lead to (apps/core/outbound.py).
OUTBOUND_ALLOWED_NETWORKS = environment.networks("OUTBOUND_ALLOWED_NETWORKS")

STORAGE_URL = environment.text("STORAGE_URL", f"file://{VAR}/storage")
STORAGES = {
    "default": {"BACKEND": "config.storage.UrlStorage"},
    "staticfiles": {"BACKEND": "config.storage.ModuleManifestStorage"},
}
STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static", ("guides", ROOT / "docs" / "guides" / "img")]
STATIC_ROOT = VAR / "static"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["apps.accounts.sign_in.EmailBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in"
PASSWORD_RESET_TIMEOUT = 3600

# Of allauth we take codes of a second factor and the words of OpenID Connect; people, sessions and providers are ours,
# so the tables of its other two apps are never made.
MIGRATION_MODULES = {"account": None, "socialaccount": None}
MFA_ADAPTER = "apps.accounts.second_factor.SealedFactors"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
SOCIALACCOUNT_ADAPTER = "apps.accounts.single_sign_on.OwnProviders"

MAIL = environment.mail("EMAIL_URL")
EMAIL_BACKEND = f"django.core.mail.backends.{MAIL.backend}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = MAIL.host, MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
EMAIL_USE_SSL, EMAIL_USE_TLS = MAIL.ssl, MAIL.tls
EMAIL_FILE_PATH = MAIL.folder or None
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = environment.text("EMAIL_FROM", "Tessera <tessera@localhost>")
# Else the pages show what the mail would have said.
MAIL_REACHES_PEOPLE = MAIL.backend == "smtp"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# Behind TLS, which the proxy tells by X-Forwarded-Proto (uvicorn reads it). Where a request came in plain, as on one's
# own machine, SecurityMiddleware leaves HSTS out, and `cookies_as_asked` the mark of the cookies.
SECURE_HSTS_SECONDS = environment.number("HSTS_SECONDS", 365 * 24 * 3600)
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # other names of the operator's domain are not ours to speak for,
    "security.W021",  # nor is it ours to enter them in browsers' lists
    "security.W008",  # the proxy sends plain requests on to TLS: whether there is one, only it knows
]
SESSION_ENGINE = "apps.accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "apps.core.pages.csrf_failed"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "blob:", "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}

# Multipart bodies are streamed to files; this bounds what is held in memory, the views bound the rest.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = None
DATA_UPLOAD_MAX_NUMBER_FILES = 1000
FILE_UPLOAD_HANDLERS = [
    "apps.core.uploads.BoundedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.accounts.authentication.Settled"],
    "DEFAULT_RENDERER_CLASSES": ["apps.core.answers.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "apps.core.answers.answer_to",
    "DEFAULT_SCHEMA_CLASS": "apps.core.openapi.OperationSchema",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tessera",
    "DESCRIPTION": "Labeling pipelines: projects, recipes, micro-tasks, predictions, review and exports.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "OAS_VERSION": "3.1.0",  # what msgspec writes: types may be null
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": ["apps.core.openapi.add_components"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django.request": {"level": "ERROR"}},
}
