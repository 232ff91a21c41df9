"""Fetching leaves either the whole folder or nothing, and says what to do."""

import hashlib
import http.server
import io
import threading
import zipfile

import pytest

from caser.data.archive import DataError, data_dir, fetch_archive

FILES = ("ratings.csv", "movies.csv")


def archive(members=None):
    members = members or {f"tiny/{name}": f"content of {name}\n" for name in (*FILES, "README.txt", "tags.csv")}
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in members.items():
            file.writestr(name, text)
    return data.getvalue()


class Server:
    """Serves `body`, announcing `length` bytes; notes the requests it gets."""

    def __init__(self):
        self.body, self.length, self.status, self.requests = archive(), None, 200, 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.requests += 1
                self.send_response(outer.status)
                length = len(outer.body) if outer.length is None else outer.length
                if length >= 0:
                    self.send_header("Content-Length", str(length))
                self.end_headers()
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
    server.httpd.shutdown()
    thread.join()
    server.httpd.server_close()


def fetch(server, folder, md5=None, **options):
    return fetch_archive(server.url, md5, FILES, folder / "tiny", timeout=5, **options)


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


def test_a_folder_with_other_things_is_not_replaced(server, tmp_path):
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "notes.txt").write_text("mine")
    with pytest.raises(DataError, match="cannot write"):
        fetch(server, tmp_path)
    assert (tmp_path / "tiny" / "notes.txt").read_text() == "mine"


def test_data_dir(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CASER_DATA_DIR", "~/here")
    assert data_dir() == tmp_path / "here"
    monkeypatch.setenv("CASER_DATA_DIR", "")
    assert data_dir() == tmp_path / ".cache" / "caser"
