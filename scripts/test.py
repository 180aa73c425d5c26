"""The whole suite, on SQLite and then on PostgreSQL. Arguments are handed on to pytest."""

import os
import subprocess
import sys

DATABASES = ("sqlite", "postgresql")


def main(arguments: list[str]) -> int:
    results = {}
    for database in DATABASES:
        print(f"\n== The suite on {database} ==", flush=True)
        command = [sys.executable, "-m", "pytest", "-n", "2", f"--database={database}", "-q", *arguments]
        results[database] = subprocess.run(command, check=False, env=os.environ).returncode
    for database, code in results.items():
        print(f"{database}: {'passed' if code == 0 else f'FAILED (exit code {code})'}", flush=True)
    return max(results.values())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
