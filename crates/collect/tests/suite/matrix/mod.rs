//! The matrix of reference sources: for each, a world in which one image is used only there, the same world with the source
//! spoiled in every way, and the same world without the use. One table drives it: `rows`.
mod account;
mod odd;
mod rows;
mod services;

use std::collections::BTreeSet;

use amictl_cloud::Clock;
use amictl_collect::{ImageRequest, ScanRequest, ask_witness, read_launch_permissions, scan};
use amictl_model::{CoverageStatus, ImageId, Inventory, Scope, Source};
use amictl_policy::{Decision, Policy, ReasonCode, Verdict, judge, needs_witness};
use amictl_sandbox::{FaultKind, FaultRule, InProcess, When};

use account::Account;
use rows::{Read, Row, rows};

const POLICY: &str = "version: 1\nfamilies:\n  - name: all\n    match: { name: \"*\" }\n    keep: { younger_than: 30d }\n    retire: [deregister]\n";

/// A scan, and what is judged of it.
struct Judged {
    inventory: Inventory,
    verdicts: Vec<Verdict>,
}

impl Judged {
    async fn of(account: &Account, faults: Vec<FaultRule>) -> Self {
        account.sandbox.set_faults(faults.into());
        let cloud = InProcess::new(account.sandbox.clone(), account::id());
        let now = account.clock.now();
        let clock = Clock::fixed(now);
        let request = ScanRequest {
            id: "matrix".to_owned(),
            scopes: vec![Scope { account: account::id(), region: account::region() }],
            unreachable: Vec::new(),
            concurrency: 2,
            skip: Vec::new(),
        };
        let mut inventory = scan(&cloud, &clock, request, &()).await;
        let policy = Policy::parse(POLICY, "matrix.yaml").unwrap();
        let images = (0..inventory.scopes[0].images.len()).collect();
        let all = [ImageRequest { scope: 0, images }];
        read_launch_permissions(&cloud, &clock, &mut inventory, &all, 2, &()).await;
        let candidates = ImageRequest::of(needs_witness(&policy, &inventory, &judge(&policy, &inventory, now)));
        ask_witness(&cloud, &clock, &mut inventory, &candidates, 2, &()).await;
        let verdicts = judge(&policy, &inventory, now);
        Self { inventory, verdicts }
    }

    fn verdict(&self, image: &str) -> &Verdict {
        let at = self.inventory.scopes[0].images.iter().position(|known| known.id.as_str() == image).unwrap();
        &self.verdicts[at]
    }

    /// The sources that name an image.
    fn users(&self, image: &str) -> BTreeSet<Source> {
        let image: ImageId = image.parse().unwrap();
        let uses = self.inventory.scopes[0].references.iter().filter(|reference| reference.image == image);
        uses.map(|reference| reference.source).collect()
    }

    /// How reading a source went, and what is said of it.
    fn coverage(&self, source: Source) -> (CoverageStatus, &str) {
        let coverage = self.inventory.scopes[0].coverage_of(source).unwrap();
        (coverage.status, &coverage.detail)
    }

    /// Whether an image is blocked because of a source.
    fn is_blocked_by(&self, image: &str, source: Source) -> bool {
        let verdict = self.verdict(image);
        verdict.decision == Decision::Blocked
            && verdict
                .reasons
                .iter()
                .any(|reason| reason.code == ReasonCode::Unreadable && reason.source == Some(source))
    }
}

/// A rule about a read of a row.
fn rule(read: &Read, kind: FaultKind) -> FaultRule {
    let rule = FaultRule::new(read.operation, kind);
    read.resource_type.into_iter().fold(rule, FaultRule::about_type)
}

#[test]
fn every_reference_source_has_a_row() {
    let told: BTreeSet<Source> = rows().iter().map(|row| row.source).collect();
    let all: BTreeSet<Source> = Source::REFERENCES.iter().copied().collect();
    assert_eq!(told, all);
}

/// A world of a row.
fn world(row: &Row, without: bool) -> Account {
    let mut account = Account::new(without);
    (row.build)(&mut account);
    account
}

