"""`python scripts/bulk_assign_tickets.py`, as the runbooks have it: runs `manage.py bulk_assign_tickets`."""

import subprocess
import sys
from pathlib import Path

sys.exit(
    subprocess.call([sys.executable, Path(__file__).parent.parent / "manage.py", "bulk_assign_tickets", *sys.argv[1:]])
)
