"""What several benchmarks need."""

import pathlib
import re
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "tests"))

ROUNDS = 5
SECONDS = 2


def database(service):
    return next(pathlib.Path(service.folder.name, "data").glob("*.db"))


def lift_limits(service):
    """Starts the server anew with a plan `custom` that limits nothing a benchmark would notice."""
    service.halt()
    connection = sqlite3.connect(database(service))
    numbers = "per_minute", "per_hour", "per_day", "concurrent_scans", "scans_per_month"
    connection.execute(f"UPDATE plans SET {', '.join(f'{name} = 1000000000' for name in numbers)} WHERE id = 'custom'")
    connection.commit()
    connection.close()
    service.start()


def memory_mib(service, field):
    status = pathlib.Path(f"/proc/{service.process.pid}/status").read_text()
    return int(re.search(rf"{field}:\s+(\d+)", status)[1]) / 1024
