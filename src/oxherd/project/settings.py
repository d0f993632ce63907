"""The one settings file. What differs between installations comes from the environment (docs/operator.md)."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from oxherd.project import env

ROOT = Path(__file__).resolve().parent.parent

DEBUG = env.switch("OXHERD_DEBUG", default=False)
SECRET_KEY = env.secret("OXHERD_SECRET_KEY")
OXHERD_ENCRYPTION_KEYS = [line.strip() for line in env.secret("OXHERD_ENCRYPTION_KEY").splitlines() if line.strip()]
BASE_URL = env.text("OXHERD_BASE_URL", "http://localhost:8000").rstrip("/")
SERVED_BY_TLS = BASE_URL.startswith("https://")
ALLOWED_HOSTS = env.words("OXHERD_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = [BASE_URL]

# How many objects one worker process brings to a platform at the same time.
WORKER_CONCURRENCY = env.number("OXHERD_WORKER_CONCURRENCY", 8)
# How many over all workers for one brand that says nothing of its own; 0: no limit.
BRAND_CONCURRENCY = env.number("OXHERD_BRAND_CONCURRENCY", 0)
# How often an unreachable platform is tried again for one object before a person has to press Retry.
SYNC_TRIES = env.number("OXHERD_SYNC_TRIES", 8)
SYNC_BACK_OFF_SECONDS = float(env.text("OXHERD_SYNC_BACK_OFF_SECONDS", "2"))
# So many different objects in a row find the platform unreachable before its brand's work is held back.
BREAKER_THRESHOLD = env.number("OXHERD_BREAKER_THRESHOLD", 5)
BREAKER_PROBE_SECONDS = float(env.text("OXHERD_BREAKER_PROBE_SECONDS", "3"))
PLATFORM_TIMEOUT_SECONDS = float(env.text("OXHERD_PLATFORM_TIMEOUT_SECONDS", "30"))
# A worker that has not been heard of for so long is dead; its work goes to another.
STALLED_AFTER_SECONDS = float(env.text("OXHERD_STALLED_AFTER_SECONDS", "12"))
# Networks and host names inside that addresses which customers enter (of identity providers, say) may lead to.
OXHERD_OUTGOING_ALLOWED = env.destinations("OXHERD_OUTGOING_ALLOWED")
# Who is asked what the DNS holds of a domain; none: the system's resolvers.
DNS_RESOLVERS = env.servers("OXHERD_DNS_RESOLVERS", port=53)
DNS_TIMEOUT_SECONDS = float(env.text("OXHERD_DNS_TIMEOUT_SECONDS", "5"))
# How many domains one worker process looks at at the same time.
DNS_CONCURRENCY = env.number("OXHERD_DNS_CONCURRENCY", 4)
# For so long what was removed can be restored, before it is deleted for good; 0: at once.
KEEP_REMOVED_DAYS = env.number("OXHERD_KEEP_REMOVED_DAYS", 30)
# So many recipients of a forwarder the platform takes, outside and inside: a matter of its configuration.
FORWARDER_OUTSIDE = env.number("OXHERD_FORWARDER_OUTSIDE", 20)
FORWARDER_INSIDE = env.number("OXHERD_FORWARDER_INSIDE", 500)
# For so long a disabled OX service can be had back untouched, before the platform is told to delete it.
UNDO_SECONDS = env.number("OXHERD_UNDO_SECONDS", 20)
# The header in which the proxy that ends TLS passes on the client's certificate (as nginx's $ssl_client_escaped_cert),
# and which it overwrites in every request; empty: controllers are told by their signatures alone.
OXHERD_APS_CERTIFICATE_HEADER = env.text("OXHERD_APS_CERTIFICATE_HEADER")
# The certificate authorities of controllers that are called by OAuth; empty: those that everybody knows.
OXHERD_APS_CA_FILE = env.text("OXHERD_APS_CA_FILE")
# From this hour on (UTC), all customers are compared with the platform, spread over the night; None: never by itself.
DRIFT_HOUR = env.hour("OXHERD_DRIFT_HOUR")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "oxherd.apps.OxherdConfig",
    "oxherd.panel.apps.PanelConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_cotton.apps.SimpleAppConfig",
    "django_htmx",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "oxherd.panel.actor.RequestIdMiddleware",
    "oxherd.panel.frame.prefix.FrameMiddleware",
    "oxherd.aps.faults.JsonFaultMiddleware",
    "oxherd.panel.patience.PatienceMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "oxherd.panel.faults.FaultMiddleware",
    "oxherd.panel.frame.sessions.FrameSessionMiddleware",
    "oxherd.panel.single_sign_on.sessions.IdentityProviderMiddleware",
    "oxherd.panel.actor.ActorMiddleware",
    "oxherd.panel.signin.demand.SecondFactorMiddleware",
    "oxherd.panel.signin.dangerous.ProofMiddleware",
    "oxherd.panel.signin.activity.ActivityMiddleware",
]

ROOT_URLCONF = "oxherd.project.urls"
WSGI_APPLICATION = "oxherd.project.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                ),
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "django_htmx.templatetags.django_htmx",
                "django.templatetags.static",
                "oxherd.panel.templatetags.panel",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "oxherd.panel.context.panel",
            ],
        },
    },
]
COTTON_DIR = "cotton"


def database(url: str) -> dict[str, Any]:
    """Translate postgresql://user:password@host:port/name?host=/socket/folder into Django's form."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://.")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", unquote(parts.hostname or "")),
        "PORT": query.pop("port", str(parts.port or "")),
        "CONN_MAX_AGE": env.number("OXHERD_CONN_MAX_AGE", 60),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, **query},
    }


