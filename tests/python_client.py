"""The published client `compliancelayer` 0.1.1, given only an address and a key."""

import sys

from compliancelayer import ComplianceLayer
from compliancelayer.exceptions import (
    APIError,
    AuthenticationError,
    ForbiddenError,
    NotFoundError,
    ValidationError,
)

from service import Service, Target


def raises(kind, act):
    try:
        act()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


def main(program):
    target = Target(program)
    service = Service(program, target).start()
    try:
        client = ComplianceLayer(api_key=service.key(), base_url=service.url)

        report = client.scan("shop.test", poll_interval=0.05)
        assert report.domain == "shop.test" and 0 < report.score < 90 and report.grade in "BC", report
        assert report.total_issues == len(report.issues) > 5
        assert report.modules["dns_email"].grade and report.recommendations

        job = client.scan_async("https://shop.test/")
        while not job.is_complete:
            job.refresh()
        assert job.status == "completed" and job.result["score"] == report.score, job
        assert client.get_scan_report(job.job_id).score == report.score

        jobs = client.scan_batch(["shop.test", "www.shop.test"])
        assert [job.domain for job in jobs] == ["shop.test", "www.shop.test"]

        history = client.scan_history(limit=10)
        assert len(history) == 4 and history[-1].domain == "shop.test", history

        usage = client.usage()
        assert (usage.plan, usage.scans_used, usage.scans_limit) == ("professional", 4, 1000), usage
        assert usage.email == "ann@example.com" and usage.scans_remaining == 996

        free = client.free_scan("shop.test")
        assert free.score == report.score and len(free.top_issues) == 3, free
        assert free.total_issues == report.total_issues and free.modules["dns_email"].grade

        wrong = ComplianceLayer(api_key="cl_wrong", base_url=service.url)
        assert raises(AuthenticationError, wrong.usage).status_code == 401
        assert raises(NotFoundError, lambda: client.get_scan_report(999_999)).status_code == 404
        raises(ValidationError, lambda: client.scan_async("localhost"))

        poor = ComplianceLayer(api_key=service.key("bob@example.com", "free"), base_url=service.url)
        for _ in range(10):
            poor.scan_async("shop.test")
        # The client calls every quota error by the name of the status, which is 403 here.
        assert raises(ForbiddenError, lambda: poor.scan_async("shop.test")).status_code == 403
        narrow = ComplianceLayer(
            api_key=service.key("eve@example.com", scopes="scans:read"), base_url=service.url
        )
        raises(ForbiddenError, lambda: narrow.scan_async("shop.test"))
        assert issubclass(ForbiddenError, APIError)
    finally:
        service.stop()
        target.stop()
    print("the published Python client: 1 passed, 0 failed")


main(sys.argv[1])
