//! Images and their uses in more accounts than one.

use amictl_model::{
    AccountUse, CoverageStatus, Grantee, Image, ImageState, ImageUsage, Inventory, LaunchPermissions, Moment,
    Reference, ScopeInventory, Source, UsageReport,
};
use amictl_policy::{
    Decision, Policy, ReasonCode, Stage, Verdict, judge, needs_launch_permissions, needs_usage_report,
};
use amictl_testkit::{ACCOUNT, NOW, image, in_scope, instance, inventory_of, template_version};

const OTHER: &str = "222222222222";
const RETIRE: Decision = Decision::Retire(Stage::Deregister);

fn policy(references: &str) -> Policy {
    let text = format!(
        "version: 1\nreferences: {{{references}}}\nfamilies:\n  - name: web\n    match: {{name: \"web-*\"}}\n    keep: {{newest: 0}}\n    retire: [deregister]\n"
    );
    Policy::parse(&text, "test").unwrap()
}

fn old(id: &str) -> Image {
    image(id, "web-1", 400)
}

fn shared_with(grantees: impl IntoIterator<Item = Grantee>) -> Image {
    Image { launch_permissions: LaunchPermissions::read(grantees), ..old("ami-a") }
}

fn account(id: &str) -> Grantee {
    Grantee::Account(id.parse().unwrap())
}

/// What was seen in the other account, in the Region of the first unless said otherwise.
fn other(references: impl IntoIterator<Item = Reference>) -> ScopeInventory {
    let mut scope = in_scope([], references);
    scope.scope.account = OTHER.parse().unwrap();
    scope
}

fn verdicts(policy: &Policy, inventory: &Inventory) -> Vec<Verdict> {
    judge(policy, inventory, Moment::from_secs(NOW))
}

/// The decision on the first image and all that is said of it.
fn first(policy: &Policy, scopes: impl IntoIterator<Item = ScopeInventory>) -> (Decision, String) {
    let verdict = verdicts(policy, &inventory_of(scopes)).remove(0);
    (verdict.decision, verdict.reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}

#[test]
fn a_use_in_another_account_of_the_region_keeps_an_image() {
    let own = || in_scope([old("ami-a"), old("ami-b")], []);
    let uses = || [instance("ami-a", "i-1"), instance("ami-0", "i-2"), instance("ami-z", "i-3")];
    let (decision, said) = first(&policy(""), [own(), other(uses())]);
    assert_eq!((decision, said.as_str()), (Decision::Keep, "used by a running instance: 222222222222: i-1"));
    // The order of the accounts is nothing, and only the image that is named is kept.
    let all = verdicts(&policy(""), &inventory_of([other(uses()), own()]));
    assert_eq!(all.iter().map(|verdict| verdict.decision).collect::<Vec<_>>(), [Decision::Keep, RETIRE]);
    assert_eq!(all[0].reasons[0].source, Some(Source::Instances));
    // An id means another image in another Region.
    let mut elsewhere = other(uses());
    elsewhere.scope.region = "eu-west-1".parse().unwrap();
    assert_eq!(first(&policy(""), [own(), elsewhere]).0, RETIRE);
    // Versions count there as they do here.
    let versions = policy("launch_template_versions: default_and_latest");
    let (decision, said) = first(&versions, [own(), other([template_version("ami-a", 3, 7, false)])]);
    assert_eq!(
        (decision, said.as_str()),
        (RETIRE, "400 days old, only launch template versions that do not count name it")
    );
}

#[test]
fn uses_at_home_and_elsewhere_are_told_together() {
    let own = in_scope([old("ami-a")], [instance("ami-a", "i-1"), instance("ami-a", "i-2")]);
    let (_, said) = first(&policy(""), [own, other([instance("ami-a", "i-3"), instance("ami-a", "i-4")])]);
    assert!(said.ends_with("222222222222: i-3; and 1 more uses"), "{said}");
}

#[test]
fn references_that_are_not_sorted_are_found_all_the_same() {
    let mut scope = other([]);
    scope.references = vec![instance("ami-z", "i-1"), instance("ami-a", "i-2"), instance("ami-0", "i-3")];
    assert_eq!(first(&policy(""), [in_scope([old("ami-a")], []), scope]).0, Decision::Keep);
}

#[test]
fn the_order_of_lists_hides_no_use_of_another_account() {
    let ids = ["ami-a", "ami-b", "ami-c"];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        for used in ids {
            let mut own = in_scope([], []);
            own.images = order.map(|at: usize| old(ids[at])).to_vec();
            own.references = vec![instance("ami-c", "i-1"), instance("ami-a", "i-2")];
            let mut scope = other([]);
            let mut theirs = old("ami-d");
            theirs.owner = scope.scope.account;
            scope.images = vec![theirs];
            scope.references = vec![instance("ami-d", "i-3"), instance(used, "i-4"), instance("ami-d", "i-5")];
            let inventory = inventory_of([own, scope]);
            for verdict in verdicts(&policy(""), &inventory) {
                let id = inventory.scopes[verdict.scope as usize].images[verdict.image as usize].id.as_str();
                let kept = id != "ami-b" || used == "ami-b";
                assert_eq!(verdict.decision == Decision::Keep, kept, "{id} in {order:?}, {used} used elsewhere");
                let told = verdict.reasons.iter().any(|reason| reason.resource.as_deref() == Some("222222222222: i-4"));
                assert_eq!(told, id == used, "{id} in {order:?}, {used} used elsewhere");
            }
        }
    }
}

