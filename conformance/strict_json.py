"""Replies in JSON: AWS's JSON protocols and REST with JSON."""

import json
from collections import Counter

from botocore.model import Shape
from strict_check import BODILESS_LOCATIONS, RANGES, Check

# Members of an error that every JSON protocol has, beside those of its shape.
JSON_ERROR_MEMBERS = {"__type", "message", "Message", "code", "Code"}


class Json(Check):
    """AWS's JSON protocols."""

    def document(self):
        """The body, with no name twice in an object."""

        def once(pairs):
            for name, count in Counter(name for name, _ in pairs).items():
                if count > 1:
                    self.say(name, "stands there more than once")
            return dict(pairs)

        return json.loads((self.body or b"").decode(), object_pairs_hook=once)

    def success(self):
        shape = self.model.output_shape
        if shape is None:
            if self.body and self.document() != {}:
                self.say("", f"has a body that the model does not know: {self.body[:80]!r}")
            return
        self.shape(shape, self.document(), "")

    def shape(self, shape: Shape, value, path: str):
        """Any value against its shape."""
        if value is None:
            self.say(path, "is null: AWS leaves out what is not there")
            return
        check = {
            "structure": self.structure,
            "list": self.members,
            "map": self.entries,
            "boolean": self.boolean,
            "timestamp": self.time,
            "integer": self.number,
            "long": self.number,
            "float": self.number,
            "double": self.number,
        }.get(shape.type_name, self.plain)
        check(shape, value, path)

    def is_a(self, kind: type | tuple, value, path: str) -> bool:
        """Whether JSON's type is the right one; `true` is no number."""
        right = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        if not right:
            self.say(path, f"is of the wrong type: {value!r:.80}")
        return right

    def structure(self, shape: Shape, value, path: str):
        """An object whose names are members."""
        if getattr(shape, "is_document_type", False) or not self.is_a(dict, value, path):
            return
        names = {
            member.serialization.get("name", name): (name, member)
            for name, member in shape.members.items()
            if member.serialization.get("location") not in BODILESS_LOCATIONS
        }
        present = []
        for key, inner in value.items():
            if key not in names:
                self.say(f"{path}.{key}", "is not known to the model")
                continue
            name, member = names[key]
            present.append(name)
            self.shape(member, inner, f"{path}.{key}")
        self.required(shape, present, path)
        self.union(shape, present, path)

    def members(self, shape: Shape, value, path: str):
        if self.is_a(list, value, path):
            self.bounds(shape, len(value), path)
            for index, inner in enumerate(value):
                self.shape(shape.member, inner, f"{path}[{index}]")

    def entries(self, shape: Shape, value, path: str):
        if self.is_a(dict, value, path):
            for key, inner in value.items():
                self.string(shape.key, key, f"{path}.{key}")
                self.shape(shape.value, inner, f"{path}.{key}")

    def boolean(self, _: Shape, value, path: str):
        self.is_a(bool, value, path)

    def number(self, shape: Shape, value, path: str):
        whole = shape.type_name in RANGES
        if self.is_a(int if whole else (int, float), value, path):
            if whole:
                self.integer(shape, value, path)
            else:
                self.bounds(shape, value, path)

    def time(self, shape: Shape, value, path: str):
        form = shape.serialization.get("timestampFormat", "unixTimestamp")
        if form == "unixTimestamp":
            self.is_a((int, float), value, path)
        elif self.is_a(str, value, path):
            self.timestamp(form, value, path)

    def plain(self, shape: Shape, value, path: str):
        if not self.is_a(str, value, path):
            return
        if shape.type_name == "blob":
            self.blob(value, path)
        else:
            self.string(shape, value, path)

    def error(self):
        body = self.document()
        if not self.is_a(dict, body, "the error"):
            return
        self.named(body.get("__type"), body)

    def named(self, kind, body: dict):
        """An error of this type: its name, its message, and its members."""
        if not isinstance(kind, str) or not kind:
            self.say("", "does not say which error it is")
            return
        shape = self.known_error(kind.rsplit("#", 1)[-1].split(":", 1)[0])
        known = {member.serialization.get("name", name) for name, member in shape.members.items()} if shape else set()
        for key in set(body) - known - JSON_ERROR_MEMBERS:
            self.say(f".{key}", "is not known to the model")
        # SSM's ParameterNotFound, for one, comes without a message.
        message = body.get("message", body.get("Message"))
        if message is not None and not isinstance(message, str):
            self.say(".message", f"is no text: {message!r}")


class RestJson(Json):
    """REST with JSON."""

    def success(self):
        shape = self.model.output_shape
        if shape is None:
            super().success()
            return
        self.head(shape)
        payload = shape.serialization.get("payload")
        body_shape = shape.members[payload] if payload else shape
        if self.body is None or body_shape.type_name in ("blob", "string"):
            return
        self.shape(body_shape, self.document() if self.body else {}, "")

    def error(self):
        body = self.document()
        if self.is_a(dict, body, "the error"):
            self.named(self.headers.get("x-amzn-errortype") or body.get("code") or body.get("__type"), body)
