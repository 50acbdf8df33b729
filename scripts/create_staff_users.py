"""`python scripts/create_staff_users.py`, as the deployment guide has it: runs `manage.py create_staff_users`."""

import subprocess
import sys
from pathlib import Path

sys.exit(
    subprocess.call([sys.executable, Path(__file__).parent.parent / "manage.py", "create_staff_users", *sys.argv[1:]])
)
