"""Every operation of the sandbox, driven by boto3: each raw reply is one that botocore's model knows."""

import importlib
import traceback
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from harness import sandbox_server
from operations import operations_of_the_sandbox
from tale import CHAPTERS, Tale

FOLDER = Path(__file__).resolve().parent
for module in sorted(FOLDER.glob("tale_*.py")):
    importlib.import_module(module.stem)

OPERATIONS = sorted(operations_of_the_sandbox())


@dataclass
class Told:
    """The whole story: what was answered, and where a chapter broke off."""

    tale: Tale = field(repr=False)
    broken: dict[str, str] = field(repr=False)


def where_and_what(error: Exception) -> str:
    """The lines of this folder that led to an error, and the error."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).parent == FOLDER]
    lines = [f"{Path(frame.filename).name}:{frame.lineno}: {frame.line}" for frame in frames[1:]]
    return "\n".join([*lines, f"{type(error).__name__}: {error}"])


@pytest.fixture(scope="module")
def told() -> Told:
    """Tells all chapters to one sandbox with the sample world; one that breaks off does not stop the others."""
    with sandbox_server(world="sample") as server:
        tale, broken = Tale(server), {}
        for name, chapter in CHAPTERS.items():
            try:
                chapter(tale)
            except Exception as error:
                broken[name] = where_and_what(error)
        yield Told(tale, broken)


@pytest.mark.parametrize("name", CHAPTERS)
def test_chapter(told, name):
    if name in told.broken:
        pytest.fail(told.broken[name], pytrace=False)


@pytest.mark.parametrize("operation", OPERATIONS, ids=":".join)
def test_operation(told, operation):
    if operation not in told.tale.recorder.succeeded():
        pytest.fail("no chapter drives this operation to a reply", pytrace=False)
    if wrong := told.tale.recorder.wrong().get(operation):
        pytest.fail("\n\n".join("\n".join([*reply.problems, str(reply)]) for reply in wrong[:3]), pytrace=False)


def test_nothing_else_is_wrong_either(told):
    """Operations that are in no table, such as those of a service of its own."""
    wrong = {operation: replies for operation, replies in told.tale.recorder.wrong().items()}
    assert not {operation: wrong[operation][0].problems for operation in wrong if operation not in OPERATIONS}


def test_the_request_id_is_never_given_twice(told):
    ids = [reply.headers.get("x-amzn-requestid") for reply in told.tale.recorder.replies]
    assert len(set(ids)) == len(ids)
