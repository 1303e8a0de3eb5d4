"""Fifty scans running, kill -9, restart: each ends once and is charged once, on both databases."""

import os
import sys
import time

from service import Service, Target

SCANS = 50


def crash(program, target, name, settings):
    service = Service(program, target, {"COMPLIANCELAYER_SCAN__CONCURRENCY": str(SCANS), **settings}).start()
    try:
        key = service.key(email=f"{name}@example.com", plan="enterprise")
        for _ in range(SCANS):
            assert service.call(key, "/v1/scan", {"domain": "shop.test"})[0] == 200

        def statuses():
            # One request for all: the plan limits how often a key may ask.
            return [row["status"] for row in service.call(key, f"/v1/scan/history?limit={SCANS}")[1]["scans"]]

        began = time.monotonic()
        while statuses().count("running") < SCANS:
            assert time.monotonic() - began < 20, statuses()
            time.sleep(0.1)
        service.kill()
        service.start()
        began = time.monotonic()
        while set(statuses()) != {"completed"}:
            assert time.monotonic() - began < 90, statuses()
            time.sleep(0.2)
        took = time.monotonic() - began
        status, me = service.call(key, "/v1/auth/me")
        assert (status, me["scans_this_month"]) == (200, SCANS), me
        print(f"{name}: {SCANS} running, killed, {SCANS} completed after {took:.1f} s, {SCANS} charged")
    finally:
        service.stop()


def main(program):
    target = Target(program, delay_ms=1500)
    try:
        crash(program, target, "sqlite", {})
        postgres = os.environ["COMPLIANCELAYER_TEST_POSTGRES"]
        crash(program, target, "postgres", {"COMPLIANCELAYER_DATABASE__URL": postgres})
    finally:
        target.stop()
    print("2 passed, 0 failed")


main(sys.argv[1])
