//! Files, the second witness, and lineage.

use amictl_model::{
    Coverage, CoverageStatus, FileEvidence, FileMention, Image, ImageId, Inventory, LaunchPermissions, Moment, Source,
    Witnessed,
};
use amictl_policy::{Decision, Policy, ReasonCode, Stage, Verdict, judge, needs_launch_permissions, needs_witness};
use amictl_testkit::{NOW, image, in_scope, instance, inventory_of};

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

fn made_from(id: &str, source: &str) -> Image {
    Image { source_image: Some(source.into()), ..old(id) }
}

fn id(text: &str) -> ImageId {
    text.parse().unwrap()
}

fn verdicts(policy: &Policy, inventory: &Inventory) -> Vec<Verdict> {
    judge(policy, inventory, Moment::from_secs(NOW))
}

fn decisions(policy: &Policy, inventory: &Inventory) -> Vec<Decision> {
    verdicts(policy, inventory).iter().map(|verdict| verdict.decision).collect()
}

fn files(mentions: &[(&str, &str)], failures: &[&str]) -> Option<FileEvidence> {
    let mentions = mentions.iter().map(|(image, place)| FileMention { image: id(image), place: (*place).into() });
    Some(FileEvidence {
        read_at: Moment::from_secs(NOW),
        places: Vec::new(),
        mentions: mentions.collect(),
        files: 1,
        failures: failures.iter().map(|failure| (*failure).into()).collect(),
    })
}

#[test]
fn a_file_that_names_an_image_keeps_it_wherever_it_is() {
    let mut second = in_scope([old("ami-c")], []);
    second.scope.region = "eu-west-1".parse().unwrap();
    let mut inventory = inventory_of([in_scope([old("ami-a"), old("ami-b")], []), second]);
    assert_eq!(decisions(&policy(""), &inventory), [RETIRE; 3]);
    inventory.files = files(&[("ami-c", "prod.tfstate:12"), ("ami-a", "values.yaml:3"), ("ami-0", "x:1")], &[]);
    assert_eq!(decisions(&policy(""), &inventory), [Decision::Keep, RETIRE, Decision::Keep]);
    let verdict = verdicts(&policy(""), &inventory).remove(2);
    let reason = &verdict.reasons[0];
    assert_eq!((reason.code, reason.source), (ReasonCode::InUse, Some(Source::Files)));
    assert_eq!(reason.to_string(), "named in a file: prod.tfstate:12");
}

#[test]
fn a_file_that_could_not_be_read_blocks_every_image() {
    let mut inventory = inventory_of([in_scope([old("ami-a"), old("ami-b")], [])]);
    inventory.files = files(&[("ami-a", "x:1")], &["secret.tfstate: permission denied"]);
    let verdicts = verdicts(&policy(""), &inventory);
    assert_eq!((verdicts[0].decision, verdicts[1].decision), (Decision::Keep, Decision::Blocked));
    assert_eq!(verdicts[1].reasons[0].source, Some(Source::Files));
    assert_eq!(verdicts[1].reasons[0].to_string(), "a file could not be read: secret.tfstate: permission denied");
}

#[test]
fn an_inventory_of_an_earlier_version_is_read() {
    let mut inventory = inventory_of([in_scope([old("ami-a")], [])]);
    let text = serde_json::to_string(&inventory).unwrap();
    for field in ["\"files\"", "\"usage\":[", "\"witnessed\""] {
        assert!(!text.contains(field), "{field} is written although there is nothing in it");
    }
    assert_eq!(serde_json::from_str::<Inventory>(&text).unwrap(), inventory);
    inventory.files = files(&[("ami-a", "x:1")], &["y"]);
    inventory.scopes[0].witnessed = vec![Witnessed { image: id("ami-a"), failure: Some("denied".into()) }];
    let text = serde_json::to_string(&inventory).unwrap();
    assert_eq!(serde_json::from_str::<Inventory>(&text).unwrap(), inventory);
}

