"""Which addresses may be connected to: public ones, and those that the user allows."""

import ipaddress
import socket
from collections.abc import Iterable
from typing import Optional, Union

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
_Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

# RFC 6052: IPv6 addresses that a translator turns into the IPv4 address in their last 32 bits.
_NAT64 = ipaddress.IPv6Network('64:ff9b::/96')


class BlockedAddress(Exception):
    """An address that may not be connected to; the message names it."""


def literal(host: str) -> Optional[Address]:
    """The address that ``host`` is written as, in any form that a system's resolver would take, or None.

    >>> literal('127.0.0.1'), literal('0x7f.1'), literal('2130706433'), literal('0177.0.0.1')
    (IPv4Address('127.0.0.1'), IPv4Address('127.0.0.1'), IPv4Address('127.0.0.1'), IPv4Address('127.0.0.1'))
    >>> literal('[2001:db8::1]'), literal('example.org')
    (IPv6Address('2001:db8::1'), None)
    """
    host = host.strip('[]').rstrip('.')
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    # inet_aton also takes decimal, octal, hexadecimal and shortened forms, as getaddrinfo does.
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def embedded(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for (mapped, 6to4, NAT64), else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Whether the address belongs to the public Internet and to one host.

    >>> [is_public(ipaddress.ip_address(a)) for a in ('1.1.1.1', '10.0.0.1', '::1', '224.0.0.1')]
    [True, False, False, False]
    """
    address = embedded(address)
    return address.is_global and not (
        address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or address.is_loopback
        or address.is_link_local
    )


class AddressRules:
    """Decides on addresses. ``allow_private`` are CIDRs (or addresses) that may be asked though not public.

    Raises ValueError for what is not a CIDR.
    """

    def __init__(self, allow_private: Iterable[str] = ()) -> None:
        self._allowed: tuple[_Network, ...] = tuple(ipaddress.ip_network(cidr) for cidr in allow_private)
        self._exempt: set[tuple[str, int]] = set()

    def exempt(self, address: str, port: int) -> None:
        """Lets this one address and port be connected to: the user's proxy, wherever it is."""
        self._exempt.add((address, port))

    def allows(self, address: Address) -> bool:
        """Whether pages may be asked of this address."""
        meant = embedded(address)
        return is_public(address) or any(meant in net or address in net for net in self._allowed)

    def check_host(self, host: str) -> None:
        """Raises BlockedAddress if the host of a URL is a literal of a forbidden address.

        Names say nothing before they are resolved, but for ``localhost``: behind a proxy, which resolves
        for us, this is all that can be checked.
        """
        address = literal(host)
        if address is None and (name := host.rstrip('.').lower()) and f'.{name}'.endswith('.localhost'):
            address = ipaddress.IPv4Address('127.0.0.1')
        if address is not None and not self.allows(address):
            raise BlockedAddress(f'{host} is not a public address')

    def check_connection(self, address: str, port: int) -> None:
        """Raises BlockedAddress if a socket may not be connected to this numeric address.

        This is the check that counts: it sees what the socket is about to be connected to, whichever
        name, redirect or resolver led there.
        """
        if (address, port) not in self._exempt and not self.allows(
            ipaddress.ip_address(address.split('%', 1)[0])
        ):
            raise BlockedAddress(f'{address} is not a public address')
