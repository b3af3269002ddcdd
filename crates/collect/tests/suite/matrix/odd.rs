//! What is neither a use nor none: gone in between, not to be understood, or not to be had in the Region.

use amictl_model::{CoverageStatus, Source};
use amictl_policy::Decision;
use amictl_sandbox::{FaultKind, FaultRule, HookPoint};
use serde_json::json;

use super::Judged;
use super::account::{self, Account};

fn error(operation: &str, code: &str, message: &str) -> FaultRule {
    let (code, message) = (code.to_owned(), message.to_owned());
    FaultRule::new(operation, FaultKind::Error { code, status: 400, message })
}

/// Judges an account; the source must be like this, and the idle image blocked by it unless it is complete.
async fn expect(account: &Account, faults: Vec<FaultRule>, source: Source, status: CoverageStatus, detail: &str) {
    let judged = Judged::of(account, faults).await;
    let (found, said) = judged.coverage(source);
    assert_eq!(found, status, "{source}: {said}");
    assert!(said.contains(detail), "{source}: `{said}` does not say `{detail}`");
    let idle = account.name("idle");
    if status == CoverageStatus::Complete {
        assert!(matches!(judged.verdict(idle).decision, Decision::Retire(_)), "{:?}", judged.verdict(idle));
    } else {
        assert!(judged.is_blocked_by(idle, source));
    }
}

#[tokio::test]
async fn a_type_that_the_region_does_not_have_hides_nothing_and_one_that_cannot_be_listed_hides_all() {
    let account = Account::new(false);
    let fleets = |rule: FaultRule| vec![rule.about_type("AWS::CodeBuild::Fleet")];
    let missing = error("ListResources", "TypeNotFoundException", "The type 'AWS::CodeBuild::Fleet' cannot be found.");
    let note = "AWS::CodeBuild::Fleet does not exist in this Region";
    expect(&account, fleets(missing), Source::Codebuild, CoverageStatus::Complete, note).await;
    let unsupported = error(
        "ListResources",
        "UnsupportedActionException",
        "Resource type AWS::CodeBuild::Fleet does not support LIST action",
    );
    let said = "does not support LIST action";
    expect(&account, fleets(unsupported), Source::Codebuild, CoverageStatus::Failed, said).await;
}

#[tokio::test]
async fn what_is_deleted_between_the_list_and_the_look_is_no_failure() {
    let account = Account::new(false);
    account.resource("AWS::CodeBuild::Fleet", "arn", &json!({"ImageId": "$image"}));
    let gone = error("GetResource", "ResourceNotFoundException", "Resource of type was not found.");
    expect(&account, vec![gone], Source::Codebuild, CoverageStatus::Complete, "").await;

    account.parameter("/gone", "$image");
    account.sandbox.hook(HookPoint::Before, "GetParameters", 1, |world, _, _| {
        let scope = world.scope_mut(account::id(), &account::region());
        assert!(scope.remove_parameter("/gone"));
    });
    expect(&account, Vec::new(), Source::SsmParameters, CoverageStatus::Complete, "").await;
}

#[tokio::test]
async fn what_cannot_be_understood_is_unknown() {
    type Make = fn(&Account);
    let table: &[(Source, Make, &str)] = &[
        (
            Source::ImageBuilder,
            |account| based_on(account, "arn:aws:imagebuilder:us-east-1:123456789012:image/never/x.x.x"),
            "of which no build was found",
        ),
        (Source::ImageBuilder, |account| based_on(account, "the golden image"), "no image id, parameter or image"),
        (Source::ImageBuilder, |account| based_on(account, "ssm:/nowhere"), "there is no such parameter"),
        (
            Source::Cloudformation,
            |account| account.resource("AWS::CloudFormation::Stack", "s", &json!({"StackStatus": "CREATE_COMPLETE"})),
            "does not show its template",
        ),
        (
            Source::WorkspacesInstances,
            |account| {
                let properties = json!({"ProvisionState": "ALLOCATING", "ManagedInstance": {"ImageId": "$image"}});
                account.resource("AWS::WorkspacesInstances::WorkspaceInstance", "w", &properties);
            },
            "does not tell its instance",
        ),
        (
            Source::WorkspacesInstances,
            |account| {
                let properties = json!({"EC2ManagedInstance": {"InstanceId": "i-00000000000000000"}});
                account.resource("AWS::WorkspacesInstances::WorkspaceInstance", "w", &properties);
            },
            "not among the instances",
        ),
        (
            Source::Pcs,
            |account| account.resource("AWS::PCS::Cluster", "c", &json!({"Arn": "c"})),
            "does not tell its Id",
        ),
        (
            Source::Emr,
            |account| {
                let group = json!({"InstanceRole": "MASTER", "InstanceType": "m6i.large", "InstanceCount": 1});
                let instances = json!({"InstanceGroups": [group]});
                account.emr("RunJobFlow", &json!({"Name": "c", "CustomAmiId": "golden", "Instances": instances}));
            },
            "golden",
        ),
    ];
    for (source, make, detail) in table {
        let account = Account::new(false);
        make(&account);
        expect(&account, Vec::new(), *source, CoverageStatus::Failed, detail).await;
    }
}

/// A recipe with this base image.
fn based_on(account: &Account, parent: &str) {
    let members = json!({"name": "r", "semanticVersion": "1.0.0", "parentImage": parent, "clientToken": "r"});
    account.builder("CreateImageRecipe", &members);
}

#[tokio::test]
async fn what_others_keep_and_what_is_over_names_nothing() {
    let account = Account::new(false);
    based_on(&account, "arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-2023-x86/x.x.x");
    expect(&account, Vec::new(), Source::ImageBuilder, CoverageStatus::Complete, "").await;
    let over = json!({"StackStatus": "DELETE_COMPLETE"});
    account.resource("AWS::CloudFormation::Stack", "s", &over);
    expect(&account, Vec::new(), Source::Cloudformation, CoverageStatus::Complete, "").await;
    let group = json!({"InstanceRole": "MASTER", "InstanceType": "m6i.large", "InstanceCount": 1});
    let run = json!({"Name": "c", "CustomAmiId": "$image", "Instances": {"InstanceGroups": [group]}});
    let cluster = account.emr("RunJobFlow", &run)["JobFlowId"].clone();
    account.emr("TerminateJobFlows", &json!({"JobFlowIds": [cluster]}));
    let judged = Judged::of(&account, Vec::new()).await;
    assert!(judged.users(account.name("asked")).is_empty());
}

#[tokio::test]
async fn a_launch_template_that_is_gone_is_a_note() {
    let account = Account::new(false);
    let used = json!({"ComputeResources": {"LaunchTemplate": {"LaunchTemplateId": "lt-00000000000000000"}}});
    account.resource("AWS::Batch::ComputeEnvironment", "e", &used);
    let note = "e names launch template lt-00000000000000000:$Default, not found";
    expect(&account, Vec::new(), Source::Batch, CoverageStatus::Complete, note).await;
}