#[test]
fn the_second_witness_is_asked_about_candidates_and_blocks_while_it_does_not_speak() {
    let images = [old("ami-a"), old("ami-b"), image("ami-c", "db-1", 400), old("ami-d")];
    let mut inventory = inventory_of([in_scope(images, [instance("ami-d", "i-1")])]);
    let asked = |references: &str, inventory: &Inventory| {
        let policy = policy(references);
        let verdicts = verdicts(&policy, inventory);
        let asked: Vec<_> = needs_witness(&policy, inventory, &verdicts).collect();
        (verdicts.iter().map(|verdict| verdict.decision).collect::<Vec<_>>(), asked)
    };
    let kept = [Decision::Keep; 2];
    assert_eq!(asked("", &inventory), ([[RETIRE; 2], kept].concat(), vec![(0, 0), (0, 1)]));
    assert_eq!(asked("not_used: [image_references]", &inventory).1, []);

    inventory.scopes[0].witnessed = vec![Witnessed { image: id("ami-a"), failure: None }];
    inventory.scopes[0].cover(Coverage {
        source: Source::ImageReferences,
        status: CoverageStatus::Complete,
        detail: "".into(),
        items: 1,
        calls: 1,
        read_at: Moment::from_secs(NOW),
    });
    // Another policy has another candidate, which was not asked about.
    assert_eq!(asked("", &inventory), ([[RETIRE, Decision::Blocked], kept].concat(), vec![(0, 1)]));
    inventory.scopes[0].witnessed.push(Witnessed { image: id("ami-b"), failure: Some("UnauthorizedOperation".into()) });
    assert_eq!(asked("", &inventory), ([[RETIRE, Decision::Blocked], kept].concat(), vec![]));
    assert_eq!(asked("not_used: [image_references]", &inventory).0[1], RETIRE);
}

#[test]
fn ancestors_of_kept_images_stay_if_the_policy_says_so() {
    let lineage = |newest: Image| {
        let mut second = in_scope([made_from("ami-c", "ami-b"), newest], [instance("ami-d", "i-1")]);
        second.scope.region = "eu-west-1".parse().unwrap();
        second.scope.account = "222222222222".parse().unwrap();
        second.images.iter_mut().for_each(|image| image.owner = second.scope.account);
        inventory_of([in_scope([old("ami-a"), made_from("ami-b", "ami-a"), old("ami-e")], []), second])
    };
    let inventory = lineage(made_from("ami-d", "ami-c"));
    assert_eq!(decisions(&policy(""), &inventory), [RETIRE, RETIRE, RETIRE, RETIRE, Decision::Keep]);
    let verdicts = verdicts(&policy("ancestors: keep"), &inventory);
    let keep: Vec<bool> = verdicts.iter().map(|verdict| verdict.decision == Decision::Keep).collect();
    assert_eq!(keep, [true, true, false, true, true]);
    assert_eq!(verdicts[0].reasons[0].code, ReasonCode::Ancestor);
    assert_eq!(verdicts[0].reasons[0].to_string(), "an image that was made from it stays: ami-b");
    // Descendants of a kept image do not stay for it.
    let inventory = lineage(Image { source_image: None, ..old("ami-d") });
    assert_eq!(decisions(&policy("ancestors: keep"), &inventory)[..4], [RETIRE; 4]);
}

#[test]
fn a_ring_of_ancestors_ends() {
    let images = [made_from("ami-a", "ami-b"), made_from("ami-b", "ami-a"), made_from("ami-c", "ami-c")];
    let inventory = inventory_of([in_scope(images, [instance("ami-a", "i-1")])]);
    assert_eq!(decisions(&policy("ancestors: keep"), &inventory), [Decision::Keep, Decision::Keep, RETIRE]);
}

#[test]
fn an_ancestor_waits_for_what_its_descendant_waits_for() {
    let mut unread = made_from("ami-b", "ami-a");
    unread.launch_permissions = LaunchPermissions::Unread;
    let inventory = inventory_of([in_scope([old("ami-a"), unread.clone()], [])]);
    let policy = policy("ancestors: keep");
    let all = verdicts(&policy, &inventory);
    assert_eq!(all.iter().map(|verdict| verdict.decision).collect::<Vec<_>>(), [Decision::Blocked; 2]);
    assert_eq!(all[0].reasons[0].source, Some(Source::LaunchPermissions));
    // The ancestor's own permissions are asked for in the same round.
    let unread_ancestor = Image { launch_permissions: LaunchPermissions::Unread, ..old("ami-a") };
    let inventory = inventory_of([in_scope([unread_ancestor, unread], [])]);
    let all = verdicts(&policy, &inventory);
    assert_eq!(needs_launch_permissions(&inventory, &all).collect::<Vec<_>>(), [(0, 0), (0, 1)]);
}
