"""The campaigns are in scripts/soaking, which the tests here import."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "scripts"))
