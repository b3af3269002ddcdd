//! Snapshots as time goes by, between accounts and under all that forbids to delete them.

use amictl_model::{Moment, SnapshotId, Tags};

use super::copy_snapshot::CopySnapshot;
use super::create_snapshot::CreateSnapshot;
use super::delete_snapshot::DeleteSnapshot;
use super::describe_fast_restores::DescribeFastSnapshotRestores;
use super::describe_imports::DescribeImportSnapshotTasks;
use super::describe_snapshots::DescribeSnapshots;
use super::fast_restores::{DisableFastSnapshotRestores, EnableFastSnapshotRestores};
use super::import_snapshot::{CancelImportTask, ImportSnapshot};
use super::locked_snapshots::DescribeLockedSnapshots;
use super::public_access::EnableSnapshotBlockPublicAccess;
use super::recycle_bin::{ListSnapshotsInRecycleBin, RestoreSnapshotFromRecycleBin};
use super::snapshot_attribute::ModifySnapshotAttribute;
use super::snapshot_lock::{LockSnapshot, UnlockSnapshot};
use super::snapshot_tier::{ModifySnapshotTier, RestoreSnapshotTier};
use super::tier_status::DescribeSnapshotTierStatus;
use crate::ops::ebs::list_blocks::ListSnapshotBlocks;
use crate::ops::images::disable_image::DisableImage;
use crate::ops::images::register_image::RegisterImage;
use crate::ops::rbin::create_rule::CreateRule;
use crate::ops::volumes::create_volume::CreateVolume;
use crate::ops::{Ctx, Op};
use crate::wire::{Body, Params, Reply, Xml, decode_form, decode_json};
use crate::world::Pace;
use crate::world::s3::Object;
use crate::{Fault, World};

/// A world, and who calls in it at what time.
pub(crate) struct Talk {
    pub(crate) world: World,
    pub(crate) ctx: Ctx,
}

impl Talk {
    pub(crate) fn new() -> Self {
        let now: Moment = "2026-11-21T09:00:00Z".parse().unwrap();
        let ctx = Ctx::at("123456789012".parse().unwrap(), "us-east-1".parse().unwrap(), now);
        Self { world: World::new(1), ctx }
    }

    pub(crate) fn pace(mut self, secs: u32) -> Self {
        self.world.set_pace(Pace {
            image_secs: 0,
            snapshot_secs: secs,
            instance_secs: secs,
            task_secs: secs,
            usage_secs: 0,
        });
        self
    }

    pub(crate) fn wait(&mut self, secs: i64) {
        self.ctx.now = self.ctx.now.plus_secs(secs);
    }

    /// The same as another account.
    fn as_other<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let account = std::mem::replace(&mut self.ctx.account, "210987654321".parse().unwrap());
        let result = act(self);
        self.ctx.account = account;
        result
    }

    fn call<O: Op>(&mut self, params: &Params) -> Result<String, Fault> {
        let output = O::run(&mut self.world, &self.ctx, O::decode(params)?)?;
        Ok(match output.into_body() {
            Body::Xml(reply) => {
                let mut xml = Xml::default();
                reply.encode(&mut xml);
                xml.finish()
            }
            Body::Json(json) => json.value.to_string(),
            Body::Blob(blob) => format!("{:?}", blob.headers),
        })
    }

    /// Calls an operation with a form.
    pub(crate) fn ask<O: Op>(&mut self, form: &str) -> Result<String, Fault> {
        self.call::<O>(&decode_form(form.as_bytes()).unwrap())
    }

    /// Calls an operation with a JSON document.
    pub(crate) fn json<O: Op>(&mut self, document: &serde_json::Value) -> Result<serde_json::Value, Fault> {
        let reply = self.call::<O>(&decode_json(document.to_string().as_bytes()).unwrap())?;
        Ok(serde_json::from_str(&reply).unwrap())
    }

    /// The code of a refusal.
    pub(crate) fn code<O: Op>(&mut self, form: &str) -> String {
        self.ask::<O>(form).unwrap_err().code.into_owned()
    }

    fn volume(&mut self) -> String {
        let reply = self.ask::<CreateVolume>("AvailabilityZone=us-east-1a&Size=1").unwrap();
        element(&reply, "volumeId")
    }

    pub(crate) fn snapshot(&mut self) -> String {
        let volume = self.volume();
        self.wait(self.world.pace.instance_secs.into());
        element(&self.ask::<CreateSnapshot>(&format!("VolumeId={volume}")).unwrap(), "snapshotId")
    }

    fn image(&mut self, snapshot: &str) -> String {
        let form = format!(
            "Name={snapshot}&RootDeviceName=/dev/sda1&Architecture=x86_64&VirtualizationType=hvm\
             &BlockDeviceMapping.1.DeviceName=/dev/sda1&BlockDeviceMapping.1.Ebs.SnapshotId={snapshot}"
        );
        element(&self.ask::<RegisterImage>(&form).unwrap(), "imageId")
    }

    fn rule(&mut self, days: u32) {
        let rule = serde_json::json!({
            "ResourceType": "EBS_SNAPSHOT",
            "RetentionPeriod": {"RetentionPeriodValue": days, "RetentionPeriodUnit": "DAYS"},
        });
        self.json::<CreateRule>(&rule).unwrap();
    }
}

