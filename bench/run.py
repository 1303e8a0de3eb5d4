"""Measures the release build on this machine. Compare ratios of one run, not figures of two.

    cargo build --release && python3 bench/run.py target/release/compliancelayer

Needs `wrk` (Debian package of that name). Prints; commits nothing.
"""

import json
import os
import pathlib
import random
import re
import shutil
import sqlite3
import statistics
import string
import subprocess
import sys
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "tests"))

from service import Service, Target  # noqa: E402

ROUNDS = 5
SECONDS = 2


def requests_a_second(url, key):
    wrk = ["wrk", "-t1", "-c16", f"-d{SECONDS}s", "--latency", "-H", f"Authorization: Bearer {key}", url]
    printed = subprocess.run(wrk, check=True, capture_output=True, text=True).stdout
    assert "Non-2xx" not in printed, printed
    return float(re.search(r"Requests/sec:\s+([\d.]+)", printed)[1])


def key_check(service, key, when):
    """`/v1/auth/me` with a key against `/healthz` on the same server, by turns."""
    health, me = [], []
    for _ in range(ROUNDS):
        health.append(requests_a_second(f"{service.url}/healthz", key))
        me.append(requests_a_second(f"{service.url}/v1/auth/me", key))
    ratios = sorted(one / other for one, other in zip(me, health))
    print(
        f"(a) {when}: /healthz {statistics.median(health):,.0f}/s, /v1/auth/me {statistics.median(me):,.0f}/s, "
        f"ratio {ratios[0]:.2f} .. {statistics.median(ratios):.2f} .. {ratios[-1]:.2f} (aim 0.70)"
    )


