"""What people and other programs read: every output format, `explain`, exit codes, and text that an attacker has chosen."""

import csv
import io
import json
import re

import pytest
import world as worlds
from conftest import in_400_days
from harness import Amictl, moto_server

FORMATS = ["table", "json", "ndjson", "csv", "markdown"]
# moto takes any name; AWS takes any of these as a tag's value.
HOSTILE = [
    "single-<b>bold</b>",
    'single-"quoted",comma',
    "single-a|b",
    "single-rtl\u202eexe",
    "=HYPERLINK(1)",
    "+12",
    "@sum",
]


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """A small world in moto, with names that no one should trust, and the policy beside it."""
    with moto_server() as server:
        world = worlds.build_small(server)
        world.hostile = {name: server.client("ec2").register_image(Name=name)["ImageId"] for name in HOSTILE}
        amictl = Amictl(tmp_path_factory.mktemp("output"), server.url)
        (amictl.home / "policy.yaml").write_text(worlds.POLICY)
        yield amictl, world


def plan(amictl: Amictl, output: str) -> str:
    """The plan as a person asks for it."""
    return amictl("plan", "-f", "policy.yaml", "--now", in_400_days(), "--all", "--output", output).stdout


@pytest.mark.parametrize("output", FORMATS)
def test_a_plan_tells_every_unused_and_every_kept_image(planned, output):
    amictl, world = planned
    text = plan(amictl, output)
    for name, image_id in world.ids.items():
        assert image_id in text, f"{name}: {output} has to tell why it is kept, too"


@pytest.mark.parametrize("output", ["table", "markdown", "csv"])
def test_text_from_outside_cannot_reach_the_terminal_or_a_spreadsheet(planned, output):
    amictl, _ = planned
    text = plan(amictl, output)
    assert "\u202e" not in text, "a character that turns the reading direction"
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text), "no control characters"


def test_csv_is_csv_and_no_cell_is_a_formula(planned):
    amictl, world = planned
    rows = list(csv.DictReader(io.StringIO(plan(amictl, "csv"))))
    by_id = {row["image_id"]: row for row in rows if row.get("image_id")}
    assert by_id.keys() >= set(world.ids.values())
    assert {by_id[world.ids[name]]["decision"] for name in world.unused} == {"retire"}
    assert {by_id[world.ids[name]]["decision"] for name in world.kept} == {"keep"}
    assert all(None not in row for row in rows), "no row has more cells than the head"
    for row in rows:
        for cell in row.values():
            assert not cell or cell[0] not in "=+@\t", row
    assert any(row["name"].endswith('"quoted",comma') for row in rows)


def test_ndjson_is_a_document_a_line(planned):
    amictl, world = planned
    documents = [json.loads(line) for line in plan(amictl, "ndjson").splitlines()]
    told = {document["image_id"] for document in documents if "image_id" in document}
    assert told >= set(world.ids.values())


def test_markdown_cells_stay_in_their_columns(planned):
    amictl, world = planned
    text = plan(amictl, "markdown")
    rows = [line for line in text.splitlines() if world.hostile["single-a|b"] in line and line.startswith("|")]
    assert rows, text
    for row in rows:
        before = text[: text.index(row)].splitlines()
        head = next(line for line in reversed(before) if re.fullmatch(r"[|:\- ]+", line) and "-" in line)
        assert len(re.findall(r"(?<!\\)\|", row)) == head.count("|"), row
    assert "<b>" not in re.sub(r"`[^`\n]*`", "", text), "HTML is only code"


def test_json_keeps_names_as_they_are(planned):
    amictl, _ = planned
    names = {verdict["name"] for verdict in json.loads(plan(amictl, "json"))["verdicts"]}
    assert names >= set(HOSTILE)


def test_every_verdict_has_a_reason(planned):
    amictl, _ = planned
    document = json.loads(plan(amictl, "json"))
    for verdict in document["verdicts"]:
        assert verdict["reasons"], verdict
        assert all(reason["message"] for reason in verdict["reasons"]), verdict


def test_steps_say_what_can_be_taken_back_and_what_is_saved(planned):
    amictl, world = planned
    document = json.loads(plan(amictl, "json"))
    assert {step["target"] for step in document["steps"] if step["action"] == "deregister"} >= {
        world.ids[name] for name in world.unused
    }
    ids = [step["id"] for step in document["steps"]]
    assert len(set(ids)) == len(ids)
    for step in document["steps"]:
        assert step["undo"] in {"enable", "restore", "undeprecate", "none"}
        assert set(step["after"]) <= set(ids)
        assert step["monthly_usd_upper_bound"] >= 0
        assert step["expects"]["state"] in {"available", "disabled"}


def test_pending_changes_show_in_the_exit_code_when_asked(planned):
    amictl, _ = planned
    arguments = ("plan", "-f", "policy.yaml", "--now", in_400_days())
    amictl(*arguments, code=0)
    amictl(*arguments, "--detailed-exitcode", code=2)


def test_explain_shows_the_evidence(planned):
    amictl, world = planned
    used = amictl("explain", world.ids["single-used"], "-f", "policy.yaml", "--now", in_400_days()).stdout
    assert "single-used" in used and "keep" in used.lower()
    assert re.search(r"\bi-[0-9a-f]+", used), "the instance that uses it"
    unused = amictl("explain", world.ids["single-000"], "-f", "policy.yaml", "--now", in_400_days()).stdout
    assert "retire" in unused.lower() or "deregister" in unused.lower()


def test_explain_of_an_image_that_is_not_there(planned):
    amictl, _ = planned
    result = amictl("explain", "ami-0123456789abcdef0", "-f", "policy.yaml", code=1)
    assert "ami-0123456789abcdef0" in result.stderr


def test_a_careful_policy_is_built_in(planned):
    """Without a file: nothing that was just made is retired."""
    amictl, _ = planned
    document = amictl("plan", "--output", "json").json()
    assert document["verdicts"] and document["steps"] == []


def test_no_colour_and_no_progress_in_a_pipe(planned):
    amictl, _ = planned
    result = amictl("plan", "-f", "policy.yaml", "--now", in_400_days())
    assert "\x1b" not in result.stdout + result.stderr
    assert "\r" not in result.stdout + result.stderr


def test_quiet_is_quiet(planned):
    amictl, _ = planned
    assert amictl("scan", "--quiet", "--output", "json").stderr == ""