/// The text of the first element of this name.
pub(crate) fn element(reply: &str, name: &str) -> String {
    let text = reply.split(&format!("<{name}>")).nth(1).and_then(|rest| rest.split('<').next());
    text.unwrap_or_else(|| panic!("no {name} in {reply}")).to_owned()
}

#[test]
fn a_snapshot_is_pending_for_its_time_and_nothing_is_made_of_it_before() {
    let mut talk = Talk::new().pace(60);
    let id = talk.snapshot();
    talk.wait(30);
    let shown = talk.ask::<DescribeSnapshots>(&format!("SnapshotId.1={id}")).unwrap();
    assert_eq!((element(&shown, "status").as_str(), element(&shown, "progress").as_str()), ("pending", "50%"));
    assert!(!shown.contains("completionTime"));
    let volume = format!("AvailabilityZone=us-east-1a&SnapshotId={id}");
    assert_eq!(talk.code::<CreateVolume>(&volume), "IncorrectState");
    assert_eq!(talk.code::<CopySnapshot>(&format!("SourceRegion=us-east-1&SourceSnapshotId={id}")), "IncorrectState");
    assert_eq!(talk.code::<ModifySnapshotTier>(&format!("SnapshotId={id}")), "IncorrectState");
    let by_progress =
        "Filter.1.Name=progress&Filter.1.Value.1=50%25&Filter.2.Name=start-time&Filter.2.Value.1=2026-11-21*";
    assert!(talk.ask::<DescribeSnapshots>(by_progress).unwrap().contains(&id));
    talk.wait(30);
    let shown = talk.ask::<DescribeSnapshots>(&format!("SnapshotId.1={id}")).unwrap();
    assert_eq!(element(&shown, "completionTime"), "2026-11-21T09:02:00.000Z");
    assert!(talk.ask::<CreateVolume>(&volume).is_ok());
}

#[test]
fn what_uses_locks_or_manages_a_snapshot_keeps_it() {
    let mut talk = Talk::new();
    let id = talk.snapshot();
    let delete = format!("SnapshotId={id}");
    let image = talk.image(&id);
    let fault = talk.ask::<DeleteSnapshot>(&delete).unwrap_err();
    assert_eq!(fault.code, "InvalidSnapshot.InUse");
    assert_eq!(fault.message, format!("The snapshot {id} is currently in use by {image}"));
    talk.ask::<DisableImage>(&format!("ImageId={image}")).unwrap();
    assert_eq!(talk.code::<DeleteSnapshot>(&delete), "InvalidSnapshot.InUse");

    let id = talk.snapshot();
    let delete = format!("SnapshotId={id}");
    talk.ask::<LockSnapshot>(&format!("{delete}&LockMode=governance&LockDuration=1")).unwrap();
    assert_eq!(talk.code::<DeleteSnapshot>(&delete), "OperationNotPermitted");
    talk.wait(86_400);
    assert!(talk.ask::<DescribeLockedSnapshots>("").unwrap().contains("<lockState>expired"));
    assert!(talk.ask::<DeleteSnapshot>(&delete).is_ok());
    assert_eq!(talk.code::<DeleteSnapshot>(&delete), "InvalidSnapshot.NotFound");

    let id: SnapshotId = talk.snapshot().parse().unwrap();
    let tags: Tags = [("aws:backup:source-resource", "x")].into_iter().collect();
    let (account, region) = (talk.ctx.account, talk.ctx.region.clone());
    let mut snapshot = talk.world.scope(account, &region).unwrap().snapshots.get(&id).unwrap().as_ref().clone();
    snapshot.tags = tags;
    talk.world.scope_mut(account, &region).put_snapshot(snapshot);
    let fault = talk.ask::<DeleteSnapshot>(&format!("SnapshotId={id}")).unwrap_err();
    assert_eq!(fault.code, "InvalidParameterValue");
    assert!(fault.message.contains("managed by the AWS Backup service"), "{fault}");
}

