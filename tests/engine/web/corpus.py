"""Requests of every kind, good and bad, as data: what is sent, what is answered, whether the connection stays.

Owns the expectations only, after RFC 9110 and 9112, read strictly. The engine is meant to keep connections, and to
serve the site of the tests with the usual limits.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """One conversation."""

    name: str
    sent: bytes
    statuses: tuple[int, ...]
    """Of the replies, `100 Continue` apart."""
    kept: bool
    """Whether the client may ask again on the same connection."""


def get(*lines: bytes, target: bytes = b"/page.html", method: bytes = b"GET", version: bytes = b"HTTP/1.1") -> bytes:
    """A whole request with a host and these header lines."""
    return b"\r\n".join((b"%b %b %b" % (method, target, version), b"Host: localhost", *lines, b"", b""))


def post(*lines: bytes, body: bytes = b"") -> bytes:
    """A request with a body, which is read, dropped and refused."""
    return get(*lines, method=b"POST") + body


def bare(*lines: bytes) -> bytes:
    """A head of exactly these lines."""
    return b"\r\n".join((*lines, b"", b""))


def chunks(body: bytes) -> bytes:
    """A request with this body in chunks."""
    return post(b"Transfer-Encoding: chunked", body=body)


def kept(cases: dict[str, bytes], *statuses: int) -> list[Case]:
    """Answered so, and the connection stays open."""
    return [Case(name, sent, statuses, True) for name, sent in cases.items()]


def closed(cases: dict[str, bytes], *statuses: int) -> list[Case]:
    """Answered so, and the connection is closed."""
    return [Case(name, sent, statuses, False) for name, sent in cases.items()]


def each(what: str, build: Iterable[tuple[bytes, bytes]]) -> dict[str, bytes]:
    """Cases named after what differs in them."""
    return {f"{what} {value[:70].decode('latin-1')!r}": sent for value, sent in build}


def hosts(*values: bytes) -> dict[str, bytes]:
    return each("host", ((value, bare(b"GET /page.html HTTP/1.1", b"Host: " + value)) for value in values))


def targets(*values: bytes) -> dict[str, bytes]:
    return each("target", ((value, get(target=value)) for value in values))


def methods(*values: bytes) -> dict[str, bytes]:
    return each("method", ((value, get(method=value)) for value in values))


def versions(*values: bytes) -> dict[str, bytes]:
    return each("version", ((value, get(version=value)) for value in values))


def headers(*lines: bytes) -> dict[str, bytes]:
    return each("header", ((line, get(line)) for line in lines))


def old_headers(*lines: bytes) -> dict[str, bytes]:
    return each("header of 1.0", ((line, get(line, version=b"HTTP/1.0")) for line in lines))


def ranges(*values: bytes) -> dict[str, bytes]:
    return each("range", ((value, get(b"Range: " + value)) for value in values))


def expecting(*values: bytes) -> dict[str, bytes]:
    return each("expect", ((value, post(b"Expect: " + value, b"Content-Length: 3", body=b"abc")) for value in values))


def lengths(*values: bytes) -> dict[str, bytes]:
    return each("length", ((value, post(b"Content-Length: " + value, body=b"abc")) for value in values))


def encodings(*values: bytes) -> dict[str, bytes]:
    return each("encoding", ((value, post(b"Transfer-Encoding: " + value, body=b"0\r\n\r\n")) for value in values))


def sizes(*values: bytes) -> dict[str, bytes]:
    return each("chunk size", ((value, chunks(value + b"\r\nhello\r\n0\r\n\r\n")) for value in values))


GET = get()
TAIL = b"Host: localhost\r\n\r\n"

GROUPS: dict[str, list[Case]] = {
    "request line": [
        *kept({"plain": GET, "head": get(method=b"HEAD")}, 200),
        *kept(methods(b"POST", b"PUT", b"DELETE", b"OPTIONS", b"TRACE", b"PATCH", b"CONNECT"), 405),
        *kept(methods(b"get", b"Get", b"FETCH", b"FOO", b"GETX", b"GE", b"PRI", b"DESCRIBE", b"PROPFIND", b"M-SEARCH",
                      b"foo", b"!", b"1", b"A" * 60), 501),
        *closed(methods(b"A" * 17_000), 431),
        *kept({"options *": get(target=b"*", method=b"OPTIONS"),
               "connect": get(target=b"localhost:80", method=b"CONNECT")}, 405),
        *closed(methods(b"G@T", b"GE\0T", b"GET,", b"\xc3\x89", b"", b" GET", b"GET "), 400),
        *closed(versions(b"HTTP/0.9", b"HTTP/1.2", b"HTTP/1.9", b"HTTP/2.0", b"HTTP/3.0", b"HTTP/9.9"), 505),
        *closed(versions(b"http/1.1", b"HTTP/1", b"HTTP/1.", b"HTTP/", b"HTTP/1.10", b"HTTP/01.1", b"HTTP/1.1 ",
                         b" HTTP/1.1", b"HTTP/ 1.1", b"HTTP/1,1", b"HTTP/-1.1", b"HTTP", b"ICE/1.0", b"RTSP/1.0",
                         b"HTTPS/1.1", b"HTTP/1.1 HTTP/1.1", b"HTTP/1.1\0", b"HTTP/\xef\xbc\x91.1"), 400),
        *closed({"preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}, 505),
        *closed({"HTTP/0.9, its only line": b"GET /page.html\r\n",
                 "HTTP/0.9": b"GET /page.html\r\n\r\n",
                 "no target": bare(b"GET HTTP/1.1", b"Host: localhost"),
                 "method alone": bare(b"GET", b"Host: localhost"),
                 "two spaces before the target": bare(b"GET  / HTTP/1.1", b"Host: localhost"),
                 "two spaces behind the target": bare(b"GET /  HTTP/1.1", b"Host: localhost"),
                 "tab before the target": bare(b"GET\t/ HTTP/1.1", b"Host: localhost"),
                 "tab behind the target": bare(b"GET /\tHTTP/1.1", b"Host: localhost"),
                 "other protocol with another method": bare(b"DESCRIBE / RTSP/1.0", b"Host: localhost"),
                 "stream source": bare(b"SOURCE / ICE/1.0", b"Host: localhost"),
                 "header first": bare(b"Host: localhost", b"GET / HTTP/1.1"),
                 "reply": bare(b"HTTP/1.1 200 OK", b"Content-Length: 0")}, 400),
        *closed({"1.0": get(version=b"HTTP/1.0"), "1.0 without a host": bare(b"GET /page.html HTTP/1.0")}, 200),
    ],
    "target": [
        *kept(targets(b"/", b"/page.html", b"/page.html?a=1&b=2", b"/page.html?", b"/?", b"/page.html?%zz",
                      b"/page.html??",
                      b"/page.html?/../x", b"//page.html", b"/./page.html", b"/folder/../page.html", b"/%70age.html",
                      b"/folder%2finside.html", b"/%2e/page.html", b"/%E5%90%8D%E5%AD%97%20with%20a%20space.html",
                      b"/100%25.html", b"/page.html?" + b"a" * 9000), 200),
        *kept(targets(b"http://localhost/page.html", b"HTTP://LOCALHOST/page.html", b"https://localhost/page.html",
                      b"http://localhost:80/page.html", b"http://localhost:/page.html", b"HTTP://LOCALHOST/page.html",
                      b"http://[::1]:8888/page.html", b"http://localhost", b"http://localhost?x=1",
                      b"http://127.0.0.1/"), 200),
        *kept(targets(b"/missing", b"/page.html/", b"/page.html%20", b"/page.html%0d%0aX:%20y", b"/a\"b", b"/a<b>",
                      b"/a\\b",
                      b"/{a}", b"/a|b", b"/;x", b"/..;/secret.txt", b"/../secret.txt", b"/%2e%2e/secret.txt",
                      b"/%2e%2e%2fsecret.txt", b"/..%2f..%2fetc%2fpasswd", b"//etc/passwd", b"/%252e%252e/secret.txt",
                      b"/" + b"a" * 300, b"/" + b"a/" * 3000), 404),
        *kept(targets(b"http://elsewhere/page.html", b"http://localhost.example/page.html", b"http://10.0.0.1/"), 421),
        *kept(targets(b"/folder", b"/folder?x=1"), 301),
        *kept(targets(b"/%", b"/%4", b"/%zz", b"/%%41", b"/page.html%", b"/%00", b"/page.html%00.txt", b"/%ff",
                      b"/%c0%af",
                      b"/%c0%ae%c0%ae/secret.txt", b"/%e0%80%af", b"/%ed%a0%80", b"/%f5%80%80%80", b"/%u0041"), 400),
        *closed(targets(b"", b"*", b"page.html", b"?x", b"#", b"/#", b"/page.html#part", b"/page.html?a#b",
                        b"localhost:80",
                        b"localhost/page.html", b"http:page.html", b"http:/page.html", b"http://", b"http:///page.html",
                        b"http://?x", b"http://:80/", b"http://localhost:port/", b"http://user@localhost/",
                        b"http://user:word@localhost/page.html", b"http://[::1/", b"http://local%zzhost/",
                        b"http://localhost\\page.html", b"ftp://localhost/page.html", b"file:///etc/passwd",
                        b"data:,hello", b"/a b", b"/a\0b", b"/a\x01b", b"/a\x1fb", b"/a\x7fb", b"/a\rb", b"/a\nb",
                        b"/\xff",
                        b"/\xe5\x90\x8d.html", b"/page.html?\xff"), 400),
        *closed({"target too long": get(target=b"/" + b"a" * 17_000)}, 431),
    ],
    "host": [
        *kept(hosts(b"", b"localhost", b"LOCALHOST", b"localhost:8888", b"localhost:", b"127.0.0.1:80", b"[::1]",
                    b"[::1]:80", b"127.9.9.9", b"page.localhost", b"localhost.", b"0.0.0.0:8888", b"[::]",
                    b"[::ffff:127.0.0.1]", b"  localhost", b"localhost \t"), 200),
        *kept(hosts(b"a_b.example.", b"%41.example", b"xn--fiqs8s", b"elsewhere", b"localhost.example",
                    b"evil-localhost", b"10.0.0.1", b"128.0.0.1", b"[fe80::1]", b"[::2]:80", b"%6cocalhost"), 421),
        *closed(hosts(b"a b", b"a\tb", b"user@localhost", b"user:word@localhost", b"http://localhost", b"localhost/",
                      b"localhost?x", b"localhost#x", b"a\\b", b"a,b c", b"[::1", b"::1", b"[]", b"[g::1]",
                      b"localhost:http",
                      b"localhost:80:80", b"localhost:-1", b"%", b"%zz", b"\xe5\x90\x8d", b'"localhost"',
                      b"<localhost>",
                      b"a|b", b"a\x00", b"a\x7f"), 400),
        *closed({"none": bare(b"GET / HTTP/1.1"),
                 "none beside others": bare(b"GET / HTTP/1.1", b"Accept: */*"),
                 "two": get(b"Host: localhost"),
                 "two that differ": get(b"Host: elsewhere"),
                 "two in 1.0": get(b"Host: elsewhere", version=b"HTTP/1.0"),
                 "bad in 1.0": bare(b"GET / HTTP/1.0", b"Host: a b"),
                 "none, absolute target": bare(b"GET http://localhost/ HTTP/1.1"),
                 "two in lower case": get(b"host: localhost")}, 400),
    ],
    "headers": [
        *kept(headers(b"X: a", b"X:a", b"X:", b"X: ", b"X:\ta\t", b"X:  a  ", b"x-Y_z.1: a", b"!#$%&'*+-.^_`|~: a",
                      b"X: a:b",
                      b"X: \xe5\x90\x8d", b"X: \xff\x80", b'X: "a"', b"X: " + b"a" * 15_000, b"N" * 1000 + b": a"),
                      200),
        *kept({"a hundred": get(*[b"X: a"] * 99)}, 200),
        *closed({"too many": get(*[b"X: a"] * 100), "too long": get(b"X: " + b"a" * 17_000),
                 "too long a name": get(b"N" * 17_000 + b": a"), "all too long": get(*[b"X: " + b"a" * 1000] * 20)},
                 431),
        *closed(headers(b"X : a", b"X\t: a", b" X: a", b"X Y: a", b": a", b":", b"no colon", b"X\0: a", b"X\x01: a",
                        b"X\x7f: a", b"X\xff: a", b"\xe5\x90\x8d: a", b"(X): a", b'"X": a', b"a@b: c", b"X,Y: a",
                        b"X/Y: a",
                        b"[X]: a", b"{X}: a", b"X=Y: a", b"X: a\0b", b"X: \0", b"X: a\x01b", b"X: a\x08", b"X: a\x0bb",
                        b"X: a\x0cb", b"X: a\x1bb", b"X: a\x7fb", b"Content-Length : 0",
                        b"Transfer-Encoding : chunked"), 400),
        *closed({"folded": get(b"X: a", b" b"), "folded by a tab": get(b"X: a", b"\tb"),
                 "folded, nothing first": get(b"X:", b" a"),
                 "folded, nothing then": get(b"X: a", b" "), "folded length": post(b"Content-Length:", b" 3",
                 body=b"abc"),
                 "folded encoding": post(b"Transfer-Encoding:", b" chunked", body=b"0\r\n\r\n"),
                 "space before the first": bare(b"GET / HTTP/1.1", b" Host: localhost"),
                 "tab before the first": bare(b"GET / HTTP/1.1", b"\tHost: localhost"),
                 "space before the colon of the host": bare(b"GET / HTTP/1.1", b"Host : localhost")}, 400),
    ],
    "ends of lines": [
        *kept({"empty line before": b"\r\n" + GET, "two empty lines before": b"\r\n\r\n" + GET,
               "empty lines between": GET + b"\r\n\r\n"}, 200),
        *kept({"empty lines alone": b"\r\n\r\n\r\n", "nothing": b""}),
        *closed({"LF everywhere": GET.replace(b"\r\n", b"\n"), "CR everywhere": GET.replace(b"\r\n", b"\r"),
                 "LF behind the first line": b"GET / HTTP/1.1\n" + TAIL,
                 "CR behind the first line": b"GET / HTTP/1.1\r" + TAIL,
                 "two CR behind the first line": b"GET / HTTP/1.1\r\r\n" + TAIL,
                 "LF CR behind the first line": b"GET / HTTP/1.1\n\r" + TAIL,
                 "LF behind a header": b"GET / HTTP/1.1\r\nX: a\n" + TAIL,
                 "CR behind a header": b"GET / HTTP/1.1\r\nX: a\r" + TAIL,
                 "two CR behind a header": b"GET / HTTP/1.1\r\nX: a\r\r\n" + TAIL,
                 "LF in a value": get(b"X: a\nb"), "CR in a value": get(b"X: a\rb"), "CR in a name": get(b"X\rY: a"),
                 "CR at the end of a value": get(b"X: a\r"), "LF ends the head": GET[:-2] + b"\n",
                 "CR ends the head": GET[:-2] + b"\rX: y\r\n\r\n", "LF before": b"\n" + GET, "CR before": b"\r" + GET,
                 "CR CR LF before": b"\r\r\n" + GET, "LF CR LF before": b"\n\r\n" + GET, "LF alone": b"\n",
                 "LF and empty lines": b"\n\r\n\r\n", "space before": b" " + GET, "tab before": b"\t" + GET,
                 "NUL before": b"\0" + GET, "byte order mark before": b"\xef\xbb\xbf" + GET}, 400),
    ],
    "lengths": [
        *kept(lengths(b"3", b"03", b"0000000003", b" 3", b"3 ", b"\t3\t"), 405),
        *kept({"none": post(), "zero": post(b"Content-Length: 0"), "name in capitals": post(b"CONTENT-LENGTH: 3",
               body=b"abc"),
               "sized offer of another protocol": post(b"Content-Length: 3", b"Connection: upgrade", b"Upgrade: h2c",
               body=b"abc"),
               "connect": get(b"Content-Length: 3", method=b"CONNECT", target=b"localhost:80") + b"abc"}, 405),
        *kept({"body of a get": get(b"Content-Length: 3") + b"abc", "long": get(b"Content-Length: 5000") + b"a" * 5000,
               "body of a head": get(b"Content-Length: 3", method=b"HEAD") + b"abc"}, 200),
        *closed(lengths(b"", b"+3", b"-3", b"0x3", b"3,3", b"3, 3", b"3;", b"3 3", b"3.0", b"1e1", b"3a", b"a3",
                        b"three", b"\x0b3",
                        b"3\x0c", b"\xef\xbc\x93", b"\xb2", b"'3'", b'"3"', b"99999999999999999999",
                        b"18446744073709551619",
                        b"1" * 5000), 400),
        *closed({"same twice": post(b"Content-Length: 3", b"Content-Length: 3", body=b"abc"),
                 "two that differ": post(b"Content-Length: 3", b"Content-Length: 4", body=b"abcd"),
                 "twice in lower case": post(b"Content-Length: 3", b"content-length: 3", body=b"abc"),
                 "twice in a get": get(b"Content-Length: 0", b"Content-Length: 0"),
                 "and chunked": post(b"Content-Length: 3", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
                 "chunked before": post(b"Transfer-Encoding: chunked", b"Content-Length: 3", body=b"0\r\n\r\n"),
                 "zero and chunked": post(b"Content-Length: 0", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
                 "and identity": post(b"Content-Length: 3", b"Transfer-Encoding: identity", body=b"abc")}, 400),
        *closed({"too much": post(b"Content-Length: 1048577"),
                 "far too much": post(b"Content-Length: 9999999999999999999"),
                 "too much to come": post(b"Content-Length: 1048577", b"Expect: 100-continue")}, 413),
    ],
    "chunks": [
        *kept(sizes(b"5", b"05", b"0000000000000005", b"5;a", b"5;a=b", b"5;a=b;c", b'5;a="b c"', b"5 ;a=b",
                    b"5\t;a", b"5; a = b ;c", b'5;a="\\"";b', b'5;a=""'), 405),
        *kept({"none": chunks(b"0\r\n\r\n"), "capitals": chunks(b"A\r\n0123456789\r\n0\r\n\r\n"),
               "small letters": chunks(b"a\r\n0123456789\r\n0\r\n\r\n"), "zeros": chunks(b"000\r\n\r\n"),
               "several": chunks(b"3\r\nabc\r\n1\r\n\r\r\n2\r\n\r\n\r\n0\r\n\r\n"),
               "extended end": chunks(b"0;a=b\r\n\r\n"),
               "trailers": chunks(b"0\r\nX: a\r\nY:\r\n\r\n"),
               "trailer that says a length": chunks(b"0\r\nContent-Length: 9\r\n\r\n"),
               "many small": chunks(b"1\r\na\r\n" * 500 + b"0\r\n\r\n"),
               "offer of another protocol": post(b"Transfer-Encoding: chunked", b"Connection: upgrade", b"Upgrade: h2c",
                                                 body=b"3\r\nabc\r\n0\r\n\r\n"),
               "connect": get(b"Transfer-Encoding: chunked", method=b"CONNECT",
               target=b"localhost:80") + b"0\r\n\r\n"}, 405),
        *kept({"body of a get": get(b"Transfer-Encoding: chunked") + b"3\r\nabc\r\n0\r\n\r\n"}, 200),
        *kept(encodings(b"chunked", b"Chunked", b"CHUNKED", b"\tchunked "), 405),
        *closed(encodings(b"gzip, chunked", b"gzip,chunked", b"deflate, gzip, Chunked", b"identity, chunked"), 501),
        *closed(encodings(b"", b"identity", b"gzip", b"chunked, gzip", b"chunked, chunked",
                          b"chunked,",
                          b",chunked", b"chunked;a=b", b'"chunked"', b"xchunked", b"chunkedx", b"\x0bchunked",
                          b"chunked\x0c",
                          b"chunked\0", b"chunk", b"trailers"), 400),
        *closed({"encoding twice": post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked",
                 body=b"0\r\n\r\n"),
                 "in 1.0": get(b"Transfer-Encoding: chunked", method=b"POST", version=b"HTTP/1.0") + b"0\r\n\r\n"},
                 400),
        *closed({"two encodings": post(b"Transfer-Encoding: gzip", b"Transfer-Encoding: chunked",
                 body=b"0\r\n\r\n")}, 501),
        *closed(sizes(b"5;", b"5;;a", b"5; ", b"5;=b", b"5;a=", b"5;a;", b"5;a b", b'5;a="b', b'5;a=b"', b"5;a=b c",
                      b"5;(a)", b"5;a=\xff"), 400),
        *closed(sizes(b"", b"g", b"+5", b"-5", b"0x5", b"5 ", b"5\t", b" 5", b"5,", b"5.", b"5:", b"5_", b"5 5",
                      b"5\0", b"5\x0b",
                      b"5\xff", b"\xef\xbc\x95", b"0" * 16 + b"5", b"1" + b"0" * 16, b"F" * 17, b"5;a\0", b"5;a\x01b",
                      b"5;a\x7f", b"five"), 400),
        *closed({"LF behind a size": chunks(b"5\nhello\r\n0\r\n\r\n"),
                 "CR behind a size": chunks(b"5\rhello\r\n0\r\n\r\n"),
                 "LF in an extension": chunks(b"5;a\nb\r\nhello\r\n0\r\n\r\n"),
                 "CR in an extension": chunks(b"5;a\rb\r\nhello\r\n0\r\n\r\n"),
                 "LF behind a chunk": chunks(b"5\r\nhello\n0\r\n\r\n"),
                 "CR behind a chunk": chunks(b"5\r\nhello\r0\r\n\r\n"),
                 "nothing behind a chunk": chunks(b"5\r\nhello0\r\n\r\n"),
                 "longer than its size": chunks(b"5\r\nhello!\r\n0\r\n\r\n"),
                 "shorter than its size": chunks(b"7\r\nhello\r\n0\r\n\r\n"), "LF at the end": chunks(b"0\r\n\n"),
                 "LF twice at the end": chunks(b"0\n\n"), "LF before the end": chunks(b"0\n\r\n"),
                 "CR at the end": chunks(b"0\r\n\r0"),
                 "trailer without a colon": chunks(b"0\r\nX\r\n\r\n"),
                 "folded trailer": chunks(b"0\r\nX: a\r\n b\r\n\r\n"),
                 "space in a trailer": chunks(b"0\r\nX : a\r\n\r\n"), "LF behind a trailer": chunks(b"0\r\nX: a\n\r\n"),
                 "NUL in a trailer": chunks(b"0\r\nX: \0\r\n\r\n"), "endless zeros": chunks(b"0" * 20_000)}, 400),
        *closed({"more than any": chunks(b"F" * 16 + b"\r\n"), "too much": chunks(b"100001\r\n"),
                 "too much in the second": chunks(b"1\r\na\r\nFFFFFFFFFFFFFFF0\r\n")}, 413),
        *closed({"endless extension": chunks(b"5;" + b"a" * 20_000),
                 "endless trailer": chunks(b"0\r\nX: " + b"a" * 20_000),
                 "too many trailers": chunks(b"0\r\n" + b"X: a\r\n" * 5000)}, 431),
    ],
    "connections": [
        *kept(headers(
            b"Connection: keep-alive", b"Connection: Keep-Alive", b"Connection: TE, keep-alive", b"Connection: closed",
            b"Connection:", b"Connection: ,", b"Connection: upgrade", b"Proxy-Connection: close",
            b"Keep-Alive: timeout=5"), 200),
        *closed(headers(
            b"Connection: close", b"Connection: CLOSE", b"Connection: close, TE", b"Connection: TE,close",
            b"Connection: keep-alive, close", b"Connection:\tclose\t", b"connection: close"), 200),
        *closed({"close in the second line": get(b"Connection: keep-alive", b"Connection: close")}, 200),
        *kept(old_headers(
            b"Connection: keep-alive", b"Connection: KEEP-ALIVE", b"Connection: TE, keep-alive"), 200),
        *closed(old_headers(
            b"Connection: close", b"Connection: TE", b"Connection: keep-alive, close", b"Keep-Alive: 300", b"X: y"),
            200),
        *kept({"offer of HTTP/2": get(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AA"),
               "offer of a web socket": get(b"Connection: Upgrade", b"Upgrade: websocket",
               b"Sec-WebSocket-Version: 13")}, 200),
        *kept({"two": GET * 2, "get and head": GET + get(method=b"HEAD")}, 200, 200),
        *kept({"missing between": GET + get(target=b"/missing") + GET}, 200, 404, 200),
        *kept({"bodies between": GET + post(b"Content-Length: 3",
               body=b"abc") + chunks(b"3\r\nabc\r\n0\r\n\r\n") + GET},
              200, 405, 405, 200),
        *kept({"body that looks like a request": post(b"Content-Length: %d" % len(GET), body=GET) + GET}, 405, 200),
        *kept({"chunk that looks like a request": chunks(b"%x\r\n%b\r\n0\r\n\r\n" % (len(GET), GET)) + GET}, 405, 200),
        *closed({"good, then bad": GET + get(b"no colon") + GET, "good, then garbage": GET + b"\0\1\2\3" + GET}, 200,
                 400),
        *closed({"good, good, then another version": GET * 2 + get(version=b"HTTP/2.0") + GET}, 200, 200, 505),
        *closed({"good, then two lengths": GET + post(b"Content-Length: 1", b"Content-Length: 2", body=b"ab") + GET},
                 200, 400),
        *closed({"body longer than its length": post(b"Content-Length: 3", body=b"abc(") + GET}, 405, 400),
        *closed({"bad chunk, then good": chunks(b"x\r\n\r\n") + GET}, 400),
        *closed({"close, then good": get(b"Connection: close") + GET,
                 "close, then bad": get(b"Connection: close") + b"\0" * 20}, 200),
    ],
    "expectations": [
        *kept(expecting(b"100-continue", b"100-Continue", b"", b"something-else"), 405),
        *kept(headers(b"Expect: 100-continue", b"Expect: 200-ok", b"Expect:"), 200),
        *kept({"chunks": post(b"Expect: 100-continue", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n")}, 405),
        *closed({"1.0": get(b"Expect: 100-continue", b"Content-Length: 3", method=b"POST",
                 version=b"HTTP/1.0") + b"abc"}, 405),
    ],
    "ranges": [
        *kept(ranges(
            b"bytes=0-0", b"bytes=0-", b"bytes=-1", b"bytes=1-5", b"bytes=5-5", b"Bytes=0-1", b"BYTES=0-1",
            b"bytes= 0-1",
            b"bytes=0-1 ", b"bytes=00-01", b"bytes=0-999999", b"bytes=-999999", b"bytes=0-" + b"9" * 5000,
            b"bytes=-" + b"9" * 5000, b"bytes=" + b"0" * 5000 + b"-1"), 206),
        *kept(ranges(
            b"", b"bytes", b"bytes=", b"bytes=-", b"bytes=a-b", b"bytes=5-1", b"bytes=0-1,3-4", b"bytes=0-1,",
            b"bytes 0-1",
            b"lines=0-1", b"bytes=0--1", b"bytes=+0-1", b"bytes=0x0-1", b"bytes=0 - 1", b"bytes=0-1-2", b"bytes=1.0-2",
            b"items=0-" + b"9" * 5000), 200),
        *kept(ranges(
            b"bytes=999999-", b"bytes=999999-9999999", b"bytes=-0", b"bytes=" + b"9" * 5000 + b"-"), 416),
        *kept({"of a head": get(b"Range: bytes=0-1", method=b"HEAD"), "two lines": get(b"Range: bytes=0-1",
               b"Range: bytes=2-3"),
               "if another tag": get(b"Range: bytes=0-1", b'If-Range: "other"'),
               "if a weak tag": get(b"Range: bytes=0-1", b'If-Range: W/"other"'),
               "if no date": get(b"Range: bytes=0-1", b"If-Range: yesterday"),
               "of an empty file": get(b"Range: lines=0-", target=b"/empty.txt")}, 200),
        *kept({"of nothing": get(b"Range: bytes=0-", target=b"/missing")}, 404),
    ],
    "conditions": [
        *kept(headers(
            b"If-None-Match: *", b'If-None-Match: "a", *', b"If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT",
            b"If-Modified-Since: Friday, 01-Jan-68 00:00:00 GMT", b"If-Modified-Since: Fri Jan  1 00:00:00 2100"), 304),
        *kept(headers(
            b'If-None-Match: "other"', b'If-None-Match: W/"other"', b"If-None-Match:", b"If-None-Match: other",
            b"If-Match: *",
            b"If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT", b"If-Modified-Since: yesterday", b"If-Modified-Since:",
            b"If-Modified-Since: Sat, 01 Jan 99999999999999999999 00:00:00 GMT",
            b"If-Modified-Since: Sat, 01 Jan 2100 00:00:00 +" + b"9" * 30, b"If-Modified-Since: \xff",
            b"If-Modified-Since: Sat, 01 Jan 2100 00:00:" + b"9" * 5000 + b" GMT",
            b"If-Modified-Since: Sat, 99 Jan 2100 00:00:00 GMT", b"If-Modified-Since: Sat, 01 Jan 2100 25:00:00 GMT",
            b"If-Unmodified-Since: Fri, 01 Jan 2100 00:00:00 GMT", b"If-Unmodified-Since: yesterday"), 200),
        *kept(headers(
            b'If-Match: "other"', b'If-Match: W/"other"', b"If-Match:", b'If-Match: "a", "b"',
            b"If-Unmodified-Since: Sat, 01 Jan 2000 00:00:00 GMT"), 412),
        *kept({"tag before date": get(b'If-None-Match: "other"', b"If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT"),
               "match before date": get(b"If-Match: *", b"If-Unmodified-Since: Sat, 01 Jan 2000 00:00:00 GMT")}, 200),
        *kept({"in two lines": get(b'If-None-Match: "a"', b"If-None-Match: *"),
               "before the range": get(b"If-None-Match: *", b"Range: bytes=0-1"),
               "of a head": get(b"If-None-Match: *", method=b"HEAD")}, 304),
        *kept({"of nothing": get(b"If-None-Match: *", target=b"/missing")}, 404),
    ],
}  # fmt: skip
