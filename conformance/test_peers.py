"""Cloud Custodian and aws-amicleaner against the sandbox: each ends as its authors intend, read back by boto3."""

import datetime

import pytest
from harness import REGION, images_of, sandbox_server, snapshots_of
from peers import REFUSED, AmiCleaner, Custodian, Peer
from world import Builder

OTHER_REGION = "eu-west-1"


@pytest.fixture
def server():
    """A fresh sandbox."""
    with sandbox_server() as server:
        yield server


@pytest.fixture
def builder(server) -> Builder:
    """Builds in it."""
    return Builder(server)


def snapshots(server, image_id: str) -> set[str]:
    """The snapshots of an image."""
    [image] = server.client("ec2").describe_images(ImageIds=[image_id])["Images"]
    return {mapping["Ebs"]["SnapshotId"] for mapping in image["BlockDeviceMappings"] if "Ebs" in mapping}


@pytest.mark.parametrize("call", ["create_connection(('192.0.2.1', 443), 1)", "getaddrinfo('example.com', 443)"])
def test_no_peer_can_leave_this_machine(tmp_path, call):
    peer = Peer(tmp_path, "http://127.0.0.1:1", "-c", f"import socket; socket.{call}")
    with pytest.raises(AssertionError, match=REFUSED):
        peer()


# --- Cloud Custodian


def used_images(b: Builder) -> set[str]:
    """One image in each place where the filter `unused` looks."""
    images = {name: b.image(name, "keep", "in_use") for name in ("of-instance", "of-configuration", "of-template")}
    b.instance(images["of-instance"])
    b.launch_configuration("configuration", images["of-configuration"])
    b.empty_group("with-configuration", LaunchConfigurationName="configuration")
    template = b.template("template", images["of-template"])
    b.empty_group("with-template", LaunchTemplate={"LaunchTemplateId": template, "Version": "$Latest"})
    return set(images)


@pytest.fixture
def custodian(server, tmp_path) -> Custodian:
    """Cloud Custodian pointed at the sandbox."""
    return Custodian(tmp_path / "custodian", server.url)


def test_custodian_deregisters_what_is_unused_with_its_snapshots(server, builder, custodian):
    used = used_images(builder)
    unused = {name: builder.image(name, "retire", "unused") for name in ("old-1", "old-2")}
    kept = builder.image("old-but-tagged", "keep", "excluded")
    builder.tag(["old-but-tagged"], keep="yes")
    shared = builder.snapshot("of two images")
    unused["on-shared"] = builder.image("on-shared", "retire", "unused", shared)
    builder.image("of-instance-too", "keep", "in_use", shared)
    builder.instance(builder.world.ids["of-instance-too"])
    doomed = set.union(*(snapshots(server, image_id) for image_id in unused.values())) - {shared}
    before = snapshots_of(server)

    matched = custodian.run(
        "unused-gone",
        [{"type": "unused", "value": True}, {"tag:keep": "absent"}, {"type": "image-age", "days": 0, "op": "ge"}],
        [{"type": "deregister", "delete-snapshots": True}],
    )

    assert {image["ImageId"] for image in matched} == set(unused.values())
    assert images_of(server).keys() == used | {"old-but-tagged", "of-instance-too"}
    assert images_of(server)["old-but-tagged"]["ImageId"] == kept
    assert before - snapshots_of(server) == doomed, "the shared snapshot is in use by another image and stays"


def test_custodian_matches_what_is_used(server, builder, custodian):
    used = used_images(builder)
    builder.image("old", "retire", "unused")
    matched = custodian.run("used", [{"type": "unused", "value": False}], [])
    assert {image["Name"] for image in matched} == used


def test_a_dry_run_of_custodian_changes_nothing(server, builder, custodian):
    builder.image("old", "retire", "unused")
    matched = custodian.run("dry", [{"type": "unused"}], [{"type": "deregister", "delete-snapshots": True}], "--dryrun")
    assert [image["Name"] for image in matched] == ["old"]
    assert images_of(server).keys() == {"old"}


def test_custodian_deprecates_and_takes_it_back(server, builder, custodian):
    builder.image("old", "keep", "")
    builder.image("new", "keep", "")
    builder.tag(["old"], lifecycle="deprecate")

    custodian.run("deprecate", [{"tag:lifecycle": "deprecate"}], [{"type": "set-deprecation", "days": 30}])
    images = images_of(server)
    assert "DeprecationTime" not in images["new"]
    time = datetime.datetime.fromisoformat(images["old"]["DeprecationTime"])
    ahead = time - datetime.datetime.now(datetime.timezone.utc)
    assert datetime.timedelta(days=29, hours=23) < ahead < datetime.timedelta(days=30, hours=1)

    custodian.run("undeprecate", [{"type": "value", "key": "DeprecationTime", "value": "present"}], ["set-deprecation"])
    assert "DeprecationTime" not in images_of(server)["old"]