#[tokio::test]
async fn an_image_that_is_used_in_one_place_only_is_kept_for_it_and_the_others_are_retired() {
    for row in rows() {
        let account = world(&row, false);
        let judged = Judged::of(&account, Vec::new()).await;
        let image = account.name("asked");
        let mut expected = BTreeSet::from([row.source]);
        expected.extend(row.witnesses);
        assert_eq!(judged.users(image), expected, "{row}: {:?}", judged.inventory.scopes[0].references);
        let verdict = judged.verdict(image);
        assert_eq!(verdict.decision, Decision::Keep, "{row}: {:?}", verdict.reasons);
        let mut uses = verdict.reasons.iter().filter(|reason| reason.code == ReasonCode::InUse);
        // A reason without a source says how many more uses there are.
        let names_source = uses.any(|reason| reason.source.is_none_or(|source| source == row.source));
        assert!(names_source, "{row}: {:?}", verdict.reasons);
        let (idle, reasons) = (judged.verdict(account.name("idle")).decision, &judged.inventory.scopes[0].coverage);
        if row.is_whole {
            assert!(matches!(idle, Decision::Retire(_)), "{row}: {reasons:?}");
        } else {
            assert!(judged.is_blocked_by(account.name("idle"), row.source), "{row}: {reasons:?}");
        }
    }
}

#[tokio::test]
async fn without_the_use_the_image_is_retired() {
    for row in rows().into_iter().filter(|row| row.is_whole) {
        let account = world(&row, true);
        let judged = Judged::of(&account, Vec::new()).await;
        let image = account.name("asked");
        assert_eq!(judged.users(image), BTreeSet::new(), "{row}");
        assert_eq!(judged.coverage(row.source).0, CoverageStatus::Complete, "{row}: {}", judged.coverage(row.source).1);
        assert!(matches!(judged.verdict(image).decision, Decision::Retire(_)), "{row}: {:?}", judged.verdict(image));
    }
}

#[tokio::test]
async fn a_source_that_is_denied_blocks_what_nothing_keeps() {
    for row in rows() {
        let account = world(&row, false);
        for read in &row.reads {
            let judged = Judged::of(&account, vec![rule(read, FaultKind::AccessDenied)]).await;
            let (status, detail) = judged.coverage(row.source);
            assert_eq!(status, CoverageStatus::Denied, "{row}, {read:?}: {detail}");
            assert!(judged.is_blocked_by(account.name("idle"), row.source), "{row}, {read:?}");
        }
    }
}

#[tokio::test]
async fn a_source_that_fails_at_its_second_page_or_at_one_of_its_resources_blocks_what_nothing_keeps() {
    for row in rows() {
        let account = world(&row, false);
        for read in &row.reads {
            // Another page follows on the first one, whether there is one or not.
            let faults = match read.is_paged {
                true => vec![
                    rule(read, FaultKind::RepeatedToken).when(When::Nth(1)),
                    rule(read, FaultKind::ServerError).when(When::Nth(2)),
                ],
                false => vec![rule(read, FaultKind::ServerError)],
            };
            let judged = Judged::of(&account, faults).await;
            let (status, detail) = judged.coverage(row.source);
            assert_eq!(status, CoverageStatus::Failed, "{row}, {read:?}");
            assert!(detail.contains(read.operation), "{row}, {read:?}: {detail}");
            assert!(judged.is_blocked_by(account.name("idle"), row.source), "{row}, {read:?}");
        }
    }
}

#[tokio::test]
async fn a_source_that_repeats_its_page_token_blocks_what_nothing_keeps() {
    for row in rows() {
        let account = world(&row, false);
        for read in row.reads.iter().filter(|read| read.is_paged) {
            let judged = Judged::of(&account, vec![rule(read, FaultKind::RepeatedToken)]).await;
            let (status, detail) = judged.coverage(row.source);
            assert_eq!(status, CoverageStatus::Failed, "{row}, {read:?}");
            assert!(detail.contains("repeats the token"), "{row}, {read:?}: {detail}");
            assert!(judged.is_blocked_by(account.name("idle"), row.source), "{row}, {read:?}");
        }
    }
}
