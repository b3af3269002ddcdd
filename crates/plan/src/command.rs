//! The plan of a command of the life cycle: what was asked for, image by image, without an inventory and without verdicts.

use std::collections::HashMap;

use amictl_model::{AccountId, Image, ImageId, Moment, Region};
use amictl_policy::LaunchTemplateVersions;
use compact_str::CompactString;

use crate::change::{Change, Copying};
use crate::file::{FORMAT_VERSION, Plan, PlanLimits, PlanReferences, SnapshotDeletion, Step};
use crate::rollout::RolloutVersion;
use crate::snapshots::step_id;
use crate::steps::expects;

/// What the plan of a command is made from.
#[derive(Debug)]
pub struct CommandInput<'a> {
    /// What is to be done, in the order of its steps.
    pub steps: Vec<CommandStep<'a>>,
    /// The wall clock.
    pub created_at: Moment,
    /// Names the plan.
    pub plan_id: String,
}

/// What is to be done to one image.
#[derive(Debug)]
pub struct CommandStep<'a> {
    /// The account of the image.
    pub account: AccountId,
    /// Where it is done: for a copy, where it is to be.
    pub region: Region,
    /// The image as it is now, with its launch permissions where the change depends on them.
    pub image: &'a Image,
    /// What is done to it.
    pub change: Change,
}

/// Makes the plan: one step for each change.
#[must_use]
pub fn build_command(input: CommandInput<'_>) -> Plan {
    let CommandInput { steps, created_at, plan_id } = input;
    let mut shared: HashMap<ImageId, CompactString> = HashMap::new();
    let of_step = |(number, step): (u32, CommandStep<'_>)| {
        let id = step_id(number);
        let after: Vec<CompactString> = match &step.change {
            change if change.of_step().is_some() => change.of_step().cloned().into_iter().collect(),
            // Another account copies an image once it is shared with it.
            Change::Copy(_) => shared.get(&step.image.id).cloned().into_iter().collect(),
            Change::Share(_) => {
                shared.insert(step.image.id.clone(), id.clone());
                Vec::new()
            }
            _ => Vec::new(),
        };
        let change = with_client_token(step.change, &plan_id, &id);
        Step {
            id,
            action: change.action(),
            account: step.account,
            region: step.region,
            target: change.target().unwrap_or_else(|| step.image.id.clone().into()),
            name: (!step.image.name.is_empty()).then(|| (*step.image.name).into()),
            after: after.into(),
            expects: expects(step.image),
            undo: change.undo(),
            change: Some(Box::new(change)),
            require_recycle_bin_days: None,
            staging: None,
            even_if_used: None,
            snapshot_deletion: SnapshotDeletion::None,
            snapshots: Box::default(),
            monthly_usd_upper_bound: 0.0,
        }
    };
    let steps = (1..).zip(steps).map(of_step).collect();
    let mut plan = Plan {
        format_version: FORMAT_VERSION.into(),
        plan_id,
        digest: String::new(),
        created_at,
        now: created_at,
        policy_digest: String::new(),
        inventory_id: String::new(),
        planned_by: None,
        approvals: None,
        named: false,
        complete: true,
        limits: no_limits(),
        references: PlanReferences {
            launch_template_versions: LaunchTemplateVersions::All,
            not_used: Vec::new(),
            protected_tags: Vec::new(),
            files: Vec::new(),
        },
        windows: Vec::new(),
        coverage: Vec::new(),
        verdicts: Vec::new(),
        steps,
    };
    plan.digest = plan.digest_now();
    plan
}

/// The change with the client token that is of its plan and step, where it has one.
pub(crate) fn with_client_token(change: Change, plan_id: &str, step: &str) -> Change {
    let client_token = || format!("amictl-{plan_id}-{step}").into();
    match change {
        Change::Copy(copying) => Change::Copy(Copying { client_token: client_token(), ..copying }),
        Change::Rollout(mut rollout) => {
            if let RolloutVersion::New { client_token: token, .. } = &mut rollout.version {
                *token = client_token();
            }
            Change::Rollout(rollout)
        }
        Change::Launch(mut launching) if launching.client_token.is_empty() => {
            launching.client_token = client_token();
            Change::Launch(launching)
        }
        Change::Import(mut importing) => {
            importing.client_token = client_token();
            Change::Import(importing)
        }
        change => change,
    }
}

/// The caps of a plan whose images somebody named: that is the cap.
pub(crate) fn no_limits() -> PlanLimits {
    PlanLimits {
        max_actions: None,
        max_percent: None,
        min_images: 0,
        max_jump: None,
        per_family: None,
        per_account: None,
    }
}

#[cfg(test)]
mod tests {
    use amictl_model::Grantee;

    use super::*;
    use crate::{Action, PlanFileError, Sharing, Undo};