def test_custodian_copies_to_another_region(server, builder, custodian):
    image_id = builder.image("golden", "keep", "")
    builder.image("other", "keep", "")
    # Cloud Custodian copies only images that have a description.
    server.client("ec2").modify_image_attribute(ImageId=image_id, Description={"Value": "the golden one"})
    custodian.run(
        "copy",
        [{"Name": "golden"}],
        [{"type": "copy", "region": OTHER_REGION, "name": "golden-copy", "description": "by a policy"}],
    )
    [(name, copy)] = images_of(server, OTHER_REGION).items()
    assert (name, copy["Description"]) == ("golden-copy", "by a policy")
    assert (copy["SourceImageId"], copy["SourceImageRegion"]) == (image_id, REGION)
    assert snapshots(server, image_id).isdisjoint(
        mapping["Ebs"]["SnapshotId"] for mapping in copy["BlockDeviceMappings"]
    )
    assert images_of(server).keys() == {"golden", "other"}


def test_custodian_takes_back_what_was_shared_with_strangers(server, builder, custodian):
    ec2 = server.client("ec2")
    for name in ("with-friend", "with-stranger"):
        builder.image(name, "keep", "")
    for name, account in (("with-friend", "111122223333"), ("with-stranger", "444455556666")):
        ec2.modify_image_attribute(
            ImageId=builder.world.ids[name], LaunchPermission={"Add": [{"UserId": account}, {"UserId": "111122223333"}]}
        )
    custodian.run(
        "strangers",
        [{"type": "cross-account", "whitelist": ["111122223333"]}],
        [{"type": "set-permissions", "remove": "matched"}],
    )
    for name in ("with-friend", "with-stranger"):
        reply = ec2.describe_image_attribute(ImageId=builder.world.ids[name], Attribute="launchPermission")
        assert reply["LaunchPermissions"] == [{"UserId": "111122223333"}], name


# --- aws-amicleaner


@pytest.fixture
def amicleaner(server, tmp_path) -> AmiCleaner:
    """aws-amicleaner pointed at the sandbox."""
    return AmiCleaner(tmp_path / "amicleaner", server.url)


@pytest.fixture
def family(server, builder) -> dict[str, str]:
    """Five images of one family, the last two newer; the second is in use."""
    for version in (1, 2, 3):
        builder.image(f"web-{version}", "", "")
    builder.next_second()
    for version in (4, 5):
        builder.image(f"web-{version}", "", "")
    builder.image("database-1", "", "")
    builder.instance(builder.world.ids["web-2"])
    return builder.world.ids


KEEP_TWO = ("--mapping-key", "name", "--mapping-values", "web", "--keep-previous", "2")


def test_amicleaner_reports_and_does_nothing_when_told_no(server, amicleaner, family):
    before = snapshots_of(server)
    printed = amicleaner("--full-report", *KEEP_TWO, answers="n\n")
    for name, image_id in family.items():
        assert (image_id in printed) == (name in ("web-1", "web-3")), f"{name}\n{printed}"
    assert images_of(server).keys() == family.keys()
    assert snapshots_of(server) == before


def test_amicleaner_deletes_what_it_reported(server, amicleaner, family):
    doomed = {name: snapshots(server, family[name]) for name in ("web-1", "web-3")}
    before = snapshots_of(server)
    printed = amicleaner(*KEEP_TWO, "--force-delete")
    assert f"{family['web-1']} deregistered" in printed
    assert "failed snapshots" not in printed
    assert images_of(server).keys() == family.keys() - doomed.keys()
    assert before - snapshots_of(server) == set.union(*doomed.values())


def test_amicleaner_deletes_by_id(server, amicleaner, family):
    doomed = snapshots(server, family["database-1"])
    before = snapshots_of(server)
    amicleaner("--from-ids", family["database-1"])
    assert images_of(server).keys() == family.keys() - {"database-1"}
    assert before - snapshots_of(server) == doomed


def test_amicleaner_finds_orphaned_snapshots_of_created_images(server, builder, amicleaner):
    ec2 = server.client("ec2")
    instance = builder.instance(builder.image("base", "", ""))
    created = [ec2.create_image(InstanceId=instance, Name=f"created-{n}", NoReboot=True)["ImageId"] for n in (1, 2)]
    ec2.get_waiter("image_available").wait(ImageIds=created, WaiterConfig={"Delay": 1})
    orphans, used = snapshots(server, created[0]), snapshots(server, created[1])
    ec2.deregister_image(ImageId=created[0])
    before = snapshots_of(server)
    assert orphans <= before

    printed = amicleaner("--check-orphans", *KEEP_TWO, answers="y\n")

    assert "1 orphan snapshots successfully removed" in printed
    assert before - snapshots_of(server) == orphans
    assert used <= snapshots_of(server)
