"""The pages' WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

from minzheng.base.crypto import require_keys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minzheng.settings")
application = get_wsgi_application()

# Checks do not run under gunicorn: the web refuses to start without keys, or with too many rights.
from minzheng.base.scope.starting import refuse_unsafe_start  # noqa: E402

require_keys()
refuse_unsafe_start()
