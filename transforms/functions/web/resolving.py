"""Resolves names, leaving only addresses that may be connected to."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from aiohttp.abc import AbstractResolver, ResolveResult

from transforms.functions.web.addresses import AddressRules, BlockedAddress

# host -> numeric addresses, in the order to try them; raises OSError (socket.gaierror) when there are none
Lookup = Callable[[str], Sequence[str]]

# A lookup that hangs holds its thread for the system's time limit (5-30 s); with asyncio's own pool of six
# threads on two cores, six such names would hold up every host of the run.
LOOKUP_THREADS = 32


def system_lookup(host: str) -> Sequence[str]:
    """The addresses that this machine's resolver gives for ``host``."""
    infos = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return list(dict.fromkeys(str(info[4][0]) for info in infos))


class GuardedResolver(AbstractResolver):
    """Answers aiohttp's lookups with allowed addresses; BlockedAddress if a name has no other.

    The addresses that passed are the ones that are connected to: there is no second lookup in between
    that could say something else. ``unguarded`` hosts are the user's proxies.
    """

    def __init__(self, lookup: Lookup, rules: AddressRules, unguarded: Iterable[str] = ()) -> None:
        self._lookup = lookup
        self._rules = rules
        self._unguarded = frozenset(unguarded)
        self._threads = ThreadPoolExecutor(LOOKUP_THREADS, thread_name_prefix='lookup')

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await asyncio.get_running_loop().run_in_executor(self._threads, self._lookup, host)
        results = []
        for address in found:
            if host in self._unguarded:
                self._rules.exempt(address, port)
            with contextlib.suppress(BlockedAddress):
                self._rules.check_connection(address, port)
                results.append(_result(host, address, port))
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, f'no address for {host}')
        if not results:
            raise BlockedAddress(f'{host} has no public address ({", ".join(found[:3])})')
        return results

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _result(host: str, address: str, port: int) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=address,
        port=port,
        family=socket.AF_INET6 if ':' in address else socket.AF_INET,
        proto=0,
        flags=socket.AI_NUMERICHOST,
    )
