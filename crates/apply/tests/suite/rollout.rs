//! Rollouts and launches: to their end or all the way back, cut off anywhere and taken up, with answers lost.

use std::collections::BTreeSet;
use std::sync::Arc;

use amictl_apply::{RunStatus, StepProgress, StepResult};
use amictl_cloud::Call;
use amictl_cloud::ops::{DescribeImages, DescribeImagesRequest};
use amictl_model::{ImageId, Tags};
use amictl_plan::{
    Change, CommandInput, CommandStep, GroupVersion, Launching, Plan, RefreshSettings, Rollout, RolloutGroup,
    RolloutVersion, build_command,
};
use amictl_sandbox::world::{Group, GroupInstance, GroupTemplate, Pace, Template, TemplateData, TemplateVersion};
use amictl_sandbox::{FaultKind, FaultRule, Phase, When};

use crate::story::{MemoryJournal, Story, account, now, region};

const TEMPLATE: &str = "lt-0123456789abcdef0";
/// The groups, and the version that each names.
const GROUPS: [(&str, &str, GroupVersion); 3] = [
    ("a", "$Default", GroupVersion::Default),
    ("b", "$Latest", GroupVersion::Latest),
    ("c", "1", GroupVersion::Pinned(1)),
];

/// A template of one image with groups of two instances each, and another image, which may not fit the instances.
struct Place {
    story: Story,
    old: ImageId,
    new: ImageId,
}

fn named(version: &str) -> GroupTemplate {
    GroupTemplate { id: TEMPLATE.into(), name: "web".into(), version: Some(version.into()) }
}

impl Place {
    fn new(fits: bool) -> Self {
        Self::of_sizes(fits, [2, 2, 2])
    }

    /// The same with so many instances in each group.
    fn of_sizes(fits: bool, sizes: [u32; 3]) -> Self {
        let story = Story::new();
        story.sandbox.world().set_pace(Pace { task_secs: 60, ..Pace::default() });
        let (old, new) = (story.image("old"), story.image("new"));
        if !fits {
            story.change(&new, |image| Arc::make_mut(&mut image.traits).architecture = "arm64".into());
        }
        let version = TemplateVersion {
            number: 1,
            description: None,
            created_at: now(),
            created_by: "arn:aws:iam::123456789012:user/other".into(),
            data: TemplateData::of_image(old.as_str(), "t3.micro"),
        };
        story.sandbox.world().scope_mut(account(), &region()).put_template(Template {
            id: TEMPLATE.into(),
            name: "web".into(),
            created_at: now(),
            created_by: "arn:aws:iam::123456789012:user/other".into(),
            default_version: 1,
            latest_version: 1,
            versions: [(1, Arc::new(version))].into(),
            hidden_for: None,
            tags: Tags::default(),
        });
        for ((name, version, _), size) in GROUPS.into_iter().zip(sizes) {
            let mut group = Group::empty(name, "us-east-1a", now());
            (group.min_size, group.max_size, group.desired) = (size, 4, size);
            group.template = Some(named(version));
            for _ in 0..size {
                story.launch(&old);
                let world = story.sandbox.world();
                let scope = world.scope(account(), &region()).unwrap();
                let taken: BTreeSet<_> =
                    scope.groups().flat_map(|group| &group.instances).map(|known| known.id.clone()).collect();
                let own: BTreeSet<_> = group.instances.iter().map(|known: &GroupInstance| known.id.clone()).collect();
                let id = scope.instances().map(|instance| instance.id.clone());
                let id = id.filter(|id| !taken.contains(id) && !own.contains(id)).last().unwrap();
                drop(world);
                group.instances.push(GroupInstance {
                    id,
                    launch_configuration: None,
                    template: Some(named("1")),
                    weight: 1,
                    is_protected: false,
                    is_on_standby: false,
                });
            }
            story.sandbox.world().scope_mut(account(), &region()).put_group(group);
        }
        Self { story, old, new }
    }

