"""`python scripts/seed_organizations.py`, as the deployment guide has it: runs `manage.py seed_organizations`."""

import subprocess
import sys
from pathlib import Path

sys.exit(
    subprocess.call([sys.executable, Path(__file__).parent.parent / "manage.py", "seed_organizations", *sys.argv[1:]])
)
