//! IAM policies: what a caller may do, and how it is told what it may not.

use amictl_sandbox::SandboxConfig;
use hyper::Request;
use serde_json::{Value, json};

use super::door::{Answer, Door, answer, still};

fn door(permissions: Value) -> Door {
    Door::new(SandboxConfig { permissions: serde_json::from_value(permissions).unwrap(), ..still() })
}

fn allowing(actions: &[&str]) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})
}

impl Door {
    fn may(&self, actions: &[&str]) {
        self.sandbox.set_permissions(serde_json::from_value(allowing(actions)).unwrap());
    }

    async fn json(&self, service: &str, target: &str) -> Answer {
        let request =
            Request::post("/").header("x-amz-target", target).header("content-type", "application/x-amz-json-1.1");
        answer(self.send(service, request, "{}").await)
    }
}

#[tokio::test]
async fn what_is_not_allowed_is_denied_as_the_service_denies_it() {
    let door = door(allowing(&["ec2:DescribeVpcs"]));
    door.done("Action=DescribeVpcs").await;
    let reply = door.ec2("Action=DescribeImages").await;
    assert_eq!((reply.status, reply.code()), (403, "UnauthorizedOperation"));
    assert!(reply.text.contains("not authorized to perform: ec2:DescribeImages because no"), "{}", reply.text);
    // Permissions are looked at before anything is, a dry run and the existence of things too.
    assert_eq!(door.ec2("Action=DeleteVolume&VolumeId=vol-00000001&DryRun=true").await.code(), "UnauthorizedOperation");
    let groups = "Action=DescribeAutoScalingGroups&Version=2011-01-01";
    let reply = door.query("autoscaling", groups).await;
    assert_eq!((reply.status, reply.code()), (403, "AccessDenied"));
    let reply = door.json("ssm", "AmazonSSM.DescribeParameters").await;
    assert!(reply.status == 400 && reply.text.contains("AccessDeniedException"), "{}", reply.text);
    let buckets = Request::get("/");
    let reply = answer(door.send("s3", buckets, "").await);
    assert_eq!((reply.status, reply.code()), (403, "AccessDenied"));
    assert!(reply.text.contains("s3:ListAllMyBuckets"), "{}", reply.text);
    let who = door.query("sts", "Action=GetCallerIdentity&Version=2011-06-15").await;
    assert_eq!(who.status, 200, "everybody may ask who they are");
    door.may(&["autoscaling:*", "ssm:Describe*", "s3:ListAllMyBuckets"]);
    assert_eq!(door.query("autoscaling", groups).await.status, 200);
    assert_eq!(door.json("ssm", "AmazonSSM.DescribeParameters").await.status, 200);
    assert_eq!(answer(door.send("s3", Request::get("/"), "").await).status, 200);
    assert_eq!(door.ec2("Action=DescribeVpcs").await.code(), "UnauthorizedOperation");
}

#[tokio::test]
async fn accounts_have_policies_of_their_own() {
    let door = door(json!({"accounts": {"123456789012": allowing(&["ec2:*"]), "*": {"Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "ec2:Describe*", "Resource": "*"},
    ]}}}));
    door.done("Action=DescribeVpcs").await;
    let reply = door.of("210987654321", "us-east-1").ec2("Action=DescribeVpcs").await;
    assert_eq!(reply.code(), "UnauthorizedOperation");
    assert!(reply.text.contains("with an explicit deny"), "{}", reply.text);
    assert_eq!(door.query("autoscaling", "Action=DescribeTags&Version=2011-01-01").await.code(), "AccessDenied");
}

#[tokio::test]
async fn some_requests_need_further_actions() {
    let door = door(allowing(&["*"]));
    let snapshot = {
        let volume = door.done("Action=CreateVolume&AvailabilityZone=us-east-1a&Size=8").await;
        let create = format!("Action=CreateSnapshot&VolumeId={}", volume.element("volumeId"));
        door.done(&create).await.element("snapshotId").to_owned()
    };
    let register = format!(
        "Action=RegisterImage&Name=web&RootDeviceName=/dev/xvda&VirtualizationType=hvm&Architecture=x86_64&\
         BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.SnapshotId={snapshot}"
    );
    let image = door.done(&register).await.element("imageId").to_owned();
    let tags =
        "TagSpecification.1.ResourceType=volume&TagSpecification.1.Tag.1.Key=app&TagSpecification.1.Tag.1.Value=x";
    {
        let mut world = door.sandbox.world();
        world.scope_mut(door.account.parse().unwrap(), &door.region.parse().unwrap()).put_parameter("/golden", &image);
    }
    let references = format!("Action=DescribeImageReferences&ImageId.1={image}");
    let of_kind = |kind: &str| format!("{references}&ResourceType.1.ResourceType={kind}");
    let launch = "Action=RunInstances&MinCount=1&MaxCount=1";
    for (form, first, further) in [
        (
            format!("Action=CreateVolume&AvailabilityZone=us-east-1a&Size=8&{tags}"),
            "ec2:CreateVolume",
            &["ec2:CreateTags"][..],
        ),
        (of_kind("ec2:Instance"), "ec2:DescribeImageReferences", &["ec2:DescribeInstances"]),
        (of_kind("ssm:Parameter"), "ec2:DescribeImageReferences", &["ssm:DescribeParameters", "ssm:GetParameters"]),
        (
            format!("{references}&IncludeAllResourceTypes=true"),
            "ec2:DescribeImageReferences",
            &[
                "ec2:DescribeInstances",
                "ec2:DescribeLaunchTemplates",
                "ec2:DescribeLaunchTemplateVersions",
                "ssm:DescribeParameters",
                "ssm:GetParameters",
                "imagebuilder:ListImageRecipes",
                "imagebuilder:ListContainerRecipes",
                "imagebuilder:GetContainerRecipe",
            ],
        ),
        (
            "Action=DescribeLaunchTemplateVersions&LaunchTemplateVersion.1=$Latest&ResolveAlias=true".to_owned(),
            "ec2:DescribeLaunchTemplateVersions",
            &["ssm:GetParameters"],
        ),
        (format!("{launch}&ImageId={image}&IamInstanceProfile.Name=app"), "ec2:RunInstances", &["iam:PassRole"]),
        (format!("{launch}&ImageId=resolve:ssm:/golden"), "ec2:RunInstances", &["ssm:GetParameters"]),
    ] {
        let mut allowed = vec![first];
        for action in further {
            door.may(&allowed);
            let reply = door.ec2(&form).await;
            assert_eq!(reply.code(), "UnauthorizedOperation", "{form}");
            assert!(reply.text.contains(&format!("to perform: {action} because")), "{action}: {}", reply.text);
            allowed.push(action);
        }
        door.may(&allowed);
        door.done(&form).await;
    }
    door.may(&["ec2:DeregisterImage"]);
    let gone = door.done(&format!("Action=DeregisterImage&ImageId={image}&DeleteAssociatedSnapshots=true")).await;
    assert_eq!(gone.element("returnCode"), "missing-permissions");
}
