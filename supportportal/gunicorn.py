"""How gunicorn serves the portal."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportportal.settings")

from django.conf import settings

from supportportal.checks import refuse_unready

refuse_unready()  # before anything is bound, so that the reason is the last thing printed

bind = [os.environ.get("BIND", f"127.0.0.1:{settings.PORT}")]
workers = int(os.environ.get("WEB_WORKERS", "2"))
worker_class = "gthread"
threads = 8
timeout = 60
graceful_timeout = 20
keepalive = 5
control_socket_disable = True
max_requests = 5000
max_requests_jitter = 500
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108 - no data  # nosec B108
logconfig_dict = settings.LOGGING
