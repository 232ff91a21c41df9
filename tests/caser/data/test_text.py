"""Bytes and words."""

import io

import pytest

from caser.data.text import with_progress


def test_a_stream_that_is_told_reads_the_same_and_stays_open():
    shares, stream = [], io.BytesIO(b"head\n" + bytes(range(256)) * 40)
    stream.readline()
    assert with_progress(stream, shares.append, block=1024).read() == bytes(range(256)) * 40
    assert shares == sorted(shares)
    assert len(shares) > 1
    assert 0 < shares[0] < shares[-1] <= 1
    assert not stream.closed


def test_who_asks_how_much_is_read_can_end_the_reading():
    def enough(share: float) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        with_progress(io.BytesIO(bytes(9000)), enough, block=1000).read()
