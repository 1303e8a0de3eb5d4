"""Signing in: what its time tells of an address, and what a flood of it does to others."""

import json
import re
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from common import ROUNDS, SECONDS, lift_limits, memory_mib
from keys import wrk
from service import Service

# Wrong passwords for addresses that nobody has, each from a network of its own.
FLOOD = """
local calls = 0
request = function()
  calls = calls + 1
  local ip = string.format("10.%d.%d.%d", math.floor(calls / 65536) % 256, math.floor(calls / 256) % 256, calls % 256)
  local body = string.format('{"email":"nobody%d@example.com","password":"gurgling walnut ferry tax"}', calls)
  return wrk.format("POST", "/v1/auth/login", {["Content-Type"] = "application/json", ["X-Forwarded-For"] = ip}, body)
end
local threads = {}
function setup(thread) table.insert(threads, thread) end
wrong = 0
response = function(status) if status == 401 then wrong = wrong + 1 end end
function done() local sum = 0; for _, thread in ipairs(threads) do sum = sum + thread:get("wrong") end; print("wrong: " .. sum) end
"""


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


def flood(program, target):
    """Others' latencies, quiet and while 64 connections do nothing but sign in, by turns."""
    service = Service(program, target, {"COMPLIANCELAYER_SERVER__TRUSTED_PROXIES": "127.0.0.1/32"}).start()
    try:
        key = service.key(plan="custom")
        lift_limits(service)
        quiet, flooded, hashes = [], [], []
        for _ in range(ROUNDS):
            quiet.append(wrk(f"{service.url}/v1/auth/me", key, 8, 20)[2])
            with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
                script.write(FLOOD)
                script.flush()
                command = ["wrk", "-t1", "-c64", f"-d{SECONDS + 1}s", "-s", script.name, service.url]
                flooding = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
                time.sleep(0.5)
                flooded.append(wrk(f"{service.url}/v1/auth/me", key, 8, 20)[2])
                printed = flooding.communicate()[0]
            hashes.append(int(re.search(r"wrong: (\d+)", printed)[1]) / (SECONDS + 1))
        ratios = sorted(one / other for one, other in zip(flooded, quiet))
        print(
            f"(g) a flood of sign-ins: {statistics.median(hashes):.0f} hashes a second, peak memory "
            f"{memory_mib(service, 'VmHWM'):.0f} MiB; p99 of others {statistics.median(quiet):.2f} ms quiet, "
            f"{statistics.median(flooded):.2f} ms meanwhile, ratio {ratios[0]:.1f} .. "
            f"{statistics.median(ratios):.1f} .. {ratios[-1]:.1f} (aim below 2)"
        )
    finally:
        service.stop()
