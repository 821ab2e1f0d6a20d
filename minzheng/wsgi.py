"""The pages' WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

from minzheng.base.crypto import require_keys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minzheng.settings")
application = get_wsgi_application()

# checks do not run under gunicorn: without keys the web refuses to start
require_keys()
