//! Whatever lies in the state is read or refused: the plain twins of the fuzz targets `journal` and `inventory` in `fuzz/`.

use std::io::Write;

use amictl_apply::{CallOutcome, Event, Fate, JournalCall, Record, RunStarted, RunStatus, SnapshotFate, StepResult};
use amictl_model::Moment;
use amictl_state::{fuzzing, load_inventory_file};
use amictl_testkit::{InventorySpec, NOW, Random, image, inventory, mutated};

/// Files with slips for each example.
const SLIPPED: u64 = 500;

/// A run with every kind of line.
fn journal() -> Vec<u8> {
    let step = || "s1".to_owned();
    let intent = |call| Event::Intent { step: step(), call };
    let outcome = |call, outcome| Event::Outcome { step: step(), call, outcome };
    let snapshot = "snap-01".parse().unwrap();
    let fates =
        || vec![SnapshotFate { id: "snap-01".parse().unwrap(), fate: Fate::Kept("other images use it".to_owned()) }];
    let events = [
        Event::RunStarted(RunStarted {
            run_id: "run-1".to_owned(),
            plan_id: "plan-1".to_owned(),
            plan_digest: "sha256:00".to_owned(),
            account: "111111111111".parse().unwrap(),
            regions: vec!["us-east-1".parse().unwrap()],
            steps: 1,
            settle_seconds: 60,
        }),
        Event::Recorded { step: step(), image: Box::new(image("ami-01", "web-1", 400)) },
        intent(JournalCall::Disable),
        outcome(JournalCall::Disable, CallOutcome::Done),
        Event::RunResumed,
        Event::Rechecked { step: step(), found: None, overruled: None },
        intent(JournalCall::Deregister),
        outcome(JournalCall::Deregister, CallOutcome::Deregistered(fates())),
        intent(JournalCall::DeleteSnapshot(snapshot)),
        outcome(JournalCall::DeleteSnapshot("snap-01".parse().unwrap()), CallOutcome::Failed("denied".to_owned())),
        Event::StepFinished { step: step(), result: StepResult::Done { snapshots: fates() } },
        Event::RunFinished { status: RunStatus::Finished },
    ];
    let mut lines = Vec::new();
    for (seq, event) in (1..).zip(events) {
        serde_json::to_writer(&mut lines, &Record { seq, at: Moment::from_secs(NOW), event }).unwrap();
        lines.push(b'\n');
    }
    lines
}

fn small_inventory() -> Vec<u8> {
    serde_json::to_vec(&&inventory(InventorySpec { images: 6, seed: 1, now: Moment::from_secs(NOW) })).unwrap()
}

#[test]
fn journals_with_slips() {
    let journal = journal();
    for seed in 0..SLIPPED {
        fuzzing::journal(&mutated(&journal, &mut Random::new(seed)));
    }
}

#[test]
fn inventories_with_slips_packed_or_not() {
    let json = small_inventory();
    let packed = zstd::encode_all(&json[..], 1).unwrap();
    for seed in 0..SLIPPED {
        let mut random = Random::new(seed);
        let slipped = mutated(&json, &mut random);
        fuzzing::inventory(&slipped);
        fuzzing::inventory(&zstd::encode_all(&slipped[..], 1).unwrap());
        fuzzing::inventory(&mutated(&packed, &mut random));
    }
}

/// A few kilobytes that unpack to a quarter of a gigabyte: of white space, of one text, of one list.
#[test]
fn inventories_that_would_fill_the_memory_are_refused() {
    const UNPACKED_BYTES: usize = 256 << 20;
    let folder = tempfile::tempdir().unwrap();
    for (name, head, piece) in [
        ("spaces", "", " "),
        ("text", "{\"format_version\": \"", "1"),
        ("unknown", "{\"more\": \"", "1"),
        ("list", "{\"scopes\": [", "\n"),
        ("names", "{", "\"a\":0,"),
    ] {
        let path = folder.path().join(name);
        let block = piece.repeat((1 << 20) / piece.len());
        let mut encoder = zstd::Encoder::new(std::fs::File::create(&path).unwrap(), 3).unwrap();
        encoder.write_all(head.as_bytes()).unwrap();
        for _ in 0..UNPACKED_BYTES >> 20 {
            encoder.write_all(block.as_bytes()).unwrap();
        }
        encoder.finish().unwrap();
        let packed_bytes = std::fs::metadata(&path).unwrap().len();
        assert!(packed_bytes < 1 << 20, "{name} has {packed_bytes} bytes");
        let error = load_inventory_file(&path).unwrap_err().to_string();
        assert!(error.contains("unpacks to more than 250 times its size"), "{name}: {error}");
    }
}

#[test]
fn files_that_are_deep_or_full_of_large_numbers() {
    for text in [
        "[".repeat(1 << 20),
        format!("{{\"more\": {}", "[".repeat(1 << 20)),
        format!("{{\"more\": {}", "{\"a\":".repeat(200_000)),
        format!("{{\"created_at\": {}}}", "9".repeat(1 << 20)),
        format!("{{\"created_at\": \"{}\"}}", "9".repeat(1 << 20)),
    ] {
        fuzzing::inventory(text.as_bytes());
        fuzzing::inventory(&zstd::encode_all(text.as_bytes(), 3).unwrap());
        fuzzing::journal(format!("{text}\n").as_bytes());
    }
}
