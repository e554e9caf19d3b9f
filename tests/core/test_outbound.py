"""The one way out: 30 ways to write an address that must not be reached, and servers that mean no good."""

import datetime
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from apps.core import outbound
from apps.core.errors import Refusal
from apps.core.outbound import Fetched, Limits, fetch, require_allowed, target_of

PUBLIC = "93.184.215.14"
# Each is written with the port of a server on this machine that must not be spoken to.
FORMS = [
    ("http://127.0.0.1:{port}/", "url_not_allowed"),
    ("http://127.1:{port}/", "url_not_allowed"),
    ("http://127.0.1:{port}/", "url_not_allowed"),
    ("http://2130706433:{port}/", "url_not_allowed"),
    ("http://0x7f.1:{port}/", "url_not_allowed"),
    ("http://0x7f000001:{port}/", "url_not_allowed"),
    ("http://0177.0.0.1:{port}/", "url_not_allowed"),
    ("http://017700000001:{port}/", "url_not_allowed"),
    ("http://①②⑦.⓪.⓪.①:{port}/", "url_not_allowed"),
    ("http://127。0。0。1:{port}/", "url_not_allowed"),
    ("http://localhost:{port}/", "url_not_allowed"),
    ("http://LOCALHOST.:{port}/", "url_not_allowed"),
    ("http://0.0.0.0:{port}/", "url_not_allowed"),
    ("http://0:{port}/", "url_not_allowed"),
    ("http://[::1]:{port}/", "url_not_allowed"),
    ("http://[::]:{port}/", "url_not_allowed"),
    ("http://[::ffff:127.0.0.1]:{port}/", "url_not_allowed"),
    ("http://[::127.0.0.1]:{port}/", "url_not_allowed"),
    ("http://[64:ff9b::7f00:1]:{port}/", "url_not_allowed"),
    ("http://[2002:7f00:1::]:{port}/", "url_not_allowed"),
    ("http://[64:ff9b:1:7f00:0:100:808:808]:{port}/", "url_not_allowed"),
    ("http://[fd00::1]:{port}/", "url_not_allowed"),
    ("http://[fec0::1]:{port}/", "url_not_allowed"),
    ("http://[3fff::1]:{port}/", "url_not_allowed"),
    ("http://[fe80::1]:{port}/", "url_not_allowed"),
    ("http://169.254.169.254:{port}/latest/meta-data", "url_not_allowed"),
    ("http://10.0.0.1:{port}/", "url_not_allowed"),
    ("http://100.64.0.1:{port}/", "url_not_allowed"),
    ("http://224.0.0.1:{port}/", "url_not_allowed"),
    ("http://192.0.0.8:{port}/", "url_not_allowed"),
    ("http://user@127.0.0.1:{port}/", "invalid_url"),
    ("http://example.org:{port}\\@127.0.0.1/", "invalid_url"),
    ("http://127.0.0.1:{port}/\r\nHost: evil", "invalid_url"),
    ("http://127.0.0.1:{port}/ HTTP/1.1", "invalid_url"),
    ("http://[127.0.0.1]:{port}/", "invalid_url"),
    ("http://[fe80::1%25eth0]:{port}/", "invalid_url"),
    ("http://:{port}/", "invalid_url"),
    ("http://127.0.0.1:99999/", "invalid_url"),
    ("file:///etc/passwd", "url_scheme_not_allowed"),
    ("gopher://127.0.0.1:{port}/", "url_scheme_not_allowed"),
    ("ftp://127.0.0.1:{port}/", "url_scheme_not_allowed"),
    ("data:text/plain,hello", "url_scheme_not_allowed"),
    ("//127.0.0.1:{port}/", "url_scheme_not_allowed"),
]
Serve = Callable[[socket.socket], None]


