"""HTTP to public addresses only, safe against server-side request forgery.

A name is resolved once, every address it has must be public, and the connection goes to the address that was
checked (with the name kept for `Host` and TLS), so that a name that answers differently the second time gains
nothing. Redirects come through here again, one request each.
"""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import socket
import ssl
from typing import TypeAlias

import httpx

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

# Networks that Python's `is_global` counts as public, or does not cover fully (RFC 6890 and its successors; IANA's
# special-purpose registries, 2026).
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # shared address space of providers
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # the old 6to4 relays
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast and reserved
        "::/96",  # IPv4-compatible, the loopback and the unspecified address
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b:1::/48",  # local-use NAT64: an operator's own network
        "100::/32",  # discard-only, dummy prefix
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID, AMT
        "2001:db8::/32",
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",  # site-local
        "ff00::/8",
    )
)
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_DEFAULT_PORTS = {"http": 80, "https": 443}
PUBLIC_PORTS = frozenset(_DEFAULT_PORTS.values())
_TRIED_ADDRESSES = 3


class Refused(Exception):
    """This address must not be fetched. The text gives the reason and names only the host of the URL."""


class UnknownHost(Exception):
    """No address is known for the host. `temporary` when the name server itself did not answer."""

    def __init__(self, host: str, *, temporary: bool) -> None:
        super().__init__(host)
        self.temporary = temporary


def is_public(address: Address) -> bool:
    """Whether the address, or the IPv4 address that it wraps (mapped, 6to4, NAT64), is a public unicast one. Of IPv6
    only what is handed out for the public internet, 2000::/3, can be."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(inner)
        if address not in _GLOBAL_UNICAST:
            return False
    special = any(address in network for network in _NOT_PUBLIC if network.version == address.version)
    return address.is_global and not special


async def resolve(host: str, port: int) -> list[Address]:
    """All addresses of a host, in the system's order. `UnknownHost` when there is none."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise UnknownHost(host, temporary=error.errno != socket.EAI_NONAME) from error
    except (UnicodeError, OSError) as error:
        raise UnknownHost(host, temporary=False) from error
    # A scope (`fe80::1%eth0`) only occurs on link-local addresses, which are not public in any case.
    return list(dict.fromkeys(ipaddress.ip_address(str(sockaddr[0]).split("%")[0]) for *_, sockaddr in found))


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The certificates of httpx, loaded once: they take 50 ms of processor time, and each document has a transport."""
    return httpx.create_ssl_context(trust_env=False)


class PinnedTransport(httpx.AsyncBaseTransport):
    """An httpx transport that connects only to checked addresses. `allow_private` is for tests and intranets."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._inner = httpx.AsyncHTTPTransport(verify=_trusted(), retries=0, trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises `Refused` and `UnknownHost` besides httpx's own errors."""
        url = request.url
        addresses = await self._checked(url)
        trouble: httpx.ConnectError | None = None
        for address in addresses[:_TRIED_ADDRESSES]:
            pinned = httpx.Request(
                request.method,
                url.copy_with(host=str(address)),
                headers=request.headers,  # holds `Host` with the name already
                extensions={**request.extensions, "sni_hostname": url.raw_host.decode("ascii")},
            )
            try:
                return await self._inner.handle_async_request(pinned)
            except httpx.ConnectError as error:
                trouble = error
        raise trouble or httpx.ConnectError("no address", request=request)

    async def _checked(self, url: httpx.URL) -> list[Address]:
        if url.scheme not in _DEFAULT_PORTS:
            raise Refused("only http and https addresses are read")
        if url.userinfo:
            raise Refused("an address with a user name or password in it is not read")
        if not url.host:
            raise Refused("there is no host in the address")
        if "%" in url.host:
            raise Refused("an address with a zone or an escaped host name is not read")
        port = _DEFAULT_PORTS[url.scheme] if url.port is None else url.port
        if not self._allow_private and port not in PUBLIC_PORTS:
            raise Refused(f"{url.host}: port {port} is not a public web port")
        addresses = await resolve(url.raw_host.decode("ascii"), port)
        if not self._allow_private and not all(is_public(address) for address in addresses):
            raise Refused(f"{url.host} is a private or local address")
        return addresses

    async def aclose(self) -> None:
        await self._inner.aclose()