    async fn plan(&self, change: Change) -> Plan {
        let request = DescribeImagesRequest { images: vec![self.new.clone()], ..DescribeImagesRequest::default() };
        let reply = Call::<DescribeImages>::call(&self.story.cloud, &region(), request).await.unwrap();
        let step = CommandStep { account: account(), region: region(), image: &reply.images[0], change };
        let plan = build_command(CommandInput { steps: vec![step], created_at: now(), plan_id: "p".to_owned() });
        let mut file = Vec::new();
        plan.write_to(&mut file).unwrap();
        assert_eq!(Plan::read(&file).unwrap(), plan);
        plan
    }

    async fn rollout(&self) -> Plan {
        let group = |(name, _, uses): (&str, &str, GroupVersion)| RolloutGroup {
            name: name.into(),
            uses,
            is_reversible: matches!(uses, GroupVersion::Pinned(_)),
        };
        let like_image = Some(self.old.as_str().into());
        self.plan(Change::Rollout(Box::new(Rollout {
            template: TEMPLATE.into(),
            template_name: "web".into(),
            image: self.new.as_str().into(),
            version: RolloutVersion::New { like: 1, like_image, client_token: Box::default() },
            default_before: Some(1),
            groups: GROUPS.map(group).into(),
            settings: RefreshSettings::default(),
            wait_seconds: 7_200,
            roll_back: true,
        })))
        .await
    }

    fn versions(&self) -> (u64, u64) {
        let world = self.story.sandbox.world();
        let template = world.scope(account(), &region()).unwrap().templates().next().unwrap();
        (template.default_version, template.latest_version)
    }

    /// What the instances of all groups were launched from.
    fn images(&self) -> BTreeSet<ImageId> {
        let world = self.story.sandbox.world();
        let scope = world.scope(account(), &region()).unwrap();
        let known = scope.groups().flat_map(|group| &group.instances);
        let images: Vec<ImageId> = known
            .map(|known| scope.instances().find(|instance| instance.id == known.id).unwrap().image.clone())
            .collect();
        assert!(images.len() >= 5, "each group has its instances");
        images.into_iter().collect()
    }

    /// Whether the rollout came to its end, or all the way back.
    fn assert_over(&self, fits: bool, result: &StepResult, place: &str) {
        let image = if fits { &self.new } else { &self.old };
        assert_eq!(self.images(), [image.clone()].into(), "{place}: {result:?}");
        let world = self.story.sandbox.world();
        let pinned = world.scope(account(), &region()).unwrap().groups().find(|group| group.name == "c").unwrap();
        let pinned = pinned.template.clone().unwrap().version;
        drop(world);
        if fits {
            assert_eq!((result, self.versions()), (&StepResult::Done { snapshots: Vec::new() }, (2, 2)), "{place}");
            assert_eq!(pinned.as_deref(), Some("2"), "{place}");
        } else {
            assert!(
                matches!(result, StepResult::Failed { left, .. } if left.starts_with("as it was")),
                "{place}: {result:?}"
            );
            // Groups that follow the newest version find one that is like the first.
            assert_eq!((self.versions(), pinned.as_deref()), ((1, 3), Some("1")), "{place}");
        }
    }
}

