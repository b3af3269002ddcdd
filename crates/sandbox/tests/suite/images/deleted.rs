//! What `DeregisterImage` says of the snapshots that it deletes.

use amictl_sandbox::{FaultKind, FaultRule, When};

use super::aws::{Aws, text, texts};

fn error(code: &str, status: u16) -> FaultKind {
    FaultKind::Error { code: code.to_owned(), status, message: "no".to_owned() }
}

#[test]
fn a_rule_for_its_deletion_is_told_of_a_snapshot() {
    for (kind, code) in [
        (FaultKind::AccessDenied, "missing-permissions"),
        (error("AccessDenied", 403), "missing-permissions"),
        (error("UnauthorizedOperation", 403), "missing-permissions"),
        (FaultKind::ServerError, "internal-error"),
        (FaultKind::Unavailable, "internal-error"),
        (FaultKind::Reset, "internal-error"),
        (error("OperationNotPermitted", 400), "client-error"),
        (FaultKind::Truncate, "success"),
    ] {
        for rule in [FaultRule::new("DeleteSnapshot", kind.clone()), FaultRule::new("*", kind).when(When::Nth(9))] {
            let aws = Aws::new();
            let (image, snapshot) = aws.own().image("web");
            let expected = if rule.operation == "*" { "success" } else { code };
            let has_effect = expected == "success";
            aws.sandbox.set_faults(vec![rule].into());
            let reply = aws.does(&format!("DeregisterImage&ImageId={image}&DeleteAssociatedSnapshots=true"));
            assert_eq!((text(&reply, "return"), text(&reply, "returnCode")), ("true".into(), expected.into()));
            aws.sandbox.set_faults(Vec::new().into());
            assert_eq!(aws.fails(&format!("DescribeImages&ImageId.1={image}")), "InvalidAMIID.NotFound");
            let left = texts(&aws.does("DescribeSnapshots&Owner.1=self"), "snapshotId");
            assert_eq!(left, if has_effect { vec![] } else { vec![snapshot] });
        }
    }
}

#[test]
fn a_rule_counts_the_deletions_and_may_come_after_them() {
    let aws = Aws::new();
    let own = aws.own();
    let (first, second) = (own.snapshot(), own.snapshot());
    let form = format!(
        "RegisterImage&Name=two&RootDeviceName=/dev/xvda&VirtualizationType=hvm&Architecture=x86_64&\
         BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.SnapshotId={first}&\
         BlockDeviceMapping.2.DeviceName=/dev/xvdb&BlockDeviceMapping.2.Ebs.SnapshotId={second}"
    );
    let image = text(&own.does(&form), "imageId");
    let rule = FaultRule::new("DeleteSnapshot", FaultKind::ServerError).when(When::Nth(2)).after_effect();
    aws.sandbox.set_faults(vec![rule].into());
    let reply = own.does(&format!("DeregisterImage&ImageId={image}&DeleteAssociatedSnapshots=true"));
    assert_eq!(texts(&reply, "returnCode"), ["success", "internal-error"]);
    assert!(texts(&own.does("DescribeSnapshots&Owner.1=self"), "snapshotId").is_empty());
}
