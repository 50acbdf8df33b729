import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportportal.settings")
application = get_wsgi_application()

from supportportal.checks import refuse_unready  # noqa: E402 - settings must be read first

refuse_unready()
