"""How long a start takes, and how much an idle server needs."""

import pathlib
import statistics
import time

from common import ROUNDS, memory_mib
from service import Service


def run(program, target):
    times = []
    service = Service(program, target)
    service.start()
    service.halt()
    for _ in range(ROUNDS):
        began = time.perf_counter()
        service.start()
        times.append(time.perf_counter() - began)
        service.halt()
    service.start()
    time.sleep(1)
    print(
        f"(d) start to the first answer {min(times) * 1000:.0f} .. {statistics.median(times) * 1000:.0f} ms (aim 100), "
        f"idle memory {memory_mib(service, 'VmRSS'):.0f} MiB (aim 40), "
        f"binary {pathlib.Path(program).stat().st_size / 2**20:.1f} MiB"
    )
    service.stop()