class Canary:
    """A server on this machine that counts who came."""

    def __init__(self, serve: Serve) -> None:
        self.visits = 0
        self._serve = serve
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                peer, _ = self._listening.accept()
            except OSError:
                return
            with peer, suppress(OSError):
                if not peer.recv(65536):
                    continue  # the one that ends the wait
                self.visits += 1
                self._serve(peer)

    def close(self) -> None:
        """Stop listening: a visit without a word ends the wait."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listening.close()


@pytest.fixture
def serving() -> Iterator[Callable[[Serve], Canary]]:
    canaries: list[Canary] = []

    def serve(what: Serve) -> Canary:
        canaries.append(Canary(what))
        return canaries[-1]

    yield serve
    for canary in canaries:
        canary.close()


@pytest.fixture
def loopback_allowed(settings: Any) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]


def saying(said: bytes) -> Serve:
    return lambda peer: peer.sendall(said)


def page(body: bytes = b"hello", *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *headers, b"", body]
    return b"\r\n".join(lines)


def leading_to(url: str) -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n".encode()


def code_of(url: str, **options: Any) -> str:
    with pytest.raises(Refusal) as refused:
        fetch(url, **options)
    return refused.value.code


@pytest.mark.parametrize(
    ("form", "code"), FORMS, ids=[f"52-55 {form}".encode("ascii", "replace").decode() for form, _ in FORMS]
)
def test_no_way_of_writing_an_address_reaches_this_machine(form: str, code: str, serving: Any) -> None:
    canary = serving(saying(page()))

    assert code_of(form.replace("{port}", str(canary.port))) == code
    assert canary.visits == 0


def test_there_are_thirty_ways_and_more() -> None:
    assert len({form for form, _ in FORMS}) >= 30


@pytest.mark.parametrize(
    "address", [PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e", "::ffff:93.184.215.14"]
)
def test_public_addresses_are_let_through(address: str) -> None:
    require_allowed(address)


@pytest.mark.usefixtures("loopback_allowed")
def test_the_operator_may_list_a_private_peer_in_whatever_notation_it_is_named(serving: Any) -> None:
    canary = serving(saying(page(b"hello", b"X-Kind: test")))

    for host in ("127.0.0.1", "127.1", "[::ffff:127.0.0.1]"):
        if host.startswith("["):
            target_of(f"http://{host}:{canary.port}/")
            continue
        answer = fetch(f"http://{host}:{canary.port}/a?b=c")
        assert (answer.status, answer.body, answer.headers["x-kind"]) == (200, b"hello", "test")
    assert code_of("http://10.0.0.1/") == "url_not_allowed"


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answering([PUBLIC, "10.0.0.7"]))

    assert code_of("http://two-faced.example/") == "url_not_allowed"


def test_a_name_that_changes_between_two_questions_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    reached: list[tuple[str, int]] = []
    monkeypatch.setattr(socket, "getaddrinfo", answering([PUBLIC], ["127.0.0.1"], asked=asked))

    def connect(at: tuple[str, int], **_: Any) -> None:
        reached.append(at)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)

    assert code_of("http://rebinding.example/") == "fetch_failed"
    assert (asked, reached) == (["rebinding.example"], [(PUBLIC, 80)])


def answering(*turns: list[str], asked: list[str] | None = None) -> Any:
    left = list(turns)

    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        if asked is not None:
            asked.append(host)
        addresses = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return getaddrinfo


@pytest.mark.parametrize("onward", ["http://10.0.0.1/", "http://[::1]/", "file:///etc/passwd", "//169.254.169.254/"])
@pytest.mark.usefixtures("loopback_allowed")
def test_each_redirect_is_judged_anew(onward: str, serving: Any) -> None:
    canary = serving(saying(leading_to(onward)))

    assert code_of(f"http://127.0.0.1:{canary.port}/") in {"url_not_allowed", "url_scheme_not_allowed"}
    assert canary.visits == 1


@pytest.mark.parametrize("onward", ["http://[", "//[::1", "http://\u2100.example/"])
@pytest.mark.usefixtures("loopback_allowed")
def test_a_redirect_to_no_address_at_all_is_a_failure(onward: str, serving: Any) -> None:
    canary = serving(saying(leading_to(onward)))

    assert code_of(f"http://127.0.0.1:{canary.port}/") in {"fetch_failed", "invalid_url"}


@pytest.mark.usefixtures("loopback_allowed")
def test_a_get_is_led_on_a_few_times_and_a_post_never(serving: Any) -> None:
    end = serving(saying(page(b"the end")))
    on = serving(saying(leading_to(f"http://127.0.0.1:{end.port}/")))
    circle = serving(lambda peer: peer.sendall(leading_to("/again")))

    led = fetch(f"http://127.0.0.1:{on.port}/")
    assert (led.body, led.url) == (b"the end", f"http://127.0.0.1:{end.port}/")
    assert fetch(f"http://127.0.0.1:{on.port}/", method="POST", body=b"{}").status == 302
    assert code_of(f"http://127.0.0.1:{circle.port}/") == "too_many_redirects"
    assert circle.visits == outbound.MOST_REDIRECTS + 1


@pytest.mark.usefixtures("loopback_allowed")
def test_a_secret_is_not_carried_to_another_server(serving: Any) -> None:
    heard: list[bytes] = []
    end = serving(lambda peer: peer.sendall(page()))
    on = serving(saying(leading_to(f"http://127.0.0.1:{end.port}/")))
    real = outbound.exchange

    def noting(url: str, **asked: Any) -> Fetched:
        heard.append(repr(asked["headers"]).encode())
        return real(url, **asked)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbound, "exchange", noting)
        fetch(f"http://127.0.0.1:{on.port}/", headers={"Authorization": "Bearer secret", "Accept": "x/y"})
    assert [b"secret" in one for one in heard] == [True, False]
    assert b"x/y" in heard[1]


def drip(peer: socket.socket) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
    for _ in range(100):
        peer.sendall(b"x")
        time.sleep(0.1)


def drip_headers(peer: socket.socket) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(100):
        peer.sendall(b"X-%d: y\r\n" % number)
        time.sleep(0.1)


def endless(peer: socket.socket) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        peer.sendall(b"x" * 65536)


def chunked_without_end(peer: socket.socket) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        peer.sendall(b"400\r\n" + b"x" * 1024 + b"\r\n")


@pytest.mark.parametrize(
    ("serve", "code"),
    [
        pytest.param(drip, "fetch_timeout", id="56 a byte at a time"),
        pytest.param(drip_headers, "fetch_timeout", id="56 a header at a time"),
        pytest.param(lambda peer: peer.recv(1), "fetch_timeout", id="56 not a word"),
        pytest.param(endless, "fetch_too_large", id="56 without end"),
        pytest.param(chunked_without_end, "fetch_too_large", id="56 chunks without end"),
        pytest.param(
            saying(b"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\nx"),
            "fetch_too_large",
            id="56 10 GB by its word",
        ),
        pytest.param(saying(page(b"\x1f\x8b...", b"Content-Encoding: gzip")), "fetch_failed", id="56 packed"),
        pytest.param(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhell"), "fetch_failed", id="56 cut off"),
        pytest.param(saying(b"SSH-2.0-OpenSSH\r\n"), "fetch_failed", id="56 another protocol"),
        pytest.param(saying(b""), "fetch_failed", id="56 hangs up"),
    ],
)
@pytest.mark.usefixtures("loopback_allowed")
def test_a_server_that_means_no_good_is_left_in_time(serve: Serve, code: str, serving: Any) -> None:
    canary, began = serving(serve), time.monotonic()

    assert code_of(f"http://127.0.0.1:{canary.port}/", limits=Limits(seconds=0.6, most=1_000_000)) == code
    assert time.monotonic() - began < 3


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of peer.example, with its key, signed by nobody else."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.DNSName("peer.example")
    now, subject = datetime.datetime.now(datetime.UTC), x509.Name([])
    made = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now).not_valid_after(now + datetime.timedelta(hours=1))
    signed = made.add_extension(x509.SubjectAlternativeName([name]), critical=True).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    kept = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "peer.pem").write_bytes(kept + signed.public_bytes(pem))
    return tmp_path / "peer.pem"


@contextmanager
def answering_by_tls(certificate: Path) -> Iterator[int]:
    """A server for one visit; gives its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError), context.wrap_socket(listening.accept()[0], server_side=True) as secure:
                secure.recv(65536)
                secure.sendall(page())

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
    thread.join(10)


@pytest.mark.parametrize(
    ("name", "is_trusted", "code"),
    [
        ("peer.example", True, ""),
        ("peer.example", False, "fetch_failed"),
        ("other.example", True, "fetch_failed"),
    ],
    ids=["its own", "signed by nobody known", "of another name"],
)
@pytest.mark.usefixtures("loopback_allowed")
def test_a_certificate_must_be_trusted_and_of_the_name_that_was_asked(
    monkeypatch: pytest.MonkeyPatch, certificate: Path, name: str, is_trusted: bool, code: str
) -> None:
    monkeypatch.setattr(outbound, "resolve", lambda host, port: ["127.0.0.1"])
    if is_trusted:
        trusting = ssl.create_default_context(cafile=certificate)
        monkeypatch.setattr(ssl, "create_default_context", lambda: trusting)

    with answering_by_tls(certificate) as port:
        if code:
            assert code_of(f"https://{name}:{port}/") == code
        else:
            assert fetch(f"https://{name}:{port}/").body == b"hello"


def test_a_name_that_is_not_known_is_told_as_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: (_ for _ in ()).throw(socket.gaierror(-2, "unknown")))

    assert code_of("http://nowhere.example/") == "fetch_failed"
