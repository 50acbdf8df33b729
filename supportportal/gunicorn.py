"""How gunicorn serves the portal."""

import os

from django.conf import settings

bind = [os.environ.get("BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")]
workers = int(os.environ.get("WEB_WORKERS", "2"))
worker_class = "gthread"
threads = 8
timeout = 60
graceful_timeout = 20
keepalive = 5
max_requests = 5000
max_requests_jitter = 500
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108 - a heartbeat file, not data
limit_request_line = 8190
logger_class = "gunicorn.glogging.Logger"
logconfig_dict = settings.LOGGING
