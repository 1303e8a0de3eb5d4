"""Puts the demo target at a distance: a relay for each of its ports that lets a round trip pass.

A connection is there after one round trip, whatever is sent travels half of one, and a datagram is
answered a whole one later. Counts connections, datagrams and bytes, so that it can be told what
anybody's scan costs the target.
"""

import asyncio
import contextlib
import threading


class Far:
    """The target as seen from far away. `environment` is that of a scan of it."""

    def __init__(self, target, round_trip):
        self.round_trip = round_trip
        self.forget()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.environment = dict(target.environment)
        overrides = dict(pair.split("=") for pair in target.environment["COMPLIANCELAYER_SCAN__PORT_OVERRIDES"].split(","))
        self.places = {port: self.relay(place) for port, place in overrides.items()}
        self.environment["COMPLIANCELAYER_SCAN__PORT_OVERRIDES"] = ",".join(f"{port}={place}" for port, place in self.places.items())
        resolver = target.environment["COMPLIANCELAYER_SCAN__RESOLVER"]
        self.environment["COMPLIANCELAYER_SCAN__RESOLVER"] = self.relay(resolver)

    def forget(self):
        self.connections = self.datagrams = self.sent = self.received = 0

    def stop(self):
        asyncio.run_coroutine_threadsafe(self.cancel(), self.loop).result(5)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)

    async def cancel(self):
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def relay(self, place):
        host, port = place.rsplit(":", 1)
        return asyncio.run_coroutine_threadsafe(self.listen((host, int(port))), self.loop).result(5)

    async def listen(self, place):
        """Listens at one port for connections and datagrams, and returns where."""
        server = await asyncio.start_server(lambda reader, writer: self.connected(place, reader, writer), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        await self.loop.create_datagram_endpoint(lambda: Datagrams(self, place), local_addr=("127.0.0.1", port))
        return f"127.0.0.1:{port}"

    async def connected(self, place, reader, writer):
        self.connections += 1
        there = self.loop.time() + self.round_trip
        try:
            # The server learns of the connection when the last part of the handshake is there.
            await asyncio.sleep(self.round_trip * 1.5)
            far_reader, far_writer = await asyncio.open_connection(*place)
        except OSError:
            writer.close()
            return
        there_and_back = (
            self.carry(reader, far_writer, there, "sent"),
            self.carry(far_reader, writer, there, "received"),
        )
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*there_and_back, return_exceptions=True)

    async def carry(self, reader, writer, there, counter):
        """Carries bytes one way, each half a round trip after it came."""
        line = asyncio.Queue()

        async def deliver():
            while True:
                due, part = await line.get()
                await asyncio.sleep(max(0, due - self.loop.time()))
                if not part:
                    writer.close()
                    return
                writer.write(part)
                await writer.drain()

        delivering = asyncio.ensure_future(deliver())
        try:
            while True:
                try:
                    part = await reader.read(65_536)
                except ConnectionError:
                    part = b""
                setattr(self, counter, getattr(self, counter) + len(part))
                line.put_nowait((max(self.loop.time(), there) + self.round_trip / 2, part))
                if not part:
                    await delivering
                    return
        finally:
            delivering.cancel()


class Datagrams(asyncio.DatagramProtocol):
    """Answers each datagram by way of a socket of its own."""

    def __init__(self, far, place):
        self.far, self.place = far, place

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, client):
        self.far.datagrams += 1
        asyncio.ensure_future(self.ask(data, client))

    async def ask(self, data, client):
        await asyncio.sleep(self.far.round_trip)
        answered = asyncio.get_running_loop().create_future()
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: Answer(answered), remote_addr=self.place)
        try:
            transport.sendto(data)
            answer = await asyncio.wait_for(answered, 5)
            self.far.sent += len(data)
            self.far.received += len(answer)
            self.transport.sendto(answer, client)
        except (asyncio.TimeoutError, OSError):
            pass
        finally:
            transport.close()


class Answer(asyncio.DatagramProtocol):
    def __init__(self, answered):
        self.answered = answered

    def datagram_received(self, data, _):
        if not self.answered.done():
            self.answered.set_result(data)

    def error_received(self, error):
        if not self.answered.done():
            self.answered.set_exception(error)
