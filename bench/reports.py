"""The reports of a scan of the demo target, in every format, through the API."""

import statistics
import time
import urllib.request

from common import ROUNDS, lift_limits
from pages import scan_once
from service import Service

AIMS = {"json": 50, "pdf": 100}
FORMATS = "json", "html", "pdf", "csv", "sarif", "junit", "markdown"


def run(program, target):
    service = Service(program, target).start()
    try:
        key = service.key(plan="custom")
        lift_limits(service)
        scan = scan_once(service, key)
        for name in FORMATS:
            address = f"{service.url}/v1/scan/jobs/{scan}/report?format={name}"
            request = urllib.request.Request(address, headers={"Authorization": f"Bearer {key}"})
            times = []
            for _ in range(4 * ROUNDS):
                began = time.perf_counter()
                with urllib.request.urlopen(request, timeout=30) as answer:
                    octets = len(answer.read())
                times.append((time.perf_counter() - began) * 1000)
            aim = f" (aim {AIMS[name]})" if name in AIMS else ""
            print(
                f"(l) {name}: {min(times):.1f} .. {statistics.median(times):.1f} .. {max(times):.1f} ms{aim}, "
                f"{octets / 1024:.0f} KiB"
            )
    finally:
        service.stop()