#[test]
fn the_bin_keeps_a_snapshot_as_long_as_the_longest_rule_says() {
    let mut talk = Talk::new().pace(60);
    let id = talk.snapshot();
    talk.wait(60);
    talk.rule(2);
    talk.rule(7);
    talk.wait(60);
    talk.ask::<DeleteSnapshot>(&format!("SnapshotId={id}")).unwrap();
    assert_eq!(talk.code::<DescribeSnapshots>(&format!("SnapshotId.1={id}")), "InvalidSnapshot.NotFound");
    let bin = talk.ask::<ListSnapshotsInRecycleBin>("").unwrap();
    assert_eq!(element(&bin, "recycleBinExitTime"), "2026-11-28T09:03:00.000Z");
    talk.wait(7 * 86_400 - 1);
    let restored = talk.ask::<RestoreSnapshotFromRecycleBin>(&format!("SnapshotId={id}")).unwrap();
    assert_eq!(element(&restored, "status"), "pending");
    talk.wait(60);
    let shown = talk.ask::<DescribeSnapshots>(&format!("SnapshotId.1={id}")).unwrap();
    assert!(shown.contains("<status>completed") && !shown.contains("aws:recycle-bin"), "{shown}");
    talk.ask::<DeleteSnapshot>(&format!("SnapshotId={id}")).unwrap();
    talk.wait(7 * 86_400);
    assert!(!talk.ask::<ListSnapshotsInRecycleBin>("").unwrap().contains(&id));
    assert_eq!(talk.code::<RestoreSnapshotFromRecycleBin>(&format!("SnapshotId={id}")), "InvalidSnapshot.NotFound");
}

#[test]
fn only_snapshots_of_disabled_images_go_to_the_archive_and_a_restore_for_a_time_ends() {
    let mut talk = Talk::new();
    let id = talk.snapshot();
    let image = talk.image(&id);
    talk = talk.pace(60);
    let form = format!("SnapshotId={id}");
    assert_eq!(talk.code::<ModifySnapshotTier>(&form), "InvalidSnapshot.InUse");
    talk.ask::<DisableImage>(&format!("ImageId={image}")).unwrap();
    talk.ask::<ModifySnapshotTier>(&form).unwrap();
    let status = |talk: &mut Talk| {
        let reply = talk.ask::<DescribeSnapshotTierStatus>("").unwrap();
        (element(&reply, "lastTieringOperationStatus"), element(&reply, "storageTier"))
    };
    let of = |status: &str, tier: &str| (status.to_owned(), tier.to_owned());
    assert_eq!(status(&mut talk), of("archival-in-progress", "standard"));
    assert_eq!(talk.code::<RestoreSnapshotTier>(&format!("{form}&PermanentRestore=true")), "IncorrectState");
    talk.wait(60);
    assert_eq!(status(&mut talk), of("archival-completed", "archive"));
    assert_eq!(talk.code::<CreateVolume>(&format!("AvailabilityZone=us-east-1a&{form}")), "IncorrectState");
    for days in ["0", "181", "x"] {
        let code = talk.code::<RestoreSnapshotTier>(&format!("{form}&TemporaryRestoreDays={days}"));
        assert_eq!(code, "InvalidParameterValue");
    }
    talk.ask::<RestoreSnapshotTier>(&format!("{form}&TemporaryRestoreDays=3")).unwrap();
    assert_eq!(status(&mut talk), of("temporary-restore-in-progress", "archive"));
    talk.wait(60);
    let shown = talk.ask::<DescribeSnapshots>(&format!("SnapshotId.1={id}")).unwrap();
    assert!(shown.contains("<storageTier>standard") && shown.contains("restoreExpiryTime"), "{shown}");
    talk.wait(3 * 86_400);
    assert_eq!(status(&mut talk).1, "archive");
    talk.ask::<RestoreSnapshotTier>(&format!("{form}&PermanentRestore=true")).unwrap();
    talk.wait(60);
    assert_eq!(status(&mut talk), of("permanent-restore-completed", "standard"));
    assert_eq!(talk.code::<RestoreSnapshotTier>(&format!("{form}&PermanentRestore=true")), "IncorrectState");
}

