//! Every source against the sandbox: what it sees, and what it says when it cannot see.

use std::collections::BTreeMap;
use std::sync::Arc;

use amictl_cloud::Clock;
use amictl_collect::{Reader, ReferenceSweep, ScanRequest, scan, sweep_references};
use amictl_model::{AccountId, CoverageStatus, ImageId, Moment, Region, Scope, Source, Usage};
use amictl_sandbox::world::{
    Group, GroupTemplate, LaunchConfiguration, MixedInstances, Template, TemplateData, TemplateOverride,
    TemplateVersion, World,
};
use amictl_sandbox::{Clock as SandboxClock, FaultKind, FaultRule, HookPoint, InProcess, Sandbox, SandboxConfig, When};

fn now() -> Moment {
    Moment::from_secs(1_800_000_000)
}

fn account() -> AccountId {
    "123456789012".parse().unwrap()
}

fn region() -> Region {
    "us-east-1".parse().unwrap()
}

fn image(number: u32) -> ImageId {
    format!("ami-{number:017x}").parse().unwrap()
}

fn template(id: &str, images: &[&str], default_version: u64) -> Template {
    let versions: BTreeMap<u64, Arc<TemplateVersion>> = (1..)
        .zip(images)
        .map(|(number, image)| {
            let version = TemplateVersion {
                number,
                description: None,
                created_at: now(),
                created_by: "arn:aws:iam::123456789012:root".into(),
                data: TemplateData::of_image(image, "t3.micro"),
            };
            (number, Arc::new(version))
        })
        .collect();
    Template {
        id: id.into(),
        name: format!("{id}-name").into(),
        created_at: now(),
        created_by: "arn:aws:iam::123456789012:root".into(),
        default_version,
        latest_version: images.len() as u64,
        versions,
        hidden_for: None,
        tags: [("a", "b")].into_iter().collect(),
    }
}

fn group(name: &str) -> Group {
    Group::empty(name, "us-east-1a", now())
}

fn sandbox(build: impl FnOnce(&mut amictl_sandbox::world::Scope)) -> Sandbox {
    let mut world = World::new(3);
    build(world.scope_mut(account(), &region()));
    Sandbox::new(world, SandboxConfig { clock: SandboxClock::fixed(now()), ..SandboxConfig::default() })
}

async fn sweep(sandbox: &Sandbox) -> ReferenceSweep {
    let cloud = InProcess::new(sandbox.clone(), account());
    let (scope, clock) = (Scope { account: account(), region: region() }, Clock::fixed(now()));
    sweep_references(Reader { cloud: &cloud, scope: &scope, clock: &clock, concurrency: 4, skip: &[], observer: &() })
        .await
}

fn status(sweep: &ReferenceSweep, source: Source) -> (CoverageStatus, String) {
    let coverage = sweep.coverage.iter().find(|coverage| coverage.source == source).unwrap();
    (coverage.status, coverage.detail.to_string())
}

#[tokio::test]
async fn every_version_of_a_template_is_seen_whether_a_group_uses_it_or_not() {
    let images = [image(1).to_string(), image(2).to_string(), image(3).to_string()];
    let sandbox = sandbox(|scope| {
        scope.put_template(template("lt-0000000000000000a", &images.each_ref().map(String::as_str), 1));
    });
    let sweep = sweep(&sandbox).await;
    assert_eq!(sweep.references.len(), 3);
    let middle_image = image(2);
    let middle = sweep.references_to(&middle_image).next().unwrap();
    assert_eq!(middle.usage, Usage::LaunchTemplateVersion { version: 2, age_rank: 1, default: false, alias: false });
    assert_eq!(sandbox.counts()["DescribeLaunchTemplateVersions"].calls, 1);
}

#[tokio::test]
async fn an_alias_is_resolved_and_one_that_cannot_be_fails_the_source() {
    let good = image(1).to_string();
    let found = sandbox(|scope| {
        scope.put_parameter("/golden", &good);
        scope.put_template(template("lt-0000000000000000a", &["resolve:ssm:/golden"], 1));
    });
    let found = sweep(&found).await;
    assert_eq!(status(&found, Source::LaunchTemplates).0, CoverageStatus::Complete);
    let sources: Vec<Source> = found.references_to(&image(1)).map(|reference| reference.source).collect();
    assert_eq!(sources, [Source::LaunchTemplates, Source::SsmParameters]);

    let lost = sandbox(|scope| {
        scope.put_template(template("lt-0000000000000000a", &["resolve:ssm:/nowhere"], 1));
    });
    let (status, detail) = status(&sweep(&lost).await, Source::LaunchTemplates);
    assert_eq!(status, CoverageStatus::Failed);
    assert!(!detail.is_empty());
}

