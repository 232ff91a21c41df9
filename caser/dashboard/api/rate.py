"""How often one client may ask where strangers do."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict

MOST_CLIENTS = 10_000  # remembered at once; of more, those that asked longest ago may begin anew
BURST = 20  # questions that may come at once


class Rate:
    """Lets every client ask `BURST` times at once, and then so often a minute (the generic cell rate algorithm).

    >>> rate = Rate()
    >>> {rate.wait("a", 60, now=0.0) for _ in range(BURST)}, rate.wait("a", 60, now=0.0), rate.wait("b", 60, now=0.0)
    ({0.0}, 1.0, 0.0)
    """

    def __init__(self):
        self._owed: OrderedDict[str, float] = OrderedDict()  # until when what a client has asked is paid off

    def wait(self, client: str, per_minute: float, now: float) -> float:
        """Seconds after which the client may ask, 0 if it may now, which then counts.

        Args:
            per_minute: above 0. now: seconds of a clock that never goes back.
        """
        interval = 60 / per_minute
        until = max(self._owed.get(client, now), now)
        over = until - now - (BURST - 1) * interval
        if over > 0:
            return over
        self._owed[client] = until + interval
        self._owed.move_to_end(client)
        if len(self._owed) > MOST_CLIENTS:
            self._owed.popitem(last=False)
        return 0.0


def client_of(address: str) -> str:
    """Who counts as one client: an address, of IPv6 the network that one household has.

    >>> client_of("192.0.2.7"), client_of("2001:db8:1:2:3:4:5:6"), client_of("")
    ('192.0.2.7', '2001:db8:1:2::', '')
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:  # a socket of the machine's own has none
        return address
    if ip.version == 4 or ip.ipv4_mapped:
        return address
    return str(ipaddress.IPv6Network((int(ip), 64), strict=False).network_address)
