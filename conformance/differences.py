"""One story told to two servers, and what differs; a table says which differences are known, and why."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError
from harness import Server

TIME = re.compile(r"\d{4}-\d\d-\d\d(T| )\d\d:\d\d(:\d\d(\.\d+)?)?(Z|\+00:00)?")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Addresses and what is derived from them are made up by every server.
MADE_UP = (
    (re.compile(r"\b(ip|ec2)-\d{1,3}-\d{1,3}-\d{1,3}-\d{1,3}\b"), "<host>"),
    (re.compile(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b"), "<address>"),
    (re.compile(r"\b[0-9a-f]{2}(:[0-9a-f]{2}){5}\b"), "<mac>"),
)
ID = re.compile(
    r"\b(ami|aki|ari|snap|vol|i|lt|r|vpc|subnet|sg|eni|eni-attach|igw|acl|rtb|dopt|sir|fleet|sfr)-[0-9a-f]{8,17}\b"
)
KINDS = ("only moto", "only sandbox", "value", "length")


@dataclass
class Teller:
    """Tells the story to one server and keeps every answer, made comparable."""

    server: Server
    answers: dict[str, object] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    _clients: dict[str, object] = field(default_factory=dict)

    def call(self, step: str, target: str, save: dict[str, str] | None = None, **parameters) -> dict:
        """One call; `save` names ids of the answer by where they stand in it, such as `Images.0.ImageId`."""
        assert step not in self.answers, step
        service, operation = target.split(":")
        if service not in self._clients:
            self._clients[service] = self.server.client(service)
        try:
            answer = getattr(self._clients[service], operation)(**parameters)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            answer = {"Error": error.response["Error"]["Code"], "Status": status}
        except ResponseParserError:
            answer = {"Error": "the reply is none of AWS"}
        answer.pop("ResponseMetadata", None)
        for name, path in (save or {}).items():
            if (found := at(answer, path)) is not None:
                self.names[str(found)] = f"<{name}>"
        self.answers[step] = self.comparable(answer)
        return answer

    def id(self, name: str) -> str:
        """The id that was saved under this name; one of nothing when there was none."""
        return next((found for found, known in self.names.items() if known == f"<{name}>"), f"{name}-unknown")

    def comparable(self, value):
        """A value with ids and times replaced by what they stand for, and lists in one order."""
        if isinstance(value, dict):
            return {self.comparable(key): self.comparable(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return sorted((self.comparable(inner) for inner in value), key=repr)
        if isinstance(value, datetime):
            return "<time>"
        if not isinstance(value, str):
            return value
        for known in sorted(self.names, key=len, reverse=True):
            value = value.replace(known, self.names[known])
        for pattern, name in MADE_UP:
            value = pattern.sub(name, value)
        value = ID.sub(lambda found: f"<{found[1]}>", TIME.sub("<time>", value))
        return UUID.sub("<uuid>", value)


def at(answer, path: str):
    """What stands at a path; nothing where it does not exist."""
    for part in path.split("."):
        try:
            answer = answer[int(part)] if isinstance(answer, list) else answer[part]
        except (KeyError, IndexError):
            return None
    return answer


@dataclass(frozen=True, order=True)
class Difference:
    """Where two answers differ, and how."""

    step: str
    path: str
    kind: str

    def __str__(self) -> str:
        return f"{self.step} | {self.path} | {self.kind}"


def compare(moto, sandbox, path: str = ""):
    """The paths at which two answers differ, with how, and both sides."""
    if isinstance(moto, dict) and isinstance(sandbox, dict):
        for key in sorted({*moto, *sandbox}):
            at = f"{path}.{key}" if path else key
            if key not in sandbox:
                yield at, "only moto", moto[key], None
            elif key not in moto:
                yield at, "only sandbox", None, sandbox[key]
            else:
                yield from compare(moto[key], sandbox[key], at)
    elif isinstance(moto, list) and isinstance(sandbox, list):
        if len(moto) != len(sandbox):
            yield f"{path}[]", "length", moto, sandbox
        else:
            for one, other in zip(moto, sandbox, strict=True):
                yield from compare(one, other, f"{path}[]")
    elif moto != sandbox:
        yield path, "value", moto, sandbox


def differences(moto: Teller, sandbox: Teller) -> dict[Difference, tuple]:
    """All differences of a story, with an example of both sides."""
    found = {}
    for step, answer in moto.answers.items():
        for path, kind, one, other in compare(answer, sandbox.answers[step]):
            found.setdefault(Difference(step, path, kind), (one, other))
    return found


@dataclass(frozen=True)
class Known:
    """A line of the table: patterns for step and path, the kind, and the reason."""

    step: str
    path: str
    kind: str
    reason: str

    def covers(self, difference: Difference) -> bool:
        """Whether this line is about that difference."""
        return (
            self.kind == difference.kind
            and any(fnmatchcase(difference.step, one.strip()) for one in self.step.split(","))
            and any(fnmatchcase(difference.path, literal(one.strip())) for one in self.path.split(","))
        )


def literal(pattern: str) -> str:
    """A pattern in which `[]` means itself."""
    return pattern.replace("[]", "[[]]")


def known_differences(table: Path) -> list[Known]:
    """The lines of a Markdown table with the columns step, path, difference and reason."""
    known = []
    for line in table.read_text().splitlines():
        if not line.startswith("|"):
            continue
        cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        if cells[0] == "Step" or set(cells[0]) <= {"-", ":"}:
            continue
        assert len(cells) == 4 and cells[2] in KINDS and len(cells[3]) > 10, f"not a line of the table: {line}"
        known.append(Known(*cells))
    return known