fn result(place: &Place, plan: &Plan, journal: &MemoryJournal) -> StepResult {
    match &place.story.summary(plan, journal).steps[0].progress {
        StepProgress::Over(result) => result.clone(),
        other => panic!("not over: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_rollout_that_is_cut_off_at_any_line_comes_to_its_end_or_all_the_way_back() {
    for fits in [true, false] {
        for lines in 1.. {
            let place = Place::new(fits);
            let plan = place.rollout().await;
            let journal = MemoryJournal::breaking_after(lines);
            let end = place.story.apply(&plan, &journal).await;
            journal.mend();
            let name = format!("fits {fits}, after {lines} lines");
            if end.status == RunStatus::Finished {
                place.assert_over(fits, &result(&place, &plan, &journal), &name);
                assert!(lines > 12, "{name}");
                break;
            }
            // What Auto Scaling has begun goes on meanwhile.
            tokio::time::advance(std::time::Duration::from_secs(lines as u64 % 7 * 30)).await;
            assert_eq!(place.story.resume(&plan, &journal).await.status, RunStatus::Finished, "{name}");
            place.assert_over(fits, &result(&place, &plan, &journal), &name);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_that_was_done_goes_back_when_another_one_fails_later() {
    // An instance a minute: the first group is done before the image goes, the others are not.
    let place = Place::of_sizes(true, [1, 2, 2]);
    let plan = place.rollout().await;
    let journal = MemoryJournal::default();
    let disabling = async {
        tokio::time::sleep(std::time::Duration::from_secs(90)).await;
        assert_eq!(place.images().len(), 2, "some are replaced");
        place.story.change(&place.new, |image| image.state = amictl_model::ImageState::Disabled);
    };
    tokio::join!(place.story.apply(&plan, &journal), disabling);
    place.assert_over(false, &result(&place, &plan, &journal), "disabled half-way");
    let world = place.story.sandbox.world();
    let first = world.scope(account(), &region()).unwrap().groups().find(|group| group.name == "a").unwrap();
    let refreshes: Vec<_> =
        first.course.refreshes.iter().map(|refresh| refresh.status(now().plus_secs(86_400))).collect();
    assert_eq!(refreshes, ["Successful", "Successful"], "there and back");
}

#[tokio::test(start_paused = true)]
async fn lost_answers_of_a_rollout_do_nothing_twice() {
    let operations = [
        "CreateLaunchTemplateVersion",
        "ModifyLaunchTemplate",
        "StartInstanceRefresh",
        "CancelInstanceRefresh",
        "RollbackInstanceRefresh",
    ];
    for fits in [true, false] {
        for phase in [Phase::Before, Phase::After] {
            let place = Place::new(fits);
            let plan = place.rollout().await;
            let rule = |operation: &&str| FaultRule {
                phase,
                ..FaultRule::new(operation, FaultKind::Reset).when(When::First(2))
            };
            place.story.faults(operations.iter().map(rule).collect());
            let journal = MemoryJournal::default();
            place.story.apply(&plan, &journal).await;
            place.assert_over(fits, &result(&place, &plan, &journal), &format!("{fits} {phase:?}"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_has_changed_since_the_plan_is_left_alone() {
    let place = Place::new(true);
    let plan = place.rollout().await;
    {
        let mut world = place.story.sandbox.world();
        let scope = world.scope_mut(account(), &region());
        let mut template = scope.templates().next().unwrap().clone();
        let version = TemplateVersion { number: 2, ..(*template.versions[&1]).clone() };
        (template.default_version, template.latest_version) = (2, 2);
        template.versions.insert(2, Arc::new(version));
        scope.put_template(template);
    }
    let journal = MemoryJournal::default();
    place.story.apply(&plan, &journal).await;
    let result = result(&place, &plan, &journal);
    assert!(matches!(&result, StepResult::Skipped { why } if why.contains("default version is 2")), "{result:?}");
    assert_eq!((place.versions(), place.images()), ((2, 2), [place.old.clone()].into()));
}

#[tokio::test(start_paused = true)]
async fn a_launch_that_is_cut_off_at_any_line_launches_once() {
    let launching = |image: &ImageId| Launching {
        count: 3,
        image: Some(image.as_str().into()),
        instance_type: Some("t3.micro".into()),
        wait_seconds: 600,
        ..Launching::default()
    };
    for lines in 1.. {
        let place = Place::new(true);
        let plan = place.plan(Change::Launch(Box::new(launching(&place.new)))).await;
        let journal = MemoryJournal::breaking_after(lines);
        let end = place.story.apply(&plan, &journal).await;
        journal.mend();
        let is_over = end.status == RunStatus::Finished;
        if !is_over {
            assert_eq!(place.story.resume(&plan, &journal).await.status, RunStatus::Finished, "{lines}");
        }
        assert_eq!(result(&place, &plan, &journal), StepResult::Done { snapshots: Vec::new() }, "{lines}");
        let world = place.story.sandbox.world();
        let launched = world.scope(account(), &region()).unwrap().instances();
        assert_eq!(launched.filter(|instance| instance.image == place.new).count(), 3, "{lines}");
        if is_over {
            assert!(lines > 3);
            break;
        }
    }
}

fn error(code: &str) -> FaultKind {
    FaultKind::Error { code: code.to_owned(), status: 400, message: "no".to_owned() }
}

/// What a step is left as where this operation is always refused with this code.
async fn refused(change: impl AsyncFn(&Place) -> Plan, operation: &str, code: &str) -> (Place, String, String) {
    let place = Place::new(true);
    let plan = change(&place).await;
    place.story.faults(vec![FaultRule::new(operation, error(code))]);
    let journal = MemoryJournal::default();
    assert_eq!(place.story.apply(&plan, &journal).await.status, RunStatus::Finished, "{operation} {code}");
    let StepResult::Failed { why, left } = result(&place, &plan, &journal) else {
        panic!("{operation} {code}: not failed")
    };
    assert!(why.contains(code) && why.contains(operation), "{operation} {code}: {why}");
    (place, why, left)
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_is_told_with_its_code_and_changes_nothing_that_it_does_not_say() {
    let launch = async |place: &Place| {
        let image = Some(place.new.as_str().into());
        let launching = Launching { count: 1, image, wait_seconds: 60, ..Launching::default() };
        place.plan(Change::Launch(Box::new(launching))).await
    };
    for code in [
        "UnauthorizedOperation",
        "InstanceLimitExceeded",
        "VcpuLimitExceeded",
        "InsufficientInstanceCapacity",
        "InvalidAMIID.Unavailable",
        "InvalidKeyPair.NotFound",
        "IdempotentParameterMismatch",
        "PendingVerification",
    ] {
        let (place, _, left) = refused(launch, "RunInstances", code).await;
        assert_eq!(left, "unchanged", "{code}");
        let world = place.story.sandbox.world();
        assert_eq!(world.scope(account(), &region()).unwrap().instances().count(), 6, "{code}");
    }
    for (operation, code, left, default) in [
        ("CreateLaunchTemplateVersion", "UnauthorizedOperation", "unchanged", 1),
        ("CreateLaunchTemplateVersion", "VersionLimitExceeded", "unchanged", 1),
        ("ModifyLaunchTemplate", "UnauthorizedOperation", "unchanged, but for version 2", 1),
        ("StartInstanceRefresh", "AccessDenied", "as it was before", 1),
        ("StartInstanceRefresh", "InstanceRefreshInProgress", "as it was before", 1),
        ("StartInstanceRefresh", "LimitExceeded", "as it was before", 1),
        ("DescribeInstanceRefreshes", "AccessDenied", "as it was before", 1),
    ] {
        let (place, _, is_left) = refused(Place::rollout, operation, code).await;
        assert!(is_left.starts_with(left), "{operation} {code}: {is_left}");
        assert_eq!((place.versions().0, place.images()), (default, [place.old.clone()].into()), "{operation} {code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_way_back_that_is_refused_is_told() {
    let place = Place::new(false);
    let plan = place.rollout().await;
    // The way there goes through.
    place.story.faults(vec![FaultRule::new("ModifyLaunchTemplate", error("Blocked")).when(When::Nth(2))]);
    let journal = MemoryJournal::default();
    place.story.apply(&plan, &journal).await;
    let StepResult::Failed { why, left } = result(&place, &plan, &journal) else { panic!("not failed") };
    assert!(
        why.contains("not all of it") && left.contains("the default version is 2") && left.contains("Blocked"),
        "{left}"
    );
    assert_eq!(place.versions().0, 2);
}
