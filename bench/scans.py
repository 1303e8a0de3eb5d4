"""Scans of the demo target: one as a process of its own, a thousand through the API."""

import json
import os
import statistics
import subprocess
import time

from common import ROUNDS, lift_limits, memory_mib
from service import Service


def one(program, target):
    times, connections = [], 0
    for _ in range(ROUNDS):
        environment = {**os.environ, **target.environment}
        command = [program, "scan", "shop.test", "--json", "--quiet"]
        began = time.perf_counter()
        printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
        times.append(time.perf_counter() - began)
        connections = json.loads(printed)["scope"]["connections"]
    print(f"(b) one scan, the whole process: {min(times):.3f} .. {statistics.median(times):.3f} .. {max(times):.3f} s, {connections} connections")


def many(program, target):
    service = Service(program, target, {"COMPLIANCELAYER_SCAN__CONCURRENCY": "16"}).start()
    try:
        key = service.key(plan="custom")
        lift_limits(service)
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
