"""A plan that was made with files is applied with them: what they say by then counts."""

import pytest
from conftest import in_400_days
from harness import Amictl, images_of, sandbox_server
from world import Builder, policy_for_all


@pytest.fixture
def account(tmp_path):
    with sandbox_server() as server:
        image = Builder(server).image("old-1", "retire", "unused")
        amictl = Amictl(tmp_path, server.url)
        (tmp_path / "policy.yaml").write_text(policy_for_all(other_accounts="ignore"))
        (tmp_path / "infra").mkdir()
        (tmp_path / "infra" / "main.tf").write_text('image = "ami-00000000"\n')
        options = ("--now", in_400_days(), "--references-from", "infra", "--out", "plan.json")
        amictl("plan", "-f", "policy.yaml", *options)
        yield server, amictl, image


def apply(amictl, *options: str, code: int = 0) -> dict:
    """The only step of the run."""
    run = amictl("apply", "plan.json", "--yes", "--settle", "0s", "--output", "json", *options, code=code).json()
    [step] = run["steps"]
    return step


def test_a_file_that_names_the_image_by_now_keeps_it(account, tmp_path):
    server, amictl, image = account
    (tmp_path / "infra" / "main.tf").write_text(f'\nimage = "{image}"\n')
    step = apply(amictl, code=3)
    assert (step["outcome"], step["reason"]) == ("skipped", "named in a file now: infra/main.tf:2")
    assert images_of(server)["old-1"]["State"] == "available"


def test_without_the_files_nothing_is_done_and_with_them_elsewhere_it_is(account, tmp_path):
    server, amictl, _ = account
    (tmp_path / "infra").rename(tmp_path / "moved")
    step = apply(amictl, code=3)
    assert step["outcome"] == "skipped" and "--references-from" in step["reason"], step
    assert images_of(server)["old-1"]["State"] == "available"
    assert apply(amictl, "--references-from", "moved")["outcome"] == "done"
    assert "old-1" not in images_of(server)
