"""The whole suite on SQLite, then on PostgreSQL all of it that asks the database. Arguments are handed on to pytest.

What no database changes (drawings, the layout of a page in a browser) would only say the same twice: PostgreSQL, which
takes longer for it, leaves it out, and says how many tests that were.
"""

import os
import subprocess
import sys


def main(arguments: list[str]) -> int:
    results = {
        "sqlite": suite("sqlite", *arguments),
        "postgresql": suite("postgresql", "--rest", *arguments),
    }
    for database, code in results.items():
        print(f"{database}: {'passed' if code == 0 else f'FAILED (exit code {code})'}", flush=True)
    return max(results.values())


def suite(database: str, *arguments: str) -> int:
    print(f"\n== The suite on {database} ==", flush=True)
    # Halves in their order, then what is left over: most rooms of tests are furnished by one process alone.
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "worksteal"]
    command += [f"--database={database}", "-q", *arguments]
    return subprocess.run(command, check=False, env=os.environ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
