"""Fetching leaves either the whole folder or nothing, and says what to do."""

import contextlib
import hashlib
import http.server
import io
import random
import socket
import threading
import zipfile

import pytest

from caser.data.archive import DataError, data_dir, fetch_archive, holder

FILES = ("ratings.csv", "movies.csv")


def archive(members=None, method=zipfile.ZIP_DEFLATED):
    members = members or {f"tiny/{name}": f"content of {name}\n" for name in (*FILES, "README.txt", "tags.csv")}
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as file:
        for name, text in members.items():
            file.writestr(name, text)
    return data.getvalue()


class Server:
    """Serves `body`, announcing `length` bytes; notes the requests it gets."""

    def __init__(self):
        self.body, self.length, self.status, self.requests = archive(), None, 200, 0
        self.location, self.drip, self.endless, self.over = "", 0.0, False, threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.requests += 1
                self.send_response(outer.status)
                if outer.location:
                    self.send_header("Location", outer.location)
                length = len(outer.body) if outer.length is None else outer.length
                if length >= 0:
                    self.send_header("Content-Length", str(length))
                self.end_headers()
                self.send_body()

            def send_body(self):
                with contextlib.suppress(OSError):  # the reader has had enough
                    while outer.endless and not outer.over.is_set():
                        self.wfile.write(bytes(10_000))
                    for at in range(len(outer.body) if outer.drip else 0):
                        self.wfile.write(outer.body[at : at + 1])
                        if outer.over.wait(outer.drip):
                            return
                    self.wfile.write(outer.body)

            def log_message(self, *args):
                pass

        self.httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.httpd.server_port}/tiny.zip"

    @property
    def md5(self):
        return hashlib.md5(self.body).hexdigest()


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = Server()
    thread = threading.Thread(target=server.httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.over.set()
    server.httpd.shutdown()
    thread.join()
    server.httpd.server_close()


def fetch(server, folder, md5=None, **options):
    return fetch_archive(server.url, md5, FILES, folder / "tiny", **{"timeout": 5} | options)


def assert_refused(server, folder, match, md5=None, **options):
    with pytest.raises(DataError, match=match):
        fetch(server, folder, md5, **options)
    assert list(folder.iterdir()) == []


def test_fetch_unpacks_what_is_needed_and_the_readme(server, tmp_path):
    seen = []
    target = fetch(server, tmp_path / "new", server.md5, progress=lambda done, total: seen.append((done, total)))
    assert sorted(p.name for p in target.iterdir()) == ["README.txt", "movies.csv", "ratings.csv"]
    assert (target / "movies.csv").read_text() == "content of movies.csv\n"
    assert seen[-1] == (len(server.body), len(server.body))
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["tiny"]


def test_total_is_none_where_the_server_does_not_say(server, tmp_path):
    server.length, seen = -1, []
    fetch(server, tmp_path, progress=lambda done, total: seen.append(total))
    assert set(seen) == {None}


def test_unreachable(server, tmp_path):
    server.status = 503
    assert_refused(server, tmp_path, r"could not download http.*503.*connect to the network or put the unpacked arch")
    with pytest.raises(DataError, match=r"could not download http://127.0.0.1:1/x.*tiny"):
        fetch_archive("http://127.0.0.1:1/x.zip", None, FILES, tmp_path / "tiny", timeout=5)
    assert list(tmp_path.iterdir()) == []


def test_connection_cut(server, tmp_path):
    server.length = len(server.body) + 7
    assert_refused(server, tmp_path, r"could not download .*7 bytes early")


def test_wrong_checksum(server, tmp_path):
    assert_refused(server, tmp_path, rf"has md5 {server.md5}, expected {'0' * 32}; .* try again", md5="0" * 32)


@pytest.mark.parametrize("cut", [0, 10, 0.5, -1])
def test_truncated_archive(server, tmp_path, cut):
    server.body = server.body[: int(len(server.body) * cut) if isinstance(cut, float) else cut]
    assert_refused(server, tmp_path, "not an intact zip archive")


def test_flipped_bits(server, tmp_path):
    at = server.body.index(b"ratings.csv") + 14
    server.body = server.body[:at] + bytes([server.body[at] ^ 0xFF]) + server.body[at + 1 :]
    assert_refused(server, tmp_path, "not an intact zip archive")


def test_a_drip_is_given_up_on(server, tmp_path):
    server.drip = 0.05
    assert_refused(server, tmp_path, r"bytes came within 0.3 s", timeout=0.3)


def test_a_header_that_drips_is_given_up_on(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/x.zip"

        def drip():
            connection, _ = silent.accept()
            with connection, contextlib.suppress(OSError):
                for byte in b"HTTP/1.1 200 OK\r\nContent-Type: text":
                    connection.sendall(bytes([byte]))
                    given_up.wait(0.05)

        given_up = threading.Event()
        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(DataError, match=r"no answer within 0.3 s"):
            fetch_archive(url, None, FILES, tmp_path / "tiny", timeout=0.3)
        given_up.set()
        thread.join()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("length", [-1, 10**12])
def test_an_endless_body_is_bounded(server, tmp_path, length):
    server.endless, server.length = True, length
    assert_refused(server, tmp_path, r"more than the 1,000,000 bytes that are expected", largest=1_000_000)


def test_a_zip_bomb_is_bounded(server, tmp_path):
    server.body = archive({f"tiny/{name}": "0" * 3_000_000 for name in FILES})
    assert_refused(server, tmp_path, r"would unpack to 6,000,000 bytes, more than the 2,000,000", largest=100_000)


def test_a_zip_bomb_that_says_it_is_small_is_bounded_too(server, tmp_path):
    packed = archive({"tiny/ratings.csv": "0" * 3_000_000, "tiny/movies.csv": "x"})
    server.body = packed.replace((3_000_000).to_bytes(4, "little"), (3).to_bytes(4, "little"))
    assert server.body != packed
    assert_refused(server, tmp_path, "not an intact zip archive", largest=100_000)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("damaged", [False, True])
def test_other_compressions_are_refused_damaged_or_not(server, tmp_path, method, damaged):
    body = bytearray(archive(method=method))
    if damaged:
        body[60:80] = bytes(20)
    server.body = bytes(body)
    assert_refused(server, tmp_path, "not an intact zip archive")


@pytest.mark.parametrize("location", ["http://localhost:1/tiny.zip", "https://example.test/tiny.zip", "file:///etc"])
def test_a_redirection_to_another_host_is_refused(server, tmp_path, location):
    server.status, server.location = 302, location
    assert_refused(server, tmp_path, "could not download")
    assert server.requests == 1


def test_a_flood_of_damage_gives_our_own_error_or_the_files(server, tmp_path):
    rng, good = random.Random(0), archive()
    for number in range(100):
        body = bytearray(good)
        for _ in range(rng.randint(1, 4)):
            body[rng.randrange(len(body))] = rng.randrange(256)
        server.body = bytes(body)
        with contextlib.suppress(DataError):
            fetch(server, tmp_path / str(number))


@pytest.mark.parametrize("member", ["../evil.txt", "tiny/../../evil.txt", "/etc/evil", "..\\evil.txt", "c:\\evil.txt"])
def test_member_outside_of_the_archive(server, tmp_path, member):
    server.body = archive({"tiny/ratings.csv": "x", "tiny/movies.csv": "x", member: "x"})
    assert_refused(server, tmp_path, "points outside")


def test_missing_member(server, tmp_path):
    server.body = archive({"tiny/ratings.csv": "x"})
    assert_refused(server, tmp_path, r"is incomplete: .*tiny/movies.csv")


def test_interrupted(server, tmp_path):
    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(server, tmp_path, progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_folder_that_cannot_be_written_to(server, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match=r"cannot write to .*file \(.*\); set CASER_DATA_DIR to a folder you can"):
        fetch(server, tmp_path / "file")
    assert server.requests == 0
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_another_process_was_first(server, tmp_path):
    def theirs(done, total):
        (tmp_path / "tiny").mkdir(exist_ok=True)
        for file in FILES:
            (tmp_path / "tiny" / file).write_text("theirs")

    assert (fetch(server, tmp_path, progress=theirs) / "movies.csv").read_text() == "theirs"
    assert [p.name for p in tmp_path.iterdir()] == ["tiny"]


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (
            ["README"],
            "tiny holds README, but not ratings.csv, movies.csv; put what is missing there, or move the f",
        ),
        ([".DS_Store", "movies.csv"], r"tiny holds \.DS_Store, movies\.csv, but not ratings\.csv; put what is missing"),
        (list("abcdefg"), "tiny holds a, b, c, d, e and 2 more, but not"),
    ],
)
def test_what_is_in_the_way_is_said_before_anything_is_fetched(server, tmp_path, there, said):
    (tmp_path / "tiny").mkdir()
    for file in there:
        (tmp_path / "tiny" / file).write_text("mine")
    with pytest.raises(DataError, match=rf"nothing was fetched: .*{said}.* and try again"):
        fetch(server, tmp_path)
    assert server.requests == 0
    assert sorted(path.name for path in (tmp_path / "tiny").iterdir()) == sorted(there)
    assert all((tmp_path / "tiny" / file).read_text() == "mine" for file in there)


def test_a_file_in_the_way_is_said_before_anything_is_fetched(server, tmp_path):
    (tmp_path / "tiny").write_text("mine")
    with pytest.raises(DataError, match=r"nothing was fetched: .*tiny is not a folder; move it away and try again"):
        fetch(server, tmp_path)
    assert server.requests == 0


def test_the_remedy_for_what_is_in_the_way_works(server, tmp_path):
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "README").write_text("mine")
    (tmp_path / "tiny").rename(tmp_path / "away")
    assert (fetch(server, tmp_path) / "movies.csv").is_file()


