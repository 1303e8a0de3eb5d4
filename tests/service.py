"""Starts the built program for tests: the demo target, and servers that take it for the internet."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request


class Target:
    """The demo target in a process of its own."""

    def __init__(self, program, delay_ms=0):
        self.process = subprocess.Popen(
            [program, "demo", "--target-only", "--delay", str(delay_ms)],
            stdout=subprocess.PIPE,
            text=True,
        )
        lines = list(iter(lambda: self.process.stdout.readline().strip(), ""))
        self.environment = dict(line.split("=", 1) for line in lines)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


class Service:
    """A server with a data folder of its own."""

    def __init__(self, program, target, settings=None):
        self.program = program
        self.folder = tempfile.TemporaryDirectory(prefix="compliancelayer-test-")
        self.environment = {**os.environ, **target.environment, **(settings or {})}
        self.environment["COMPLIANCELAYER_DATA_DIR"] = f"{self.folder.name}/data"
        self.environment["COMPLIANCELAYER_LOG__LEVEL"] = "warn"
        self.process = None

    def start(self):
        ready = pathlib.Path(self.folder.name) / "ready"
        ready.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [self.program, "serve", "--listen", "127.0.0.1:0", "--ready-file", str(ready)],
            env=self.environment,
            stderr=subprocess.DEVNULL,
        )
        began = time.monotonic()
        while not ready.exists():
            assert self.process.poll() is None, "the server ended at its start"
            assert time.monotonic() - began < 30, "the server does not get ready"
            time.sleep(0.005)
        self.url = ready.read_text()
        return self

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def halt(self):
        """Shuts down and keeps the data, for another start."""
        self.process.terminate()
        assert self.process.wait(40) == 0, "the server did not end well"

    def stop(self):
        if self.process and self.process.poll() is None:
            self.halt()
        self.folder.cleanup()

    def admin(self, *arguments):
        printed = subprocess.run(
            [self.program, "admin", *arguments, "--json"],
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        return json.loads(printed)

    def key(self, email="ann@example.com", plan="professional", scopes=None):
        """Makes a user and returns a key of theirs."""
        self.admin("create-user", "--email", email, "--plan", plan)
        more = ["--scopes", scopes] if scopes else []
        return self.admin("create-key", "--email", email, "--name", "test", *more)["api_key"]

    def call(self, key, path, body=None):
        """Returns status and JSON of one request."""
        request = urllib.request.Request(
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)
