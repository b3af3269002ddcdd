"""An HTTP server that takes what is posted to it, as Slack's incoming webhooks do."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from harness import HOST


class Hook:
    """Keeps every document that is posted; answers with `status`, and with `headers`."""

    def __init__(self):
        self.posts: list[dict] = []
        self.paths: list[str] = []
        self.statuses: list[int] = []
        self.headers: dict[str, str] = {}
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                assert self.headers["content-type"].startswith("application/json")
                body = self.rfile.read(int(self.headers["content-length"]))
                hook.posts.append(json.loads(body))
                hook.paths.append(self.path)
                self.send_response(hook.statuses.pop(0) if hook.statuses else 200)
                for name, value in hook.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer((HOST, 0), Handler)
        self.url = f"http://{HOST}:{self.server.server_port}/services/T000/B000/s3cr3t"

    @property
    def texts(self) -> list[str]:
        """The texts, each the one member of its document."""
        assert all(list(post) == ["text"] for post in self.posts), self.posts
        return [post["text"] for post in self.posts]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
