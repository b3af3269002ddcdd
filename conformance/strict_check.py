"""What the checks of all protocols share: scalars, limits, headers, and which errors the model knows."""

import base64
import binascii
import re
from collections.abc import Iterable
from email.utils import parsedate_to_datetime

from botocore.model import OperationModel, ServiceModel, Shape

CONTENT_TYPES = {
    "ec2": {"text/xml"},
    "query": {"text/xml"},
    "rest-xml": {"application/xml", "text/xml"},
    "rest-json": {"application/json"},
}
REQUEST_ID_HEADERS = ("x-amzn-requestid", "x-amz-request-id")
ISO_8601 = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?Z")
INTEGER = re.compile(r"-?(0|[1-9]\d*)")
FLOAT = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
RANGES = {"integer": 2**31, "long": 2**63}
# What AWS itself answers against its model: EC2 documents the platform of an image or instance as `windows`.
ANSWERED_ANYWAY = {"PlatformValues": {"windows"}}
BODILESS_LOCATIONS = {"header", "headers", "statusCode"}


class Check:
    """One reply under examination."""

    def __init__(self, service: ServiceModel, model: OperationModel, status: int, headers, body: bytes | None):
        self.service = service
        self.model = model
        self.protocol = service.resolved_protocol
        self.status = status
        self.headers = headers
        self.body = body
        self.found: list[str] = []

    def say(self, path: str, what: str):
        """Notes a problem."""
        self.found.append(f"{path or 'the reply'} {what}")

    def envelope(self):
        """What every reply has around it."""
        if not any(self.headers.get(name) for name in REQUEST_ID_HEADERS):
            self.say("", "has no request id among its headers")
        wanted = CONTENT_TYPES.get(self.protocol)
        if wanted is None:
            wanted = {f"application/x-amz-json-{self.service.metadata['jsonVersion']}"}
        found = self.headers.get("content-type", "").split(";")[0].strip().lower()
        if self.body and found not in wanted:
            self.say("", f"has the content type {found!r}, not {' or '.join(sorted(wanted))}")

    def success(self):
        """Looks into a reply that is no error."""
        raise NotImplementedError

    def error(self):
        """Looks into an error."""
        raise NotImplementedError

    def bounds(self, shape: Shape, size: float, path: str):
        """A length, count or number against the model's limits; what is empty passes, for AWS itself answers it so."""
        low, high = shape.metadata.get("min"), shape.metadata.get("max")
        is_empty = size == 0 and shape.type_name in ("list", "map", "string")
        if low is not None and size < low and not is_empty:
            self.say(path, f"is below its minimum of {low}: {size}")
        if high is not None and size > high:
            self.say(path, f"is above its maximum of {high}: {size}")

    def string(self, shape: Shape, text: str, path: str):
        """A string against its enumeration, length and pattern."""
        enum = getattr(shape, "enum", None)
        if enum and text not in enum and text not in ANSWERED_ANYWAY.get(shape.name, ()):
            self.say(path, f"is none of {', '.join(enum[:20])}: {text!r}")
        self.bounds(shape, len(text), path)
        pattern = shape.metadata.get("pattern")
        try:
            fits = pattern is None or re.search(pattern, text)
        except re.error:
            return  # Written for another engine.
        if not fits:
            self.say(path, f"does not match {pattern}: {text!r}")

    def blob(self, text: str, path: str):
        """A blob in text."""
        try:
            base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            self.say(path, f"is not base64: {text[:60]!r}")

    def text(self, shape: Shape, text: str, path: str, timestamp_format: str = "iso8601"):
        """A scalar that came as text: in XML or in a header."""
        kind = shape.type_name
        if kind == "boolean":
            if text not in ("true", "false"):
                self.say(path, f"is neither true nor false: {text!r}")
        elif kind in RANGES:
            if not INTEGER.fullmatch(text):
                self.say(path, f"is no integer: {text!r}")
            else:
                self.integer(shape, int(text), path)
        elif kind in ("float", "double"):
            if not FLOAT.fullmatch(text):
                self.say(path, f"is no number: {text!r}")
        elif kind == "timestamp":
            self.timestamp(shape.serialization.get("timestampFormat", timestamp_format), text, path)
        elif kind == "blob":
            self.blob(text, path)
        else:
            self.string(shape, text, path)

    def integer(self, shape: Shape, number: int, path: str):
        """An integer against its width and limits."""
        limit = RANGES[shape.type_name]
        if not -limit <= number < limit:
            self.say(path, f"does not fit into the type {shape.type_name}: {number}")
        self.bounds(shape, number, path)

    def timestamp(self, form: str, text: str, path: str):
        """A time as text."""
        if form == "iso8601":
            if not ISO_8601.fullmatch(text):
                self.say(path, f"is no time in ISO 8601: {text!r}")
        elif form == "rfc822":
            try:
                parsedate_to_datetime(text)
            except ValueError:
                self.say(path, f"is no time in RFC 822: {text!r}")
        elif not FLOAT.fullmatch(text):
            self.say(path, f"is no time in seconds: {text!r}")

    def required(self, shape: Shape, present: Iterable[str], path: str):
        """Whether all members that the model demands are there, of those that stand in the body."""
        for name in set(shape.required_members) - set(present):
            if shape.members[name].serialization.get("location") not in BODILESS_LOCATIONS:
                self.say(path, f"lacks the required member {name}")

    def union(self, shape: Shape, members: Iterable[str], path: str):
        """A union has exactly one member."""
        if getattr(shape, "is_tagged_union", False) and len(set(members)) != 1:
            self.say(path, f"is a union and has the members {sorted(members)}")

    def head(self, shape: Shape):
        """The members of the output that are headers."""
        for name, member in shape.members.items():
            if member.serialization.get("location") != "header":
                continue
            header = member.serialization.get("name", name).lower()
            if header in self.headers:
                if member.type_name not in ("list", "map", "structure"):
                    self.text(member, self.headers[header], f"header {header}", "rfc822")
            elif name in shape.required_members:
                self.say("", f"lacks the required header {header}")

    def known_error(self, code: str) -> Shape | None:
        """The model's shape of this error, if it has one; its HTTP status is checked."""
        for shape in self.service.error_shapes:
            details = shape.metadata.get("error", {})
            if code not in (shape.name, details.get("code")):
                continue
            status = details.get("httpStatusCode")
            if status is not None and status != self.status:
                self.say("", f"answers {code} with HTTP {self.status}, not {status}")
            return shape
        return None