def add_keys(service, count):
    """Writes keys straight into the database of a stopped server."""
    letters = string.ascii_letters + string.digits
    database = next(pathlib.Path(service.folder.name, "data").glob("*.db"))
    connection = sqlite3.connect(database)
    columns = (
        "account_id, key_id, hash, pepper_version, name, scopes, ip_allowlist, domains, enabled, created_at"
    )
    rows = (
        (1, "cl_" + "".join(random.choices(letters, k=12)), "%064x" % random.getrandbits(256), 1, "x", "[]", "[]", "[]", 1, 0)
        for _ in range(count)
    )
    connection.executemany(f"INSERT INTO api_keys ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()


def add_requests(service, count):
    """Writes requests of 30 days, singly and counted, straight into the database of a stopped server."""
    database = next(pathlib.Path(service.folder.name, "data").glob("*.db"))
    connection = sqlite3.connect(database)
    now = int(time.time() * 1000)
    routes = [f"/v1/route/{number}" for number in range(10)]
    outcomes = ["ok", "client_error", "rate_limited"]
    lengths = {"minute": (60_000, 2), "hour": (3_600_000, 30), "day": (86_400_000, 30)}
    counts = {}
    rows = []
    for number in range(count):
        at = now - number * (30 * 86_400_000 // count)
        key, route, outcome = number % 100 + 1, routes[number % 10], outcomes[number % 3]
        rows.append((1, at, key, 1, "GET", route, 200, outcome, "192.0.2.1", "bench", 1_500, f"r{number}"))
        for name, (length, days) in lengths.items():
            if at > now - days * 86_400_000:
                kind = (1, name, at // length * length, key, f"GET {route}", outcome)
                counts[kind] = counts.get(kind, 0) + 1
    columns = "account_id, at, api_key_id, user_id, method, path, status, outcome, ip, agent, duration_us, request_id"
    connection.executemany(f"INSERT INTO request_log ({columns}) VALUES ({', '.join('?' * 12)})", rows)
    counted = (kind + (requests, 0, requests) + (0,) * 12 for kind, requests in counts.items())
    connection.executemany(f"INSERT INTO usage_counts VALUES ({', '.join('?' * 21)})", counted)
    connection.commit()
    connection.close()


def usage(program, target):
    service = Service(program, target).start()
    try:
        key = service.key(plan="custom")
        service.process.terminate()
        service.process.wait()
        add_requests(service, 1_000_000)
        service.start()
        for path in ["/v1/usage", "/v1/usage?granularity=hour", "/v1/usage/requests?limit=100"]:
            times = []
            for _ in range(10 * ROUNDS):
                began = time.perf_counter()
                assert service.call(key, path)[0] == 200
                times.append(time.perf_counter() - began)
            print(
                f"(f) {path} over 1,000,000 requests: {min(times) * 1000:.1f} .. "
                f"{statistics.median(times) * 1000:.1f} .. {max(times) * 1000:.1f} ms (aim 50)"
            )
    finally:
        service.stop()


def memory_mib(service, field):
    status = pathlib.Path(f"/proc/{service.process.pid}/status").read_text()
    return int(re.search(rf"{field}:\s+(\d+)", status)[1]) / 1024


def one_scan(program, target):
    times, connections = [], 0
    for _ in range(ROUNDS):
        environment = {**os.environ, **target.environment}
        command = [program, "scan", "shop.test", "--json", "--quiet"]
        began = time.perf_counter()
        printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
        times.append(time.perf_counter() - began)
        connections = json.loads(printed)["scope"]["connections"]
    print(f"(b) one scan, the whole process: {min(times):.3f} .. {statistics.median(times):.3f} .. {max(times):.3f} s, {connections} connections")


def many_scans(program, target):
    service = Service(program, target, {"COMPLIANCELAYER_SCAN__CONCURRENCY": "16"}).start()
    try:
        key = service.key()
        began = time.perf_counter()
        for _ in range(1_000):
            assert service.call(key, "/v1/scan", {"domain": "shop.test"})[0] == 200
        queued = time.perf_counter() - began
        while service.call(key, "/v1/scan/history?limit=1&status=queued")[1]["scans"]:
            time.sleep(0.1)
        while service.call(key, "/v1/scan/history?limit=1&status=running")[1]["scans"]:
            time.sleep(0.05)
        took = time.perf_counter() - began
        print(f"(c) 1,000 scans: queued in {queued:.1f} s, done in {took:.1f} s, {1_000 / took:.0f} a second, peak memory {memory_mib(service, 'VmHWM'):.0f} MiB")
    finally:
        service.stop()


def start(program, target):
    times = []
    service = Service(program, target)
    service.start()
    service.process.terminate()
    service.process.wait()
    for _ in range(ROUNDS):
        began = time.perf_counter()
        service.start()
        times.append(time.perf_counter() - began)
        service.process.terminate()
        service.process.wait()
    service.start()
    time.sleep(1)
    print(
        f"(d) start to the first answer {min(times) * 1000:.0f} .. {statistics.median(times) * 1000:.0f} ms (aim 100), "
        f"idle memory {memory_mib(service, 'VmRSS'):.0f} MiB (aim 40), "
        f"binary {pathlib.Path(program).stat().st_size / 2**20:.1f} MiB"
    )
    service.stop()


def enumeration(program, target):
    """200 known against 200 unknown addresses, by turns: do the answers' times tell them apart?"""
    proxies = {
        "COMPLIANCELAYER_SERVER__TRUSTED_PROXIES": "127.0.0.1/32",
        "COMPLIANCELAYER_AUTH__REQUIRE_EMAIL_VERIFICATION": "true",
        # Nobody listens there, so letters wait; what is measured is the answer.
        "COMPLIANCELAYER_MAIL__SMTP_URL": "smtp://127.0.0.1:9?tls=none",
        "COMPLIANCELAYER_MAIL__FROM": "no-reply@example.com",
    }
    service = Service(program, target, proxies).start()
    password = "gurgling walnut ferry tax"
    calls = 0

    def took(path, body):
        # Each call comes from a network of its own, so that no limit on guessing is measured.
        nonlocal calls
        calls += 1
        ip = f"10.{calls >> 16 & 255}.{calls >> 8 & 255}.{calls & 255}"
        request = urllib.request.Request(
            service.url + path,
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "X-Forwarded-For": ip},
        )
        began = time.perf_counter()
        try:
            urllib.request.urlopen(request).read()
        except urllib.error.HTTPError as refused:
            assert refused.code == 401, refused.code
        return time.perf_counter() - began

    try:
        for number in range(200):
            took("/v1/auth/register", {"email": f"known{number}@example.com", "password": password})
        for name, path, more in (
            ("sign-in", "/v1/auth/login", {"password": "something else entirely"}),
            ("forgot", "/v1/auth/password/forgot", {}),
            ("register", "/v1/auth/register", {"password": password}),
        ):
            known, unknown = [], []
            for number in range(200):
                known.append(took(path, {"email": f"known{number}@example.com", **more}))
                unknown.append(took(path, {"email": f"{name}{number}@example.com", **more}))
            one, other = statistics.median(known) * 1000, statistics.median(unknown) * 1000
            print(f"(e) {name}: known {one:.2f} ms, unknown {other:.2f} ms, {abs(one / other - 1):.1%} apart (aim 5 %)")
    finally:
        service.stop()


def main(program):
    if not shutil.which("wrk"):
        sys.exit("Missing: wrk. Install it: apt-get install wrk")
    target = Target(program)
    try:
        service = Service(program, target).start()
        key = service.key()
        key_check(service, key, "one key")
        service.process.terminate()
        service.process.wait()
        add_keys(service, 100_000)
        service.start()
        key_check(service, key, "100,000 keys")
        service.stop()
        usage(program, target)
        enumeration(program, target)
        one_scan(program, target)
        many_scans(program, target)
        start(program, target)
    finally:
        target.stop()


main(sys.argv[1])