#[test]
fn others_see_and_use_what_is_shared_and_no_more() {
    let mut talk = Talk::new();
    let (shared, public, private) = (talk.snapshot(), talk.snapshot(), talk.snapshot());
    let share = |id: &str, whom: &str| format!("SnapshotId={id}&CreateVolumePermission.Add.1.{whom}");
    talk.ask::<ModifySnapshotAttribute>(&share(&shared, "UserId=210987654321")).unwrap();
    talk.ask::<ModifySnapshotAttribute>(&share(&public, "Group=all")).unwrap();
    let sees = |talk: &mut Talk, form: &str| {
        let reply = talk.as_other(|talk| talk.ask::<DescribeSnapshots>(form)).unwrap();
        [&shared, &public, &private].map(|id| reply.contains(id.as_str()))
    };
    assert_eq!(sees(&mut talk, ""), [true, true, false]);
    assert_eq!(sees(&mut talk, "Owner.1=self"), [false, false, false]);
    assert_eq!(sees(&mut talk, "Owner.1=123456789012"), [true, true, false]);
    assert_eq!(sees(&mut talk, "RestorableBy.1=self"), [true, false, false]);
    assert_eq!(sees(&mut talk, "RestorableBy.1=all"), [false, true, false]);
    assert_eq!(sees(&mut talk, &format!("SnapshotId.1={private}")), [false, false, false]);
    let other = talk.as_other(|talk| {
        let copy = talk.ask::<CopySnapshot>(&format!("SourceRegion=us-east-1&SourceSnapshotId={shared}")).unwrap();
        assert!(talk.ask::<CreateVolume>(&format!("AvailabilityZone=us-east-1a&SnapshotId={public}")).is_ok());
        let volume = format!("AvailabilityZone=us-east-1a&SnapshotId={private}");
        assert_eq!(talk.code::<CreateVolume>(&volume), "InvalidSnapshot.NotFound");
        assert_eq!(talk.code::<DeleteSnapshot>(&format!("SnapshotId={shared}")), "AuthFailure");
        assert_eq!(talk.code::<DeleteSnapshot>(&format!("SnapshotId={private}")), "InvalidSnapshot.NotFound");
        element(&copy, "snapshotId")
    });
    assert!(!talk.ask::<DescribeSnapshots>("").unwrap().contains(&other));
    talk.ask::<EnableSnapshotBlockPublicAccess>("State=block-all-sharing").unwrap();
    assert_eq!(sees(&mut talk, ""), [true, false, false]);
    assert_eq!(talk.code::<ModifySnapshotAttribute>(&share(&private, "Group=all")), "OperationNotPermitted");
}

#[test]
fn snapshots_under_the_default_key_are_not_shared_and_a_wrong_key_fails_late() {
    let mut talk = Talk::new().pace(60);
    let id = talk.snapshot();
    talk.wait(60);
    let copy = |talk: &mut Talk, key: &str| {
        let form = format!("SourceRegion=us-east-1&SourceSnapshotId={id}&Encrypted=true{key}");
        let id = element(&talk.ask::<CopySnapshot>(&form).unwrap(), "snapshotId");
        talk.wait(60);
        id
    };
    let default = copy(&mut talk, "");
    let own = copy(&mut talk, "&KmsKeyId=alias/mine");
    let wrong = copy(&mut talk, "&KmsKeyId=nonsense");
    let share = |id: &str, whom: &str| format!("SnapshotId={id}&OperationType=add&{whom}");
    assert_eq!(talk.code::<ModifySnapshotAttribute>(&share(&default, "UserId.1=210987654321")), "InvalidParameter");
    assert_eq!(talk.code::<ModifySnapshotAttribute>(&share(&own, "UserGroup.1=all")), "InvalidParameter");
    assert!(talk.ask::<ModifySnapshotAttribute>(&share(&own, "UserId.1=210987654321")).is_ok());
    let shown = talk.ask::<DescribeSnapshots>(&format!("SnapshotId.1={wrong}")).unwrap();
    assert_eq!(element(&shown, "status"), "error");
    assert_eq!(element(&shown, "statusMessage"), "Given key ID is not accessible");
}

