"""What a key costs: `/v1/auth/me` with limits and usage recorded, against `/healthz` of the same server."""

import random
import re
import sqlite3
import statistics
import string
import subprocess
import tempfile

from common import ROUNDS, SECONDS, database, lift_limits
from service import Service

# Waits a random time before each request, so that all of them together send at a rate.
PACED = """
math.randomseed(os.time())
function delay() return math.floor(-math.log(1 - math.random()) * {pause_ms:.3f} + 0.5) end
"""


def wrk(url, key, connections=16, pause_ms=None):
    """Returns requests a second, and the 50th and 99th percentile in milliseconds."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", "-H", f"Authorization: Bearer {key}"]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        if pause_ms is not None:
            script.write(PACED.format(pause_ms=pause_ms))
            script.flush()
            command += ["-s", script.name]
        printed = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout
    assert "Non-2xx" not in printed, printed
    unit = {"us": 0.001, "ms": 1, "s": 1000}
    latency = {
        percent: float(number) * unit[name]
        for percent, number, name in re.findall(r"(\d+)%\s+([\d.]+)(us|ms|s)", printed)
    }
    return float(re.search(r"Requests/sec:\s+([\d.]+)", printed)[1]), latency["50"], latency["99"]


def ratios(service, key, when):
    """By turns, so that a noisy machine is noisy for both. Returns the median of `/v1/auth/me`."""
    health, me = [], []
    for _ in range(ROUNDS):
        health.append(wrk(f"{service.url}/healthz", key)[0])
        me.append(wrk(f"{service.url}/v1/auth/me", key)[0])
    found = sorted(one / other for one, other in zip(me, health))
    print(
        f"(a) {when}: /healthz {statistics.median(health):,.0f}/s, /v1/auth/me {statistics.median(me):,.0f}/s, "
        f"ratio {found[0]:.2f} .. {statistics.median(found):.2f} .. {found[-1]:.2f} (aim 0.70)"
    )
    return statistics.median(found), statistics.median(me)


def under_load(service, key, peak):
    """Latencies of `/v1/auth/me` at four fifths of what it can do."""
    connections = 128
    url = f"{service.url}/v1/auth/me"
    between_ms = 1000 * connections / (0.8 * peak)
    # The time that an answer takes comes on top of the pause: learn it first.
    answered = 1000 * connections / wrk(url, key, connections, between_ms)[0] - between_ms
    pause_ms = max(0, between_ms - answered)
    found = []
    for _ in range(ROUNDS):
        rate, middle, late = wrk(url, key, connections, pause_ms)
        found.append((late / middle, rate, middle, late))
    ratio, rate, middle, late = sorted(found)[ROUNDS // 2]
    print(
        f"(a) at {rate / peak:.0%} of the peak: p50 {middle:.2f} ms, p99 {late:.2f} ms, "
        f"ratio {min(found)[0]:.1f} .. {ratio:.1f} .. {max(found)[0]:.1f} (aim below 4)"
    )


def add_keys(service, count):
    """Writes keys straight into the database of a stopped server."""
    letters = string.ascii_letters + string.digits
    connection = sqlite3.connect(database(service))
    columns = "account_id, key_id, hash, pepper_version, name, scopes, ip_allowlist, domains, enabled, created_at"
    rows = (
        (1, "cl_" + "".join(random.choices(letters, k=12)), "%064x" % random.getrandbits(256), 1, "x", "[]", "[]", "[]", 1, 0)
        for _ in range(count)
    )
    connection.executemany(f"INSERT INTO api_keys ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()


def run(program, target):
    service = Service(program, target).start()
    try:
        key = service.key(plan="custom")
        lift_limits(service)
        one, peak = ratios(service, key, "one key")
        under_load(service, key, peak)
        service.halt()
        add_keys(service, 1_000_000)
        service.start()
        many, _ = ratios(service, key, "1,000,000 keys")
        print(f"(a) a million keys against one: {many / one:.2f} (aim 0.90 and more)")
    finally:
        service.stop()
