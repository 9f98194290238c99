"""The devices that may deliver: by application entity title, and by address where one is given."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

_ANY = "*"
_TITLE_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Peer:
    """A device: its title (`*` for any), the network it calls from, and the port on which it takes reports."""

    title: str
    network: ipaddress.IPv4Network | ipaddress.IPv6Network | None = None
    port: int | None = None

    def is_at(self, address: str) -> bool:
        """Tell whether the device may call from an address."""
        return self.network is None or _plain(address) in self.network

    def has_title(self, title: str) -> bool:
        """Tell whether the device may call itself so."""
        return self.title in (_ANY, title)

    @property
    def address(self) -> str:
        """The address at which the device takes reports; raises ValueError for a whole network."""
        if self.network is None or self.network.num_addresses != 1:
            raise ValueError("a peer with a port needs one address")
        return str(self.network.network_address)

    def __str__(self) -> str:
        network = "" if self.network is None else f"@{self.network}"
        return self.title + network + (f":{self.port}" if self.port else "")


def peer(text: str) -> Peer:
    """Read TITLE, TITLE@ADDRESS or TITLE@ADDRESS:PORT; ADDRESS may be a network (10.1.2.0/24), IPv6 stands in brackets.

    Raises ValueError that says what is wrong.
    """
    title, _, place = text.strip().partition("@")
    if not title or len(title) > _TITLE_LENGTH or "\\" in title:
        raise ValueError(f'"{text}" has no application entity title of 1 to {_TITLE_LENGTH} characters before "@"')
    if not place:
        return Peer(title)
    address, port = _split(place)
    try:
        made = Peer(title, ipaddress.ip_network(address), port)
        if port is not None:
            _ = made.address
    except ValueError as error:
        raise ValueError(f'"{text}" is no peer: {error}; write TITLE@ADDRESS or TITLE@ADDRESS:PORT') from error
    return made


def allowed(peers: Sequence[Peer], title: str, address: str) -> bool:
    """Tell whether a device may deliver. Without a list of peers, those of this machine may."""
    if not peers:
        return callers_address(peers, address)
    return any(one.has_title(title) and one.is_at(address) for one in peers)


def callers_address(peers: Sequence[Peer], address: str) -> bool:
    """Tell whether some device may call from an address, whatever it calls itself."""
    return any(one.is_at(address) for one in peers) if peers else _plain(address).is_loopback


def _split(place: str) -> tuple[str, int | None]:
    if place.startswith("["):
        address, _, rest = place[1:].partition("]")
        port = rest.removeprefix(":")
    elif place.count(":") == 1:
        address, port = place.split(":")
    else:
        address, port = place, ""
    if port and not (port.isdecimal() and 0 < int(port) < 65536):
        raise ValueError(f'"{place}" has no port between 1 and 65535 after its address')
    return address, int(port) if port else None


def _plain(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return an address; an IPv4 one that came in through an IPv6 socket as IPv4."""
    found = ipaddress.ip_address(address.partition("%")[0])
    return (found.ipv4_mapped or found) if isinstance(found, ipaddress.IPv6Address) else found