#[test]
fn pages_in_sum_are_the_list_also_over_accounts() {
    let mut talk = Talk::new();
    for _ in 0..13 {
        talk.snapshot();
        let id = talk.as_other(Talk::snapshot);
        let share = format!("SnapshotId={id}&CreateVolumePermission.Add.1.UserId=123456789012");
        talk.as_other(|talk| talk.ask::<ModifySnapshotAttribute>(&share)).unwrap();
    }
    let ids = |reply: &str| -> Vec<String> {
        reply.split("<snapshotId>").skip(1).filter_map(|rest| Some(rest.split('<').next()?.to_owned())).collect()
    };
    let all = ids(&talk.ask::<DescribeSnapshots>("").unwrap());
    assert_eq!(all.len(), 26);
    let (mut paged, mut token) = (Vec::new(), String::new());
    loop {
        let reply = talk.ask::<DescribeSnapshots>(&format!("MaxResults=5{token}")).unwrap();
        paged.extend(ids(&reply));
        if !reply.contains("nextToken") {
            break;
        }
        token = format!("&NextToken={}", element(&reply, "nextToken"));
    }
    assert_eq!(paged, all);
}

#[test]
fn a_compliance_lock_that_has_cooled_off_is_only_extended() {
    let mut talk = Talk::new();
    let id = talk.snapshot();
    let lock = |rest: &str| format!("SnapshotId={id}&LockMode={rest}");
    for (form, code) in [
        ("governance", "MissingParameter"),
        ("governance&LockDuration=1&CoolOffPeriod=1", "InvalidParameterCombination"),
        ("compliance&LockDuration=1&CoolOffPeriod=73", "InvalidParameterValue"),
        ("compliance&LockDuration=36501", "InvalidParameterValue"),
        ("compliance&LockDuration=1&ExpirationDate=2027-01-01T00:00:00Z", "InvalidParameterCombination"),
        ("compliance&ExpirationDate=2020-01-01T00:00:00Z", "InvalidParameterValue"),
        ("other&LockDuration=1", "InvalidParameterValue"),
    ] {
        assert_eq!(talk.code::<LockSnapshot>(&lock(form)), code, "{form}");
    }
    let locked = talk.ask::<LockSnapshot>(&lock("compliance&LockDuration=10&CoolOffPeriod=2")).unwrap();
    assert_eq!(element(&locked, "lockState"), "compliance-cooloff");
    assert!(talk.ask::<LockSnapshot>(&lock("compliance&LockDuration=5&CoolOffPeriod=2")).is_ok());
    talk.wait(2 * 3600);
    assert_eq!(talk.code::<UnlockSnapshot>(&format!("SnapshotId={id}")), "OperationNotPermitted");
    assert_eq!(talk.code::<LockSnapshot>(&lock("compliance&LockDuration=4")), "OperationNotPermitted");
    assert_eq!(talk.code::<LockSnapshot>(&lock("governance&LockDuration=9")), "OperationNotPermitted");
    assert!(talk.ask::<LockSnapshot>(&lock("compliance&LockDuration=9")).is_ok());
    talk.wait(9 * 86_400);
    assert!(talk.ask::<DeleteSnapshot>(&format!("SnapshotId={id}")).is_ok());
}