#[test]
fn what_another_account_hides_blocks_the_images_that_it_may_launch() {
    let organization = || Grantee::Organization("arn:aws:organizations::1:organization/o-1".into());
    let unit = || Grantee::OrganizationalUnit("arn:aws:organizations::1:ou/o-1/ou-1".into());
    let public = || Image { public: true, ..old("ami-a") };
    for (image, blocked) in [
        (old("ami-a"), false),
        (shared_with([account(OTHER)]), true),
        (shared_with([account("333333333333")]), false),
        (shared_with([organization()]), true),
        (shared_with([unit()]), true),
        (public(), true),
    ] {
        let mut scope = other([]);
        scope.coverage.iter_mut().find(|coverage| coverage.source == Source::WarmPools).unwrap().status =
            CoverageStatus::Denied;
        // The third account's use is of no matter here.
        let own = in_scope([image.clone()], []);
        let (decision, said) = first(&policy("other_accounts: ignore"), [own.clone(), scope.clone()]);
        let expected = "warm_pools were not read whole: denied: account 222222222222";
        assert_eq!(decision, if blocked { Decision::Blocked } else { RETIRE }, "{image:?}");
        assert_eq!(said == expected, blocked, "{said}");
        // A source that the account does not use hides nothing; nor does an account that is not of the Region.
        let not_used = policy("other_accounts: ignore, not_used: [warm_pools]");
        assert_eq!(first(&not_used, [own.clone(), scope.clone()]).0, RETIRE);
        scope.scope.region = "eu-west-1".parse().unwrap();
        assert_eq!(first(&policy("other_accounts: ignore"), [own, scope]).0, RETIRE);
    }
}

#[test]
fn sharing_with_accounts_that_were_read_whole_needs_no_report() {
    let own = || in_scope([shared_with([account(OTHER)])], []);
    assert_eq!(first(&policy(""), [own(), other([])]).0, RETIRE);
    // With itself, too.
    assert_eq!(first(&policy(""), [in_scope([shared_with([account(ACCOUNT)])], [])]).0, RETIRE);
    // Not scanned, scanned in another Region only, not read whole, or not the only one.
    let mut elsewhere = other([]);
    elsewhere.scope.region = "eu-west-1".parse().unwrap();
    let mut torn = other([]);
    torn.coverage.retain(|coverage| coverage.source != Source::Instances);
    let unknown = "shared with account 222222222222, whose use is not known";
    for scopes in [vec![own()], vec![own(), elsewhere], vec![own(), torn]] {
        assert_eq!(first(&policy(""), scopes), (Decision::Keep, unknown.to_owned()));
    }
    let third = in_scope([shared_with([account(OTHER), account("333333333333"), account("444444444444")])], []);
    let (decision, said) = first(&policy(""), [third, other([])]);
    assert_eq!(decision, Decision::Keep);
    assert_eq!(said, "shared with account 333333333333 and 1 more, whose use is not known");
}