#[tokio::test]
async fn groups_of_size_zero_are_followed_through_overrides_and_configurations() {
    let (base, over, direct, configured) =
        (image(1).to_string(), image(2).to_string(), image(3).to_string(), image(4).to_string());
    let sandbox = sandbox(|scope| {
        scope.put_template(template("lt-0000000000000000a", &[&base], 1));
        scope.put_template(template("lt-0000000000000000b", &[&over], 1));
        scope.put_launch_configuration(LaunchConfiguration::of_image("old", &configured, "t3.micro", now()));
        let spec = |id: &str| GroupTemplate {
            id: id.into(),
            name: format!("{id}-name").into(),
            version: Some("$Latest".into()),
        };
        let mut mixed = group("mixed");
        let mut by_template = TemplateOverride::default();
        by_template.template = Some(spec("lt-0000000000000000b"));
        let mut by_image = TemplateOverride::default();
        by_image.image = Some(direct.as_str().into());
        let overrides = vec![by_template, by_image];
        mixed.mixed = Some(MixedInstances::new(spec("lt-0000000000000000a"), overrides));
        scope.put_group(mixed);
        let mut plain = group("plain");
        plain.launch_configuration = Some("old".into());
        scope.put_group(plain);
    });
    let sweep = sweep(&sandbox).await;
    assert_eq!(status(&sweep, Source::AutoScalingGroups), (CoverageStatus::Complete, String::new()));
    for (number, name) in [(1, "mixed"), (2, "mixed"), (3, "mixed"), (4, "plain")] {
        let by_group = sweep
            .references_to(&image(number))
            .any(|reference| reference.source == Source::AutoScalingGroups && reference.resource == name);
        assert!(by_group, "image {number} by group {name}");
    }
}

#[tokio::test]
async fn a_denied_source_is_denied_and_the_others_are_complete() {
    let sandbox = sandbox(|_| {});
    sandbox.set_faults(vec![FaultRule::denied("DescribeAutoScalingGroups")].into());
    let sweep = sweep(&sandbox).await;
    assert_eq!(status(&sweep, Source::AutoScalingGroups).0, CoverageStatus::Denied);
    assert_eq!(status(&sweep, Source::Instances).0, CoverageStatus::Complete);
    // What belongs to groups cannot be listed without them.
    let incomplete: Vec<Source> = sweep.incomplete().map(|coverage| coverage.source).collect();
    assert_eq!(incomplete, [Source::AutoScalingGroups, Source::InstanceRefreshes, Source::WarmPools]);
}

#[tokio::test]
async fn a_repeated_page_token_fails_the_source() {
    let sandbox = sandbox(|scope| {
        for number in 0..450 {
            let id = format!("lt-{number:017x}");
            scope.put_template(template(&id, &[image(number).as_str()], 1));
        }
    });
    sandbox.set_faults(vec![FaultRule::new("DescribeLaunchTemplates", FaultKind::RepeatedToken)].into());
    let (status, detail) = status(&sweep(&sandbox).await, Source::LaunchTemplates);
    assert_eq!(status, CoverageStatus::Failed);
    assert!(detail.contains("repeats the token"), "{detail}");
}

#[tokio::test]
async fn one_template_that_cannot_be_read_fails_the_source() {
    let sandbox = sandbox(|scope| {
        for number in 0..3 {
            scope.put_template(template(&format!("lt-{number:017x}"), &[image(number).as_str()], 1));
        }
    });
    let denied = FaultRule::denied("DescribeLaunchTemplateVersions").when(When::Nth(2));
    sandbox.set_faults(vec![denied].into());
    let sweep = sweep(&sandbox).await;
    assert_eq!(status(&sweep, Source::LaunchTemplates).0, CoverageStatus::Denied);
    assert_eq!(sweep.references.len(), 2, "what was read is kept all the same");
}

#[tokio::test]
async fn a_region_that_fails_does_not_stop_the_others() {
    let sandbox = sandbox(|_| {});
    let elsewhere: Region = "eu-west-1".parse().unwrap();
    sandbox.set_faults(vec![FaultRule::denied("*").in_region(elsewhere.clone())].into());
    let cloud = InProcess::new(sandbox.clone(), account());
    let request = ScanRequest {
        id: "inv".to_owned(),
        scopes: [region(), elsewhere.clone()].map(|region| Scope { account: account(), region }).into(),
        unreachable: Vec::new(),
        concurrency: 2,
        skip: Vec::new(),
    };
    let inventory = scan(&cloud, &Clock::fixed(now()), request, &()).await;
    assert!(inventory.validate().is_ok());
    let of = |region: &Region| inventory.scopes.iter().find(|scope| scope.scope.region == *region).unwrap();
    assert!(of(&region()).coverage.iter().all(|coverage| coverage.status == CoverageStatus::Complete));
    assert!(of(&elsewhere).coverage.iter().all(|coverage| coverage.status == CoverageStatus::Denied));
}

#[tokio::test]
async fn a_launch_configuration_that_was_made_after_the_list_is_looked_for_once_more() {
    let sandbox = sandbox(|_| {});
    // The list of launch configurations is answered before the group and what it names are there.
    sandbox.hook(HookPoint::After, "DescribeLaunchConfigurations", 1, |world, _, _| {
        let scope = world.scope_mut(account(), &region());
        scope.put_launch_configuration(LaunchConfiguration::of_image("lc", image(1).as_str(), "t3.micro", now()));
        let mut made = group("g");
        made.launch_configuration = Some("lc".into());
        scope.put_group(made);
    });
    let first = sweep(&sandbox).await;
    let named: Vec<_> = first.references_to(&image(1)).map(|reference| reference.source).collect();
    let groups = first.coverage.iter().find(|coverage| coverage.source == Source::AutoScalingGroups).unwrap();
    assert!(groups.items == 0 || named.contains(&Source::AutoScalingGroups), "{first:?}");
    assert!(groups.items > 0, "the group was listed before it was there: this shows nothing");
}
