"""A loopback proxy between amictl and a server: it notes how operations are answered, and spoils what it is told to."""

import json
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from harness import HOST, Server

# Operations whose requests are told apart by method and path alone.
BY_PATH = {("GET", "/backup-vaults"): "ListBackupVaults"}
# How an operation can be spoilt: it is denied, it fails, or its first page is empty and the next one fails or has the
# same token again.
DENIES, FAILS, FAILS_LATER, REPEATS = "denies", "fails", "fails-later", "repeats"
TOKEN = "another-page"
# The headers of a reply that its reader looks at.
KEPT = {"content-type", "x-amzn-errortype", "x-amzn-requestid", "date"}


@dataclass(frozen=True)
class Asked:
    """A request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def target(self) -> str:
        """What a request of a JSON service names: version and operation."""
        return self.headers.get("x-amz-target", "")

    @property
    def operation(self) -> str:
        """The operation's name."""
        if self.target:
            return self.target.rsplit(".", 1)[-1]
        form = parse_qs(self.body.decode())
        path = urlsplit(self.path).path.rstrip("/")
        return form["Action"][0] if "Action" in form else BY_PATH.get((self.method, path), f"{self.method} {path}")

    @property
    def is_of_next_page(self) -> bool:
        """Whether it has the token that an empty page gave."""
        return TOKEN in self.body.decode() or TOKEN in self.path

    @property
    def is_in_json(self) -> bool:
        """Whether JSON is expected, not XML."""
        return bool(self.target) or self.method == "GET"


@dataclass(frozen=True)
class Answer:
    """A reply."""

    status: int
    headers: dict[str, str]
    body: bytes


def in_form_of(asked: Asked, status: int, document: dict, xml: str) -> Answer:
    """An answer in the form of the service that is asked."""
    if asked.is_in_json:
        return Answer(status, {"content-type": "application/x-amz-json-1.1"}, json.dumps(document).encode())
    name = f"{asked.operation}Response"
    return Answer(status, {"content-type": "text/xml"}, f"<{name}>{xml}</{name}>".encode())


def failure(asked: Asked, how: str) -> Answer:
    """An error that nobody takes for one that goes away when the call is sent again."""
    status, code = (403, "AccessDeniedException") if how == DENIES else (400, "Spoilt")
    # EC2 has its errors in a list, and Auto Scaling has one.
    error = f"<Error><Code>{code}</Code></Error>"
    return in_form_of(asked, status, {"__type": code}, f"<Errors>{error}</Errors>{error}")


def empty_page(asked: Asked) -> Answer:
    """A page with nothing on it but the token of the next one, as AWS gives them too."""
    # EMR calls it a marker. EC2 has it in the reply, Auto Scaling in the reply's result, which has to come first.
    document = {"Marker" if asked.target.startswith("ElasticMapReduce") else "NextToken": TOKEN}
    result = f"<{asked.operation}Result><NextToken>{TOKEN}</NextToken></{asked.operation}Result>"
    return in_form_of(asked, 200, document, f"{result}<nextToken>{TOKEN}</nextToken>")


@dataclass
class Proxy:
    """The proxy of a server, while it is entered."""

    server: Server
    # How operations are spoilt, by name.
    spoilt: dict[str, str] = field(default_factory=dict)
    # What is answered for operations that the server does not have, by name.
    instead: dict[str, dict] = field(default_factory=dict)
    # Whether the server's own failures (5xx) are told as errors that do not go away: nobody sends such a call again.
    is_final: bool = False
    # The statuses of all replies, by operation.
    statuses: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def __enter__(self) -> "Proxy":
        self._http = ThreadingHTTPServer((HOST, 0), handler_of(self))
        self.url = f"http://{HOST}:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def answer(self, asked: Asked) -> Answer:
        """Answers a request and notes how."""
        answer = self._answer(asked, self.spoilt.get(asked.operation))
        self.statuses[asked.operation].add(answer.status)
        return answer

    def _answer(self, asked: Asked, how: str | None) -> Answer:
        if asked.operation in self.instead:
            return in_form_of(asked, 200, self.instead[asked.operation], "")
        if how in (DENIES, FAILS) or (how == FAILS_LATER and asked.is_of_next_page):
            return failure(asked, how)
        if how is not None:
            return empty_page(asked)
        answer = self._ask_server(asked)
        return failure(asked, FAILS) if self.is_final and answer.status >= 500 else answer

    def _ask_server(self, asked: Asked) -> Answer:
        connection = HTTPConnection(HOST, self.server.port)
        try:
            # The host for which the request was signed stays as it is, or the signature would not fit any more.
            connection.putrequest(asked.method, asked.path, skip_host=True, skip_accept_encoding=True)
            for name, value in asked.headers.items():
                if name != "connection":
                    connection.putheader(name, value)
            connection.endheaders(asked.body)
            reply = connection.getresponse()
            kept = {name: value for name, value in reply.getheaders() if name.lower() in KEPT}
            return Answer(reply.status, kept, reply.read())
        finally:
            connection.close()


def handler_of(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    """What answers each request at the proxy's socket."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            answer = proxy.answer(Asked(self.command, self.path, headers, body))
            self.send_response_only(answer.status)
            for name, value in {**answer.headers, "content-length": str(len(answer.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_PUT = answer

        def log_message(self, *_):
            """Says nothing."""

    return Handler
