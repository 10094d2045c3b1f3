"""A proxy on the loopback that passes everything on and counts the bytes towards the reader."""

import asyncio
import threading


class Counting:
    """`port` leads to the server; `count` is how many bytes came back so far."""

    def __init__(self, server_port: int) -> None:
        self.server_port, self.port, self.count = server_port, 0, 0
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._run, daemon=True).start()
        self._ready.wait()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._pass, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.server_port)
        await asyncio.gather(
            self._pump(reader, back, counted=False), self._pump(there, writer, counted=True)
        )

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, counted: bool
    ) -> None:
        try:
            while chunk := await source.read(65536):
                self.count += len(chunk) if counted else 0
                sink.write(chunk)
                await sink.drain()
        except ConnectionError:
            pass  # a reader who left
        finally:
            sink.close()
