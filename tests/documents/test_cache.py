import os
from unittest import mock

import pytest

from csam.documents.cache import PieceCache

KEY, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def cache(tmp_path):
    return PieceCache(tmp_path / "pieces", most_bytes=10_000)


def only_file(cache):
    return next(path for path in cache.folder.rglob("*") if path.is_file())


def test_piece_is_kept_until_asked_for(cache):
    cache.put(KEY, b"piece")

    assert (cache.get(KEY), cache.get(OTHER)) == (b"piece", None)


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: data[:-1] + b"X", lambda data: b""])
def test_damaged_piece_is_as_good_as_none(cache, damage):
    cache.put(KEY, b"piece")
    path = only_file(cache)
    path.write_bytes(damage(path.read_bytes()))

    assert cache.get(KEY) is None
    assert not path.exists()


def test_full_disk_loses_nothing_but_time(cache):
    with mock.patch("pathlib.Path.write_bytes", side_effect=OSError(28, "No space left on device")):
        cache.put(KEY, b"piece")

    assert cache.get(KEY) is None
    assert [path for path in cache.folder.rglob("*") if path.is_file()] == []


def test_pieces_unused_for_longest_make_room(cache):
    for number, key in enumerate((KEY, OTHER)):
        cache.put(key, b"x" * 6000)
        os.utime(cache._path(key), (number, number))
    cache.get(KEY)  # was used just now

    cache.prune()

    assert (cache.get(KEY) is not None, cache.get(OTHER)) == (True, None)
