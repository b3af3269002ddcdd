"""Every raw HTTP reply held against botocore's model of the service: nothing in it that the model does not know.

botocore itself is lenient: it skips what it does not know, takes `TRUE` for false, and never misses a required
member. So each reply is walked a second time, as it came over the wire. The model is that of the installed botocore;
nothing of any server is known here.
"""

import json
import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

from botocore.awsrequest import AWSPreparedRequest
from botocore.model import ServiceModel
from strict_json import Json, RestJson
from strict_xml import Ec2, Query, RestXml

PROTOCOLS = {"ec2": Ec2, "query": Query, "json": Json, "rest-json": RestJson, "rest-xml": RestXml}


@dataclass(frozen=True)
class Reply:
    """One reply as it came, and what is wrong with it."""

    service: str
    operation: str
    request: AWSPreparedRequest | None
    status: int
    headers: Mapping[str, str]
    body: bytes | None
    problems: tuple[str, ...]

    def __str__(self) -> str:
        body = (self.body or b"").decode(errors="replace")
        sent = f"\n{self.request.method} {self.request.url}\n{self.request.body!r:.2000}" if self.request else ""
        return f"{self.service}:{self.operation} answered {self.status}{sent}\n{body[:4000]}"


@dataclass
class Recorder:
    """Keeps every reply to the clients that it watches, each checked."""

    replies: list[Reply] = field(default_factory=list)
    _sent: threading.local = field(default_factory=threading.local)

    def watch(self, client):
        """Records what this boto3 client is answered from now on; returns the client."""
        model = client.meta.service_model

        def sent(request, **_):
            self._sent.request = request

        def received(response_dict, event_name, **_):
            if response_dict is None:
                return
            operation = event_name.rsplit(".", 1)[1]
            status, body = response_dict["status_code"], response_dict["body"]
            headers = {name.lower(): value for name, value in response_dict["headers"].items()}
            body = body if isinstance(body, bytes) else None
            found = tuple(problems(model, operation, status, headers, body))
            request = getattr(self._sent, "request", None)
            self.replies.append(Reply(model.service_name, operation, request, status, headers, body, found))

        client.meta.events.register("before-send", sent)
        client.meta.events.register("response-received", received)
        return client

    def succeeded(self) -> set[tuple[str, str]]:
        """The operations that were answered with a reply that is no error."""
        return {(reply.service, reply.operation) for reply in self.replies if reply.status < 300}

    def wrong(self) -> dict[tuple[str, str], list[Reply]]:
        """The replies that have problems, by operation."""
        found = defaultdict(list)
        for reply in self.replies:
            if reply.problems:
                found[reply.service, reply.operation].append(reply)
        return found


def problems(
    service: ServiceModel, operation: str, status: int, headers: Mapping[str, str], body: bytes | None
) -> list[str]:
    """What is wrong with one reply; a streamed body (`None`) is not looked into. Header names are in lower case."""
    model = service.operation_model(operation)
    check = PROTOCOLS[service.resolved_protocol](service, model, status, headers, body)
    check.envelope()
    try:
        check.error() if status >= 300 else check.success()
    except (ElementTree.ParseError, UnicodeDecodeError, json.JSONDecodeError) as error:
        check.say("", f"is not well-formed: {error}")
    return check.found
