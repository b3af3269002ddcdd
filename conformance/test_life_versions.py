"""Versions of a family over Regions, the one that comes next, and images that carry theirs."""

import datetime

import pytest
from harness import ADMIN, Amictl, images_of, sandbox_server
from world import Builder

FAR = "eu-west-1"
BOTH = ("--region", f"us-east-1,{FAR}")
POLICY = """\
version: 1
families:
  - name: billing
    match: { tags: { app: billing } }
    version: "tag:release"
    keep: { newest: 5 }
    retire: [disable]
"""


@pytest.fixture
def versions(tmp_path):
    with sandbox_server(*ADMIN, "--pace", "all=0s") as server:
        here, far = Builder(server), Builder(server, FAR)
        for name in ("web-1.9.0", "web-1.10.0", "web-1.10.1", "api-7"):
            here.image(name, "keep", "")
        far.image("web-1.9.0", "keep", "")
        for name, release in (("bill-1", "0041"), ("bill-2", "0042")):
            here.image(name, "keep", "")
            here.tag([name], app="billing", release=release)
        (tmp_path / "amictl.yaml").write_text(POLICY)
        amictl = Amictl(tmp_path, server.url)
        amictl.server, amictl.builder = server, here
        yield amictl


def next_of(amictl, *args, code=0):
    """What comes next."""
    return amictl("version", "next", *args, code=code).stdout.strip()


def test_versions_are_listed_newest_first_with_the_regions_that_lack_them(versions):
    rows = versions("version", "list", "web", *BOTH, "--output", "json").json()
    assert [row["version"] for row in rows] == ["1.10.1", "1.10.0", "1.9.0"]
    assert [row["complete"] for row in rows] == [False, False, True]
    assert [place["region"] for place in rows[0]["missing"]] == [FAR]
    assert {image["region"] for image in rows[2]["images"]} == {"us-east-1", FAR}
    assert "none to launch in eu-west-1" in versions("version", "list", "web", *BOTH).stdout
    [first] = versions("version", "list", "billing", "-f", "amictl.yaml", "--output", "json").json()[:1]
    assert (first["version"], first["images"][0]["name"]) == ("0042", "bill-2")


def test_the_next_version_is_a_word_for_scripts(versions):
    assert next_of(versions, "web", "--scheme", "semver") == "1.10.2"
    assert next_of(versions, "web", "--scheme", "semver", "--bump", "minor") == "1.11.0"
    assert next_of(versions, "api", "--scheme", "counter") == "8"
    assert next_of(versions, "billing", "-f", "amictl.yaml", "--scheme", "counter") == "0043"
    assert next_of(versions, "new", "--scheme", "date") == datetime.datetime.now(datetime.UTC).strftime("%Y%m%d")
    row = versions("version", "next", "web", "--scheme", "semver", "--output", "json").json()
    assert (row["version"], row["name"], row["versions_there"]) == ("1.10.2", "web-1.10.2", 3)
    # A disabled image has its name still.
    versions.server.client("ec2").disable_image(ImageId=images_of(versions.server)["web-1.10.1"]["ImageId"])
    assert next_of(versions, "web", "--scheme", "semver") == "1.10.2"
    versions("version", "next", "web", "--scheme", "counter", code=1)
    versions("version", "next", "web", "--scheme", "counter", "--bump", "major", code=64)
    versions("version", "next", "nothing", "-f", "amictl.yaml", "--scheme", "counter", code=64)
    versions("version", "list", "web-*", code=64)


def test_an_image_carries_its_version_in_its_name_and_a_tag(versions):
    instance = versions.builder.instance(images_of(versions.server)["api-7"]["ImageId"])
    command = ("create", instance, "--name", "api-{version}", "--no-reboot")
    versions(*command, code=64)
    versions(*command, "--version", "8", "--tag", "app=api")
    image = images_of(versions.server)["api-8"]
    assert {tag["Key"]: tag["Value"] for tag in image["Tags"]} == {"app": "api", "version": "8"}
    assert next_of(versions, "api", "--scheme", "counter") == "9"
    assert next_of(versions, "api", "--tag", "version", "--scheme", "counter") == "9"