DATABASES = {"default": database(env.text("DATABASE_URL"))}
# The role as which the panel reads and writes: it sees no more than who has signed in. Empty: no second wall.
OXHERD_PANEL_ROLE = env.role("OXHERD_PANEL_ROLE", "oxherd_panel")
if OXHERD_PANEL_ROLE and env.switch("OXHERD_BEHIND_WALLS", default=False):  # set by web processes for themselves
    DATABASES["default"]["OPTIONS"]["assume_role"] = OXHERD_PANEL_ROLE
# As whom Postfix and Dovecot read; what else they may is nothing (oxherd.mail).
OXHERD_POSTFIX_ROLE = env.role("OXHERD_POSTFIX_ROLE", "oxherd_postfix")
OXHERD_DOVECOT_ROLE = env.role("OXHERD_DOVECOT_ROLE", "oxherd_dovecot")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        # Sign-in throttling must count for all web processes together.
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "oxherd_cache",
        # Whoever makes many entries must not drive out what counts others' attempts.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}

PROCRASTINATE_IMPORT_PATHS = ["oxherd.sync.tasks", "oxherd.aps.tasks"]

MESSAGE_STORAGE = "oxherd.panel.toasts.Messages"

AUTH_USER_MODEL = "oxherd.Administrator"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "oxherd.accounts.passwords.Rules"}]
# A service that knows leaked passwords, by ranges as at https://api.pwnedpasswords.com/range; empty: none is asked.
BREACH_URL = env.text("OXHERD_BREACH_URL")
# For so long an invitation can be taken up.
INVITATION_DAYS = env.number("OXHERD_INVITATION_DAYS", 7)
# For so long somebody of the provider may act for a customer's administrator.
ACT_FOR_MINUTES = env.number("OXHERD_ACT_FOR_MINUTES", 30)
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# So many proxies in front of us add to X-Forwarded-For; 0: nobody is believed, and the connection's address counts.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("OXHERD_PROXIES", 0)
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_ADAPTER = "oxherd.panel.adapter.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
# Counted in the cache, for all web processes together. "key" is the address, or whose account it is.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    # One who has the password could try codes for ever: five in five minutes, and thirty in a day.
    "second_factor": "10/m/ip,5/5m/key,30/d/key",
    "passkey": "20/m/ip",
    "passkey_options": "60/m/ip",
    "forgot_password": "5/m/ip,3/h/key",
    "one_time_link": "20/m/ip",
    "single_sign_on": "30/m/ip",
    # Of people whom a controller sends with a ticket; those that are good are given back.
    "frame_entry": "20/m/ip",
    # Of service users, at the page of their own.
    "self_service": "20/m/ip,5/5m/key,30/d/key",
}
MFA_ADAPTER = "oxherd.panel.signin.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "oxherd"
# A code counts half a minute before and after its own: telephones' clocks differ.
MFA_TOTP_TOLERANCE = 1
# So long after somebody has proved who they are, dangerous acts need no further proof.
PROOF_SECONDS = env.number("OXHERD_PROOF_SECONDS", 600)
# Whether administrators must have a passkey or an authenticator app.
SECOND_FACTOR_REQUIRED = env.switch("OXHERD_SECOND_FACTOR_REQUIRED", default=False)
SOCIALACCOUNT_ADAPTER = "oxherd.panel.single_sign_on.adapter.SocialAccountAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
# Mail goes to the log until a server is named.
EMAIL_HOST = env.text("OXHERD_EMAIL_HOST")
EMAIL_BACKEND = env.email_backend("OXHERD_EMAIL_BACKEND", "smtp" if EMAIL_HOST else "console")
EMAIL_PORT = env.number("OXHERD_EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("OXHERD_EMAIL_USER")
EMAIL_HOST_PASSWORD = env.secret("OXHERD_EMAIL_PASSWORD") if EMAIL_HOST_USER else ""
EMAIL_USE_TLS, EMAIL_USE_SSL = env.email_security("OXHERD_EMAIL_SECURITY")
EMAIL_FILE_PATH = env.text("OXHERD_EMAIL_FOLDER")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.address("OXHERD_EMAIL_FROM", "oxherd@localhost")

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("OXHERD_STATIC_ROOT", str(ROOT.parent.parent / "staticfiles")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": env.text("OXHERD_STATICFILES", "whitenoise.storage.CompressedManifestStaticFilesStorage"),
    },
}
WHITENOISE_USE_FINDERS = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# The prefix lets browsers take these cookies from this very host by TLS only, for all its paths.
COOKIE_PREFIX = "__Host-" if SERVED_BY_TLS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SERVED_BY_TLS
SECURE_SSL_REDIRECT = False  # the proxy that ends TLS redirects
SECURE_HSTS_SECONDS = 31536000 if SERVED_BY_TLS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SERVED_BY_TLS else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "oxherd.panel.faults.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"links": {"()": "oxherd.project.logs.WithoutLinks"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["links"]}},
    "root": {"handlers": ["console"], "level": env.text("OXHERD_LOG_LEVEL", "INFO")},
    "loggers": {
        # Each job is told once, by our own ledger; the queue's lines double it and cost time.
        "procrastinate": {"level": "WARNING"},
        # A call that is refused is told once, by our own endpoint.
        "oauthlib": {"level": "WARNING"},
        # Envelopes hold passwords.
        "zeep": {"level": "WARNING"},
    },
}
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains: the names below ours are the provider's, not ours to decide on
    "security.W008",  # redirects to TLS: the proxy that ends it does that
    "security.W021",  # HSTS preload: as for subdomains
]