    const IMAGE: &str = r#"{
        "id": "ami-0123456789abcdef0", "name": "web-1", "owner": "123456789012", "state": "available",
        "root_device_type": "ebs", "created_at": null
    }"#;

    fn image() -> Image {
        serde_json::from_str(IMAGE).unwrap()
    }

    fn share(account: &str) -> Change {
        let account = Grantee::Account(account.parse().unwrap());
        Change::Share(Sharing { add: vec![account], remove: Vec::new(), snapshots: false })
    }

    fn plan(change: Change) -> Plan {
        let image = image();
        let region = "us-east-1".parse().unwrap();
        let step = CommandStep { account: image.owner, region, image: &image, change };
        build_command(CommandInput {
            steps: vec![step],
            created_at: Moment::from_secs(1_800_000_000),
            plan_id: "p".to_owned(),
        })
    }

    fn written(plan: &Plan) -> Vec<u8> {
        let mut file = Vec::new();
        plan.write_to(&mut file).unwrap();
        file
    }

    #[test]
    fn what_is_asked_for_is_in_the_plan_file_and_under_its_digest() {
        let of_one = plan(share("111122223333"));
        assert_eq!(Plan::read(&written(&of_one)), Ok(of_one.clone()));
        assert_ne!(of_one.digest, plan(share("444455556666")).digest);
        let edited = String::from_utf8(written(&of_one)).unwrap().replace("111122223333", "444455556666");
        assert!(matches!(Plan::read(edited.as_bytes()), Err(PlanFileError::Digest { .. })));
        let step = &of_one.steps[0];
        assert_eq!((step.action, step.undo, step.stage()), (Action::Share, Undo::Sharing, None));
        assert_eq!(step.name.as_deref(), Some("web-1"));
    }

    #[test]
    fn a_step_that_does_not_fit_its_change_is_no_plan() {
        let changes: [fn(&mut Plan); 4] = [
            |plan| plan.steps[0].action = Action::Deregister,
            |plan| plan.steps[0].undo = Undo::None,
            |plan| plan.steps[0].change = None,
            |plan| plan.steps.push(plan.steps[0].clone()),
        ];
        for (at, change) in changes.iter().enumerate() {
            let mut plan = plan(Change::Disable);
            change(&mut plan);
            plan.digest = plan.digest_now();
            assert!(matches!(Plan::read(&written(&plan)), Err(PlanFileError::Contradiction { .. })), "{at}");
        }
    }

    #[test]
    fn a_command_retires_nothing_so_no_cap_is_about_it() {
        let plan = plan(Change::Disable);
        assert_eq!((plan.steps[0].action, plan.steps[0].stage()), (Action::Disable, None));
        assert_eq!(crate::check_limits(&plan), Ok(()));
    }

    fn copying(of_step: Option<&str>) -> Change {
        Change::Copy(Copying {
            of_step: of_step.map(CompactString::from),
            from: "eu-west-1".parse().unwrap(),
            name: "web-1".into(),
            description: None,
            encrypted: false,
            kms_key: None,
            within_minutes: None,
            copy_tags: false,
            client_token: Box::default(),
            then: crate::Then::default(),
        })
    }

    #[test]
    fn a_copy_has_a_client_token_of_its_plan_and_step() {
        let plan = plan(copying(None));
        let Some(Change::Copy(copying)) = plan.steps[0].change.as_deref() else { panic!("a copy") };
        assert_eq!(&*copying.client_token, "amictl-p-s1");
    }

    #[test]
    fn a_copy_of_what_another_step_makes_comes_after_it() {
        let image = image();
        let step =
            |change| CommandStep { account: image.owner, region: "us-east-1".parse().unwrap(), image: &image, change };
        let there = |region: &str| CommandStep { region: region.parse().unwrap(), ..step(copying(Some("s1"))) };
        let input =
            |steps| CommandInput { steps, created_at: Moment::from_secs(1_800_000_000), plan_id: "p".to_owned() };
        let plan = build_command(input(vec![step(share("111122223333")), there("eu-west-1"), there("eu-west-2")]));
        assert_eq!(plan.steps[2].after[..], ["s1"]);
        assert_eq!(Plan::read(&written(&plan)), Ok(plan.clone()));
        let mut apart = plan;
        apart.steps[2].after = Box::default();
        apart.digest = apart.digest_now();
        assert!(matches!(Plan::read(&written(&apart)), Err(PlanFileError::Contradiction { .. })));
    }

    #[test]
    fn an_account_copies_an_image_once_it_is_shared_with_it() {
        let image = image();
        let step =
            |change| CommandStep { account: image.owner, region: "us-east-1".parse().unwrap(), image: &image, change };
        let steps = vec![
            step(share("111122223333")),
            CommandStep { account: "111122223333".parse().unwrap(), ..step(copying(None)) },
        ];
        let plan = build_command(CommandInput {
            steps,
            created_at: Moment::from_secs(1_800_000_000),
            plan_id: "p".to_owned(),
        });
        assert_eq!(plan.steps[1].after[..], ["s1"]);
    }
}
