"""Compare what is installed with published vulnerabilities; where their data can't be had, say so.

Everything is installed by the hashes of the lock files in any case, so nothing comes that was not looked at.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: Lets a lock line continue to its hashes.
CONTINUES = "\\"


def main() -> int:
    """1 if a dependency has a known vulnerability, or is locked without a hash."""
    found = 0
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-oidc.lock"):
        lock = ROOT / name
        lines = [line for line in lock.read_text().splitlines() if line[:1].isalnum()]
        bare = [line for line in lines if not line.endswith(CONTINUES)]
        if bare or not lines:
            print(f"{name}: without a hash: {', '.join(bare) or 'everything'}")
            return 1
        audit = [
            sys.executable,
            "-m",
            "pip_audit",
            "--requirement",
            str(lock),
            "--require-hashes",
            "--disable-pip",
        ]
        ran = subprocess.run(
            [*audit, "--format", "json", "--progress-spinner", "off", "--timeout", "10"],
            capture_output=True,
            text=True,
            check=False,
        )
        try:
            told = [
                package for package in json.loads(ran.stdout)["dependencies"] if "skip_reason" not in package
            ]
        except (ValueError, KeyError):
            told = []
        unknown = len(lines) - len(told)
        print(f"{name}: {len(lines)} packages, each locked by hash", end="; ")
        print(
            f"published vulnerabilities can't be had for {unknown}" if unknown else "all compared", end="; "
        )
        weak = [(package["name"], flaw["id"]) for package in told for flaw in package.get("vulns", ())]
        print(f"{len(weak)} known vulnerabilities among {len(told)}")
        for package, flaw in weak:
            print(f"  {package}: {flaw}")
        found += len(weak)
    return min(found, 1)


if __name__ == "__main__":
    sys.exit(main())
