"""The benchmarks' generated news site, served by a thread of the test's process."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator

from benchmarks.site import Site


@contextlib.contextmanager
def served_site(hosts: int, articles: int) -> Iterator[Site]:
    """A site of so many newspapers on 127.0.0.1, while the context is open."""
    made = Site(hosts=hosts, articles=articles, one_address=True)
    loop = asyncio.new_event_loop()
    stop, ready = asyncio.Event(), threading.Event()

    async def serve() -> None:
        async with made.serving():
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(30)
        yield made
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
        made.close()