def test_an_empty_folder_is_not_in_the_way(server, tmp_path):
    (tmp_path / "tiny").mkdir()
    assert (fetch(server, tmp_path) / "movies.csv").is_file()


def test_optional_files_are_unpacked_where_they_are_there(server, tmp_path):
    target = fetch(server, tmp_path, optional=("tags.csv", "links.csv"))
    assert sorted(p.name for p in target.iterdir()) == ["README.txt", "movies.csv", "ratings.csv", "tags.csv"]


def test_the_folder_in_the_archive_may_have_another_name(server, tmp_path):
    server.body = archive({f"tiny10K/{name}": name for name in (*FILES, "README.html")})
    target = fetch(server, tmp_path, inside="tiny10K")
    assert target == tmp_path / "tiny"
    assert sorted(p.name for p in target.iterdir()) == ["README.html", "movies.csv", "ratings.csv"]


def test_a_timeout_is_above_0(server, tmp_path):
    for timeout in (0, -1, float("nan")):
        with pytest.raises(ValueError, match=r"timeout is .*; give seconds above 0"):
            fetch_archive(server.url, None, FILES, tmp_path / "tiny", timeout=timeout)


def test_an_archive_unpacked_one_level_deeper_is_seen(tmp_path):
    assert holder(tmp_path / "none", FILES) is None
    deeper = tmp_path / "tiny" / "tiny"
    for folder in (deeper, tmp_path / "tiny" / "__MACOSX"):
        folder.mkdir(parents=True)
    assert holder(tmp_path / "tiny", FILES) is None
    for file in FILES:
        (deeper / file).write_text("x")
    assert holder(tmp_path / "tiny", FILES) == deeper
    assert holder(tmp_path, FILES) is None, "two levels are too many"
    for file in FILES:
        (tmp_path / "tiny" / file).write_text("x")
    assert holder(tmp_path / "tiny", FILES) == tmp_path / "tiny"


def test_data_dir(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CASER_DATA_DIR", "~/here")
    assert data_dir() == tmp_path / "here"
    monkeypatch.setenv("CASER_DATA_DIR", "")
    assert data_dir() == tmp_path / ".cache" / "caser"