fn reported(image: Image, report: UsageReport) -> ScopeInventory {
    let usage = vec![ImageUsage { image: image.id.clone(), report }];
    ScopeInventory { usage, ..in_scope([image], []) }
}

fn read(uses: impl IntoIterator<Item = (&'static str, &'static str, u64)>) -> UsageReport {
    let uses = uses.into_iter().map(|(account, resource_type, count)| AccountUse {
        account: account.parse().unwrap(),
        resource_type: resource_type.into(),
        count,
    });
    UsageReport::Read { made_at: Moment::from_secs(NOW), uses: uses.collect() }
}

#[test]
fn a_usage_report_decides_on_a_shared_image() {
    let shared = || shared_with([account(OTHER)]);
    let with = |report| first(&policy(""), [reported(shared(), report)]);
    let said = "400 days old, nothing uses it, nor does another account by its usage report";
    assert_eq!(with(read([])), (RETIRE, said.to_owned()));
    let (decision, said) = with(read([(OTHER, "ec2:Instance", 3), ("333333333333", "ec2:LaunchTemplate", 1)]));
    assert_eq!(decision, Decision::Keep);
    assert_eq!(
        said,
        "used by 3 instances of another account: account 222222222222; used by 1 launch template of another account: account 333333333333"
    );
    let many = (0..5).map(|_| (OTHER, "ec2:Instance", 1));
    assert!(with(read(many)).1.ends_with("and 2 more uses by other accounts"));
    let (decision, said) = with(UsageReport::Unreadable("UnauthorizedOperation".into()));
    assert_eq!(decision, Decision::Blocked);
    assert_eq!(said, "other accounts may launch it, and their use could not be read: UnauthorizedOperation");
    // It is asked of nobody when the policy does not ask, or all of them were scanned.
    let unreadable = || reported(shared(), UsageReport::Unreadable("x".into()));
    assert_eq!(first(&policy("other_accounts: ignore"), [unreadable()]).0, RETIRE);
    assert_eq!(first(&policy(""), [unreadable(), other([])]).0, RETIRE);
    // What a report tells counts also then.
    let used = reported(shared(), read([(OTHER, "ec2:Instance", 1)]));
    assert_eq!(first(&policy(""), [used, other([])]).0, Decision::Keep);
}

#[test]
fn reports_and_permissions_are_asked_for_only_where_the_verdict_depends_on_them() {
    let mut public = Image { public: true, ..old("ami-b") };
    public.launch_permissions = LaunchPermissions::Unread;
    let mut young = image("ami-c", "db-1", 1);
    young.launch_permissions = LaunchPermissions::read([account(OTHER)]);
    let images = [shared_with([account(OTHER)]), public, young, old("ami-d")];
    let mut inventory = inventory_of([in_scope(images, [])]);
    let asked = |inventory: &Inventory| {
        let verdicts = verdicts(&policy(""), inventory);
        (
            needs_launch_permissions(inventory, &verdicts).collect::<Vec<_>>(),
            needs_usage_report(&policy(""), inventory, &verdicts).collect::<Vec<_>>(),
        )
    };
    assert_eq!(asked(&inventory), (vec![(0, 1)], vec![(0, 0), (0, 1)]));
    // Not again.
    for image in ["ami-a", "ami-b"] {
        let usage = ImageUsage { image: image.parse().unwrap(), report: UsageReport::Unreadable("x".into()) };
        inventory.scopes[0].usage.push(usage);
    }
    assert_eq!(asked(&inventory).1, []);
    // Not where it would free nothing.
    inventory.scopes[0].usage.clear();
    inventory.scopes[0].coverage.retain(|coverage| coverage.source != Source::SpotFleets);
    assert_eq!(asked(&inventory).1, []);
}

