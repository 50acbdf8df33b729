"""`python scripts/seed_knowledge_base.py`, as the deployment guide has it: runs `manage.py seed_knowledge_base`."""

import subprocess
import sys
from pathlib import Path

sys.exit(
    subprocess.call([sys.executable, Path(__file__).parent.parent / "manage.py", "seed_knowledge_base", *sys.argv[1:]])
)
