"""How often a client may ask, and how many clients are remembered."""

from __future__ import annotations

from caser.dashboard.api import rate
from caser.dashboard.api.kept import Kept
from caser.dashboard.api.rate import BURST, Rate, client_of


def test_a_client_gets_its_rate_over_time():
    limit, now, allowed = Rate(), 0.0, 0
    for _ in range(6000):  # ten a second for ten minutes
        allowed += limit.wait("a", 60, now) == 0
        now += 0.1
    assert allowed == BURST + 10 * 60 - 1


def test_waiting_as_long_as_is_said_is_enough():
    limit = Rate()
    while not (wait := limit.wait("a", 90, 5.0)):
        pass
    assert limit.wait("a", 90, 5.0 + wait - 1e-3) > 0
    assert limit.wait("a", 90, 5.0 + wait) == 0


def test_clients_without_end_take_no_memory_without_end(monkeypatch):
    monkeypatch.setattr(rate, "MOST_CLIENTS", 3)
    limit = Rate()
    for number in range(100):
        limit.wait(str(number), 60, 0.0)
    assert len(limit._owed) == 3


def test_one_household_is_one_client():
    assert client_of("2001:db8:1:2::1") == client_of("2001:db8:1:2:ffff::9") != client_of("2001:db8:1:3::1")
    assert client_of("::ffff:192.0.2.1") != client_of("::ffff:192.0.2.2")
    assert client_of("192.0.2.1") != client_of("192.0.2.2")


def test_an_answer_larger_than_all_that_is_kept_is_not_kept():
    kept = Kept(3)
    kept.put("a", b"12"), kept.put("b", b"12345")
    assert (kept.get("a"), kept.get("b")) == (None, None)
    kept.put("c", b"1"), kept.put("c", b"123")
    assert kept.get("c") == b"123"
