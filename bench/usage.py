"""Reading usage while a million requests are recorded."""

import sqlite3
import statistics
import time

from common import ROUNDS, database
from service import Service


def add_requests(service, count):
    """Writes requests of 30 days, singly and counted, straight into the database of a stopped server."""
    connection = sqlite3.connect(database(service))
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


def run(program, target):
    service = Service(program, target).start()
    try:
        key = service.key(plan="custom")
        service.halt()
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
