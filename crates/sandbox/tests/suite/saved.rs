//! A world that was saved and loaded goes on exactly as the one that was not.

use amictl_model::Moment;
use amictl_sandbox::{Clock, Sandbox, SandboxConfig, World, sample};
use hyper::Request;
use hyper::body::Bytes;
use proptest::prelude::*;

const CALLS: &[&str] = &[
    "Action=DescribeImages&MaxResults=9",
    "Action=DescribeImages&IncludeDisabled=true&IncludeDeprecated=true",
    "Action=DescribeSnapshots&OwnerId.1=self&MaxResults=11",
    "Action=DescribeInstances",
    "Action=DescribeVolumes",
    "Action=DescribeTags",
    "Action=DescribeLaunchTemplates",
    "Action=DescribeLaunchTemplateVersions&LaunchTemplateVersion.1=$Latest&ResolveAlias=true",
    "Action=DescribeImageAttribute&Attribute=launchPermission&ImageId=@image",
    "Action=DisableImage&ImageId=@image",
    "Action=EnableImage&ImageId=@image",
    "Action=ListImagesInRecycleBin",
    "Action=CreateImageUsageReport&ImageId=@image&ResourceType.1.ResourceType=ec2:Instance",
    "Action=DescribeImageUsageReports",
    "Action=DescribeInstanceImageMetadata",
    "Action=DescribeImageReferences&ImageId.1=@image&IncludeAllResourceTypes=true",
    "Action=EnableImageBlockPublicAccess&ImageBlockPublicAccessState=block-new-sharing",
    "Action=EnableAllowedImagesSettings&AllowedImagesSettingsState=enabled",
    "Action=DeregisterImage&ImageId=@image",
    "Action=EnableImageDeregistrationProtection&ImageId=@image&WithCooldown=true",
    "Action=DisableImageDeregistrationProtection&ImageId=@image",
    "Action=ModifyImageAttribute&ImageId=@image&LaunchPermission.Add.1.UserId=210987654321",
    "Action=CopyImage&SourceImageId=@image&SourceRegion=us-east-1&Name=copy",
    "Action=RegisterImage&Name=made&RootDeviceName=/dev/xvda&BlockDeviceMapping.1.DeviceName=/dev/xvda\
     &BlockDeviceMapping.1.Ebs.SnapshotId=@snapshot",
    "Action=CreateImage&InstanceId=@instance&Name=of-instance",
    "Action=RunInstances&ImageId=@image&MinCount=1&MaxCount=2&InstanceType=m6i.large",
    "Action=TerminateInstances&InstanceId.1=@instance",
    "Action=StopInstances&InstanceId.1=@instance",
    "Action=DeleteSnapshot&SnapshotId=@snapshot",
    "Action=CreateTags&ResourceId.1=@image&Tag.1.Key=k&Tag.1.Value=v%3C%26",
    "Action=CreateVolume&SnapshotId=@snapshot&AvailabilityZone=us-east-1a",
    "Action=CreateLaunchTemplate&LaunchTemplateName=lt&LaunchTemplateData.ImageId=@image",
];

/// Ids of the kinds that calls name.
struct Ids {
    images: Vec<String>,
    snapshots: Vec<String>,
    instances: Vec<String>,
}

impl Ids {
    fn of(world: &World) -> Self {
        let mut ids = Self { images: Vec::new(), snapshots: Vec::new(), instances: Vec::new() };
        for (region, account, scope) in world.scopes() {
            if region.as_str() == "us-east-1" && account.to_string() == "123456789012" {
                ids.images.extend(scope.images().map(|image| image.id.to_string()));
                ids.snapshots.extend(scope.snapshots().map(|snapshot| snapshot.id.to_string()));
                ids.instances.extend(scope.instances().map(|instance| instance.id.to_string()));
            }
        }
        ids
    }

    fn form(&self, call: usize, number: usize) -> String {
        let pick = |ids: &[String]| ids[number % ids.len()].clone();
        CALLS[call]
            .replace("@image", &pick(&self.images))
            .replace("@snapshot", &pick(&self.snapshots))
            .replace("@instance", &pick(&self.instances))
    }
}

fn now() -> Moment {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

fn sandbox(world: World) -> Sandbox {
    Sandbox::new(world, SandboxConfig { clock: Clock::fixed(now()), ..SandboxConfig::default() })
}

/// Status and body of the answer, without the request's id.
fn call(sandbox: &Sandbox, form: &str) -> (u16, String) {
    let credential = "AWS4-HMAC-SHA256 Credential=123456789012/20261121/us-east-1/ec2/aws4_request, Signature=0";
    let request = Request::post("/")
        .header("authorization", credential)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(format!("{form}&Version=2016-11-15")))
        .unwrap();
    let response = futures::executor::block_on(sandbox.respond(request)).whole().unwrap();
    let body = String::from_utf8(response.body().to_vec()).unwrap();
    let id = response.headers()["x-amzn-requestid"].to_str().unwrap();
    (response.status().as_u16(), body.replace(id, "ID"))
}

fn saved(sandbox: &Sandbox) -> Vec<u8> {
    let mut text = Vec::new();
    sandbox.world().save(None, &mut text).unwrap();
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_loaded_world_answers_as_the_saved_one(
        before in prop::collection::vec((0..CALLS.len(), any::<u16>()), 0..12),
        after in prop::collection::vec((0..CALLS.len(), any::<u16>()), 1..24),
    ) {
        let world = sample(now());
        let ids = Ids::of(&world);
        let one = sandbox(world);
        for (at, number) in before {
            call(&one, &ids.form(at, number.into()));
        }
        let other = sandbox(World::load(saved(&one).as_slice()).unwrap().world);
        let ids = Ids::of(&one.world());
        for (at, number) in after {
            let form = ids.form(at, number.into());
            prop_assert_eq!(call(&one, &form), call(&other, &form), "{}", form);
        }
        prop_assert!(saved(&one) == saved(&other));
    }
}