#[test]
fn fast_restores_come_and_go_by_the_clock() {
    let mut talk = Talk::new().pace(60);
    let id = talk.snapshot();
    talk.wait(60);
    let form = format!("SourceSnapshotId.1={id}&AvailabilityZone.1=us-east-1a&AvailabilityZone.2=us-east-1z");
    let reply = talk.ask::<EnableFastSnapshotRestores>(&form).unwrap();
    assert_eq!(
        (element(&reply, "state").as_str(), element(&reply, "code").as_str()),
        ("enabling", "InvalidZone.NotFound")
    );
    let state = |talk: &mut Talk| element(&talk.ask::<DescribeFastSnapshotRestores>("").unwrap(), "state");
    talk.wait(30);
    assert_eq!(state(&mut talk), "optimizing");
    talk.wait(30);
    assert_eq!(state(&mut talk), "enabled");
    let volume = talk.ask::<CreateVolume>(&format!("AvailabilityZone=us-east-1a&SnapshotId={id}")).unwrap();
    assert_eq!(element(&volume, "fastRestored"), "true");
    assert_eq!(talk.code::<ModifySnapshotTier>(&format!("SnapshotId={id}")), "IncorrectState");
    talk.ask::<DisableFastSnapshotRestores>(&form).unwrap();
    assert_eq!(state(&mut talk), "disabling");
    talk.wait(60);
    assert_eq!(state(&mut talk), "disabled");
}

#[test]
fn an_import_makes_a_snapshot_unless_it_is_cancelled() {
    let mut talk = Talk::new().pace(60);
    let disk =
        "DiskContainer.Format=vmdk&DiskContainer.Url=https://example.com/disk.vmdk&ClientData.UploadSize=3221225473";
    let reply = talk.ask::<ImportSnapshot>(disk).unwrap();
    assert_eq!(element(&reply, "status"), "active");
    let task = element(&reply, "importTaskId");
    let gone = element(&talk.ask::<ImportSnapshot>(disk).unwrap(), "importTaskId");
    talk.ask::<CancelImportTask>(&format!("ImportTaskId={gone}")).unwrap();
    talk.wait(60);
    assert_eq!(talk.code::<CancelImportTask>(&format!("ImportTaskId={task}")), "IncorrectState");
    let snapshots = talk.ask::<DescribeSnapshots>("Owner.1=self").unwrap();
    assert_eq!((snapshots.matches("<snapshotId>").count(), element(&snapshots, "volumeSize").as_str()), (1, "4"));
}

#[test]
fn a_raw_disk_in_s3_becomes_the_blocks_of_a_snapshot() {
    let mut talk = Talk::new().pace(60);
    let disk = |bucket: &str, key: &str| {
        format!(
            "DiskContainer.Format=RAW&DiskContainer.UserBucket.S3Bucket={bucket}&DiskContainer.UserBucket.S3Key={key}"
        )
    };
    assert_eq!(talk.code::<ImportSnapshot>(&disk("disks", "disk")), "InvalidParameter");
    let (account, now) = (talk.ctx.account, talk.ctx.now);
    let mut bytes = vec![0; 3 << 19];
    bytes[1 << 19] = 7;
    let bucket = talk.world.s3.create_bucket("disks", account, "us-east-1".parse().unwrap(), now);
    bucket.put("disk", Object::new(bytes, now), String::new);
    talk.world.s3.create_bucket("far", account, "eu-west-1".parse().unwrap(), now);
    assert_eq!(talk.code::<ImportSnapshot>(&disk("far", "disk")), "InvalidParameter");
    talk.ask::<ImportSnapshot>(&disk("disks", "disk")).unwrap();
    let failed = element(&talk.ask::<ImportSnapshot>(&disk("disks", "gone")).unwrap(), "importTaskId");
    talk.wait(60);
    let failed = talk.ask::<DescribeImportSnapshotTasks>(&format!("ImportTaskId.1={failed}")).unwrap();
    assert!(failed.contains("<status>deleted") && failed.contains("404 Not Found"), "{failed}");
    let snapshots = talk.ask::<DescribeSnapshots>("").unwrap();
    assert_eq!(element(&snapshots, "fullSnapshotSizeInBytes"), (1 << 19).to_string());
    let blocks = serde_json::json!({"snapshotId": element(&snapshots, "snapshotId")});
    let blocks = talk.json::<ListSnapshotBlocks>(&blocks).unwrap();
    assert_eq!((blocks["Blocks"].as_array().unwrap().len(), &blocks["Blocks"][0]["BlockIndex"]), (1, &1.into()));
}
