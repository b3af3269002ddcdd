"""Every operation of the sandbox, driven by boto3: each raw reply is one that botocore's model knows."""

import importlib
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from harness import sandbox_server
from operations import operations_of_the_sandbox
from strict import Recorder
from strict_check import REQUEST_ID_HEADERS
from tale import CHAPTERS, OPTIONS, Tale

FOLDER = Path(__file__).resolve().parent
for module in sorted(FOLDER.glob("tale_*.py")):
    importlib.import_module(module.stem)

OPERATIONS = sorted(operations_of_the_sandbox())


@dataclass
class Told:
    """The whole story: what was answered, and where a chapter broke off."""

    recorder: Recorder = field(default_factory=Recorder, repr=False)
    broken: dict[str, str] = field(default_factory=dict, repr=False)


def where_and_what(error: Exception) -> str:
    """The lines of this folder that led to an error, and the error."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).parent == FOLDER]
    lines = [f"{Path(frame.filename).name}:{frame.lineno}: {frame.line}" for frame in frames[1:]]
    return "\n".join([*lines, f"{type(error).__name__}: {error}"])


@pytest.fixture(scope="module")
def told() -> Told:
    """Tells all chapters, each in its world; one that breaks off does not stop the others."""
    told = Told()
    for world, chapters in CHAPTERS.items():
        with sandbox_server(*OPTIONS.get(world, ()), world=world if world == "sample" else "empty") as server:
            tale = Tale(server, told.recorder)
            for name, chapter in chapters.items():
                try:
                    chapter(tale)
                except Exception as error:
                    told.broken[name] = where_and_what(error)
    return told


@pytest.mark.parametrize("name", [name for chapters in CHAPTERS.values() for name in chapters])
def test_chapter(told, name):
    if name in told.broken:
        pytest.fail(told.broken[name], pytrace=False)


@pytest.mark.parametrize("operation", OPERATIONS, ids=":".join)
def test_operation(told, operation):
    if operation not in told.recorder.succeeded():
        pytest.fail("no chapter drives this operation to a reply", pytrace=False)
    if wrong := told.recorder.wrong().get(operation):
        pytest.fail("\n\n".join("\n".join([*reply.problems, str(reply)]) for reply in wrong[:3]), pytrace=False)


def test_nothing_else_is_wrong_either(told):
    """Operations that are in no table, such as those of a service of its own."""
    wrong = {operation: replies for operation, replies in told.recorder.wrong().items()}
    assert not {operation: wrong[operation][0].problems for operation in wrong if operation not in OPERATIONS}


def test_the_request_id_is_never_given_twice(told):
    """Each server has request ids of its own; the URL says which it was."""
    ids = [
        (
            urlsplit(reply.request.url).netloc,
            next(reply.headers[name] for name in REQUEST_ID_HEADERS if name in reply.headers),
        )
        for reply in told.recorder.replies
    ]
    assert len(set(ids)) == len(ids)
