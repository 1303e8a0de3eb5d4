"""Server time of every page, in an account with 100,000 scans of 500 domains and 1,000 keys."""

import http.client
import json
import re
import sqlite3
import statistics
import time
import urllib.parse

from common import ROUNDS, database, lift_limits
from keys import add_keys
from service import Service

DOMAINS = 500
SCANS = 100_000
COLUMNS = (
    "account_id, domain, status, source, requested_modules, month, queued_at, started_at, completed_at, progress, "
    "score, grade, critical_issues, high_issues, medium_issues, low_issues, info_issues, duration_ms"
)


def scan_once(service, key):
    """Scans the demo target and returns the id."""
    job = service.call(key, "/v1/scan", {"domain": "shop.test"})[1]["job_id"]
    while service.call(key, f"/v1/scan/jobs/{job}")[1]["status"] != "completed":
        time.sleep(0.05)
    return job


def add_scans(service, example):
    """Writes scans straight into the database of a stopped server; the newest two of a domain have reports."""
    connection = sqlite3.connect(database(service))
    body = connection.execute("SELECT body FROM reports WHERE scan_id = ?", (example,)).fetchone()[0]
    progress = connection.execute("SELECT progress FROM scans WHERE id = ?", (example,)).fetchone()[0]
    now = int(time.time() * 1000)

    def row(number):
        domain = f"d{number % DOMAINS}.example"
        at = now - (SCANS - number) * 60_000
        failed = number % 1_000 == 0
        score = None if failed else 50 + number * 7 % 50
        grade = None if failed else "A" if score >= 90 else "B" if score >= 75 else "C" if score >= 55 else "D"
        status = "failed" if failed else "completed"
        return (1, domain, status, "api", "[]", "2026-01", at, at, at, progress, score, grade, 0, 2, 5, 4, 3, 900)

    marks = ", ".join("?" * 18)
    connection.executemany(f"INSERT INTO scans ({COLUMNS}) VALUES ({marks})", (row(number) for number in range(SCANS)))
    newest = connection.execute("SELECT id, domain FROM scans ORDER BY id DESC LIMIT ?", (2 * DOMAINS,)).fetchall()
    reports = ((scan, json.dumps({**json.loads(body), "domain": domain})) for scan, domain in newest)
    connection.executemany("INSERT INTO reports (scan_id, body) VALUES (?, ?)", reports)
    connection.commit()
    connection.close()
    return newest[0]


def sign_in(service, user):
    """Returns a connection and the cookies of somebody signed in."""
    place = urllib.parse.urlsplit(service.url).netloc
    connection = http.client.HTTPConnection(place, timeout=30)
    connection.request("GET", "/login")
    answer = connection.getresponse()
    token = re.search(r'name="form_token" value="([^"]+)"', answer.read().decode())[1]
    cookies = set_cookies(answer)
    fields = {"form_token": token, "email": user["email"], "password": user["password"]}
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Sec-Fetch-Site": "same-origin",
        "Cookie": "; ".join(cookies),
    }
    connection.request("POST", "/login", urllib.parse.urlencode(fields), headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 303, answer.status
    return connection, {"Cookie": "; ".join(cookies + set_cookies(answer))}


def set_cookies(answer):
    """Returns the cookies that an answer sets, as a browser sends them back."""
    fields = [value for name, value in answer.getheaders() if name.lower() == "set-cookie"]
    return [field.split(";")[0] for field in fields]


def run(program, target):
    service = Service(program, target).start()
    try:
        user = service.admin("create-user", "--email", "ann@example.com", "--plan", "custom", "--role", "admin")
        key = service.admin("create-key", "--email", user["email"], "--name", "bench")["api_key"]
        example = scan_once(service, key)
        lift_limits(service)
        service.halt()
        newest, domain = add_scans(service, example)
        add_keys(service, 1_000)
        service.start()
        connection, headers = sign_in(service, user)
        paths = [
            "/overview",
            "/scans",
            "/scans?status=failed",
            "/scans?sort=score",
            f"/scans?sort=score&domain={domain}",
            f"/scans?domain={domain}",
            "/scans/new",
            f"/scans/{newest}",
            f"/scans/{newest}/diff",
            "/domains",
            "/domains?q=d49",
            "/domains?sort=score",
            f"/domains/{domain}",
            "/compare",
            "/compare?" + "&".join(f"domain=d{number}.example" for number in range(10)),
            "/compliance",
            "/alerts?show=all",
            "/alerts?show=all&sort=-severity",
            "/settings/api-keys",
            "/settings/api-keys?sort=-used&q=key",
            "/settings/api-keys?show=revoked",
            "/settings/api-keys/1",
            "/settings/api-keys/1?days=90",
            "/settings/api-keys/1/revoke",
            "/settings/api-keys/new",
            "/settings/api-keys/policy",
            "/settings/security",
            "/settings/usage",
            "/settings/usage?days=90",
            "/settings/audit-log",
            "/settings/alerts",
            "/settings/profile",
            "/settings/team",
            "/admin",
            "/admin/users",
            "/admin/users/1",
            "/admin/plans",
            "/docs",
        ]
        slow = []
        for path in paths:
            times = []
            for _ in range(4 * ROUNDS):
                began = time.perf_counter()
                connection.request("GET", path, headers=headers)
                answer = connection.getresponse()
                answer.read()
                times.append((time.perf_counter() - began) * 1000)
                assert answer.status == 200, f"{path}: {answer.status}"
            middle = statistics.median(times)
            if middle > 50:
                slow.append(path)
            print(f"(h) {path[:60]}: {min(times):.1f} .. {middle:.1f} .. {max(times):.1f} ms (aim 50)")
        print(f"(h) {len(paths) - len(slow)} of {len(paths)} pages within 50 ms; not: {' '.join(slow) or 'none'}")
    finally:
        service.stop()
