"""Settings. What differs between installations comes from the environment; secrets live in var/secrets.json (0600)."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from csp.constants import SELF

from minzheng.base.pg.roles import load_secrets
from minzheng.base.pg.target import find_target

ROOT = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("MZ_VAR", ROOT / "var"))
TESTING = "pytest" in sys.modules and os.environ.get("MZ_E2E_SERVER") != "1"
DEMO = os.environ.get("MZ_DEMO") == "1" or TESTING
DEBUG = False
# The role that this process signs in with: web, worker, sealer or owner (migrations only).
DB_ROLE = "mz_" + os.environ.get("MZ_ROLE", "web")

_secrets = load_secrets(VAR_DIR)
SECRET_KEY = _secrets["django"]
# The province that runs this installation, as a managed code. Everything provincial asks for it here.
PROVINCE = os.environ.get("MZ_PROVINCE", "320000000000")
ALLOWED_HOSTS = os.environ.get("MZ_HOSTS", "localhost,127.0.0.1,testserver").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("MZ_ORIGINS", "").split(",") if origin]

INSTALLED_APPS = [
    # front
    "minzheng.front.desk",
    "minzheng.front.portal",
    # scenes
    "minzheng.scenes.assistance",
    "minzheng.scenes.assistance.campaigns",
    "minzheng.scenes.assistance.legacy",
    "minzheng.scenes.assistance.monitoring",
    "minzheng.scenes.assistance.price",
    "minzheng.scenes.assistance.recognitions",
    "minzheng.scenes.assistance.referrals",
    "minzheng.scenes.assistance.reviews",
    "minzheng.scenes.assistance.rigid",
    "minzheng.scenes.assistance.services",
    "minzheng.scenes.assistance.socialforces",
    "minzheng.scenes.assistance.statistics",
    "minzheng.scenes.assistance.tekun",
    "minzheng.scenes.assistance.temporary",
    "minzheng.scenes.assistance.verification",
    # office
    "minzheng.office.archive",
    "minzheng.office.benefits",
    "minzheng.office.cases",
    "minzheng.office.ledger",
    "minzheng.office.matters",
    "minzheng.office.decisions",
    "minzheng.office.materials",
    "minzheng.office.notices",
    "minzheng.office.publicity",
    # data
    "minzheng.data.brain",
    "minzheng.data.brain.desk",
    "minzheng.data.exchange",
    "minzheng.data.ingest",
    "minzheng.data.registry",
    # base
    "minzheng.base.audit",
    "minzheng.base.backup",
    "minzheng.base.crypto",
    "minzheng.base.divisions",
    "minzheng.base.documents",
    "minzheng.base.events",
    "minzheng.base.files",
    "minzheng.base.flow",
    "minzheng.base.identity",
    "minzheng.base.jobs",
    "minzheng.base.oidc",
    *(["minzheng.demo"] if DEMO else []),
    # others' rooms
    "minzheng.design",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.idp.oidc",
    "allauth.mfa",
    "procrastinate.contrib.django",
    # last, since it guards the tables of all the others
    "minzheng.base.scope",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "minzheng.base.identity.middleware.ActingPostMiddleware",
]

ROOT_URLCONF = "minzheng.urls"
WSGI_APPLICATION = "minzheng.wsgi.application"
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {
        "context_processors": [
            "django.template.context_processors.request",
            "django.contrib.auth.context_processors.auth",
            "django.contrib.messages.context_processors.messages",
            "minzheng.front.context.shell",
        ],
    },
}]

TARGET = find_target(VAR_DIR, for_tests=TESTING)


def _database(user: str) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": TARGET.host,
        "PORT": TARGET.port,
        "NAME": os.environ.get("MZ_DB", TARGET.dbname),
        "USER": user,
        "PASSWORD": _secrets[user],
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 8, "timeout": 20}} if os.environ.get("MZ_POOL") == "1" else {},
        # a pooled connection is tried before use: after the database restarts, no request meets a dead one
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
    }


DATABASES = {"default": _database(DB_ROLE), "aside": _database(DB_ROLE)}
if TESTING:
    # One login that may take any of our roles but is no superuser; conftest switches it to mz_web after migrating.
    DB_ROLE = "mz_web"
    for _alias in DATABASES.values():
        _alias["USER"], _alias["PASSWORD"] = "mz_test", _secrets["mz_test"]
        _alias["OPTIONS"] = {"assume_role": "mz_owner"}
        _alias["TEST"] = {"NAME": "test_" + os.environ.get("MZ_TEST_DB", "main")}
    DATABASES["aside"]["TEST"]["MIRROR"] = "default"  # type: ignore[index]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
ASSETS_DIR = VAR_DIR / "assets"
STATICFILES_DIRS = [ASSETS_DIR] if ASSETS_DIR.exists() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if TESTING
                    else "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

AUTH_USER_MODEL = "identity.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher" if TESTING
                    else "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "minzheng.base.identity.adapter.SignInAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
MFA_ADAPTER = "minzheng.base.identity.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = "民政一体化平台"
# Signing officers in to outside systems: short lives, no refresh, systems with a secret only.
IDP_OIDC_ADAPTER = "minzheng.base.oidc.adapter.Adapter"
IDP_OIDC_AUTHORIZATION_CODE_EXPIRES_IN = 60
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = 600
IDP_OIDC_ID_TOKEN_EXPIRES_IN = 300
IDP_OIDC_REFRESH_TOKEN_EXPIRES_IN = 60
IDP_OIDC_JWKS_CACHE_CONTROL = 600
IDP_OIDC_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"

# Special account (财政专户) by county code, named as payer in ISO 20022 files: MZ_PAYER_ACCOUNTS={"320583000000": "…"}.
PAYER_ACCOUNTS = json.loads(os.environ.get("MZ_PAYER_ACCOUNTS", "{}"))

# Where citizens reach the platform: printed into QR codes.
PUBLIC_URL = os.environ.get("MZ_PUBLIC_URL", f"http://127.0.0.1:{os.environ.get('MZ_PORT', '8000')}")

# Used one-time codes and rate limits must be known to every web process.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"} if TESTING else {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shared_cache"}}

SESSION_COOKIE_AGE = 30 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False
_https = os.environ.get("MZ_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _https
# Event streams for open worklists: another port of the same host, or an address such as /streams behind a proxy.
WEB_PORT = int(os.environ.get("MZ_PORT", "8000"))
STREAMS_PORT = int(os.environ.get("MZ_STREAMS_PORT", str(WEB_PORT + 1)))
STREAMS_URL = os.environ.get("MZ_STREAMS_URL", f":{STREAMS_PORT}")
_streams = [f"{'https' if _https else 'http'}://{host}:{STREAMS_PORT}" for host in ALLOWED_HOSTS if host.strip(".*")]
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {"DIRECTIVES": {
    "default-src": [SELF], "img-src": [SELF, "data:", "blob:"], "style-src": [SELF], "script-src": [SELF],
    "connect-src": [SELF, *_streams], "object-src": ["'none'"], "base-uri": [SELF], "form-action": [SELF],
    "frame-ancestors": ["'none'"],
}}

DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

PROCRASTINATE_ON_APP_READY = None
SILENCED_SYSTEM_CHECKS: list[str] = []
LOGGING_CONFIG = None if TESTING else "minzheng.base.logs.configure"
LOGGING = {"version": 1}  # Django calls the function above only when this is not empty