#[test]
fn every_code_of_a_shared_image_stands_in_the_verdict() {
    let verdict = verdicts(&policy(""), &inventory_of([in_scope([shared_with([account(OTHER)])], [])])).remove(0);
    assert_eq!(verdict.reasons.iter().map(|reason| reason.code).collect::<Vec<_>>(), [ReasonCode::Shared]);
}

/// An image that a stage disabled, and that was shared with these before.
fn disabled_by_stage(before: &str) -> Image {
    let tags = [
        ("amictl:stage", "disable"),
        ("amictl:since", "2020-01-01T00:00:00Z"),
        ("amictl:policy", "web"),
        ("amictl:shared", before),
    ];
    Image { state: ImageState::Disabled, tags: tags.into_iter().collect(), ..shared_with([]) }
}

#[test]
fn whom_an_image_was_shared_with_before_a_stage_disabled_it_counts_still() {
    let required = policy("");
    let staged = || in_scope([disabled_by_stage(&format!("{OTHER} end"))], []);
    let (decision, said) = first(&required, [staged()]);
    assert_eq!((decision, said.contains("whose use is not known")), (Decision::Keep, true), "{said}");
    // A report is asked for, and its uses keep the image.
    let inventory = inventory_of([staged()]);
    let wanted: Vec<_> = needs_usage_report(&required, &inventory, &verdicts(&required, &inventory)).collect();
    assert_eq!(wanted, [(0, 0)]);
    let with_report = |uses: &[AccountUse]| {
        let mut scope = staged();
        let report = UsageReport::Read { made_at: Moment::from_secs(NOW), uses: uses.into() };
        scope.usage =
            vec![ImageUsage { image: "ami-a".parse().unwrap_or_else(|_| scope.images[0].id.clone()), report }];
        scope
    };
    let used = AccountUse { account: OTHER.parse().unwrap(), resource_type: "ec2:Instance".into(), count: 1 };
    assert_eq!(first(&required, [with_report(&[used])]).0, Decision::Keep);
    assert_eq!(first(&required, [with_report(&[])]).0, RETIRE);
    // So does reading the account whole; where it could not be, the image is blocked.
    assert_eq!(first(&required, [staged(), other([])]).0, RETIRE);
    let mut unread = other([]);
    unread.coverage.iter_mut().find(|of| of.source == Source::Instances).unwrap().status = CoverageStatus::Denied;
    assert_eq!(first(&policy("other_accounts: ignore"), [staged(), unread]).0, Decision::Blocked);
    // One that was private is nobody else's.
    assert_eq!(first(&required, [in_scope([disabled_by_stage("end")], [])]).0, RETIRE);
}

#[test]
fn an_image_that_is_being_copied_stays_until_the_copy_is_made() {
    let copy = |state, region: &str| {
        let mut made = Image { state, source_image: Some("ami-a".into()), ..image("ami-copy", "other", 0) };
        made.id = "ami-0c0c0c0c0c0c0c0c0".parse().unwrap();
        let mut scope = in_scope([made], []);
        scope.scope.region = region.parse().unwrap();
        scope
    };
    let own = || {
        let mut scope = in_scope([old("ami-a")], []);
        scope.images[0].launch_permissions = LaunchPermissions::read([]);
        scope
    };
    let source = own().images[0].id.to_string();
    let of = |state, region: &str| {
        let mut scope = copy(state, region);
        scope.images[0].source_image = Some(source.as_str().into());
        first(&policy("other_accounts: ignore"), [own(), scope])
    };
    for region in ["us-east-1", "eu-west-1"] {
        let (decision, said) = of(ImageState::Pending, region);
        assert_eq!(decision, Decision::Keep, "{region}");
        assert_eq!(said, format!("being copied: ami-0c0c0c0c0c0c0c0c0 in {region}"));
    }
    assert_eq!(of(ImageState::Available, "eu-west-1").0, RETIRE);
}
