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
# Connections below which nobody has listed suites.
FEWEST = 10


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


def many_suites(program, _target):
    """One server that takes thirty suites, which have to be asked for one by one."""
    with Serving("serve-suites") as serving:
        far = Far(serving, ROUND_TRIP)
        try:
            seen = [measure(program, far, ["--modules", "ssl_tls"]) for _ in range(SCANS)]
            times = sorted(took for took, *_ in seen)
            print(
                f"(m) at 50 ms, a server of 30 suites: p50 {statistics.median(times):.2f} s, "
                f"p95 {times[round(0.95 * (SCANS - 1))]:.2f} s, {seen[-1][1]} connections "
                "(aim: p95 below 4 s, at most 60 connections)"
            )
        finally:
            far.stop()


class Serving:
    """A lab of the engine's benchmark in a process of its own, with the environment of a scan of it."""

    def __init__(self, what):
        command = ["cargo", "bench", "--quiet", "--package", "scan", "--bench", "engine", "--", what]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        told = {"port": []}
        for line in self.process.stdout:
            key, value = line.split(maxsplit=1)
            if key == "ready":
                break
            told["port"].append(value.strip()) if key == "port" else told.update({key: value.strip()})
        self.environment = {
            "COMPLIANCELAYER_SCAN__RESOLVER": told["resolver"],
            "COMPLIANCELAYER_SCAN__PORT_OVERRIDES": ",".join(told["port"]),
            "COMPLIANCELAYER_SCAN__ALLOW_PRIVATE_NETWORKS": "true",
        }

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)


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
        "sslyze": ["sslyze", "--sni", "shop.test", place],
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
                ended = subprocess.run(command, capture_output=True, text=True, timeout=600)
            except subprocess.TimeoutExpired:
                print(f"(j) {name} was stopped after 600 s, with {far.connections} connections")
                continue
            took = time.perf_counter() - began
            # What it says on the server's own version of TLS shows that it got there: some end well
            # without, and some end badly for what they found.
            if "TLS 1.3" not in ended.stdout or far.connections < FEWEST:
                said = (ended.stderr or ended.stdout).strip().splitlines()[-1:]
                print(f"(j) {name} saw nothing: it ended with {ended.returncode} after {took:.2f} s: {said}")
                continue
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
