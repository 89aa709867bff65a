"""Run every benchmark, or those named, one after the other, each in a process of its own.

Run: python -m benchmarks [NAME ...]. Prints one JSON line per case; ends with 1 when a target was missed.
Run it on a quiet machine: figures of a busy one say little.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in HERE.glob("[a-z]*.py"))


def main(wanted: list[str]) -> int:
    unknown = sorted(set(wanted) - set(NAMES))
    if unknown:
        print(f"There is no benchmark “{unknown[0]}”; there are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    missed = 0
    for name in wanted or NAMES:
        print(f"benchmark: {name}", file=sys.stderr)
        missed += (
            subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=HERE.parent, check=False).returncode != 0
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
