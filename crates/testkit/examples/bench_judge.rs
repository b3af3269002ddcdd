//! Times judging and planning (with the digest) of a million images on one thread, and the memory that it takes.
//!
//! `cargo run --release -p amictl-testkit --example bench_judge [-- IMAGES]`

use std::time::Instant;

use amictl_model::Moment;
use amictl_plan::{PlanInput, build};
use amictl_policy::{Policy, judge};
use amictl_testkit::{InventorySpec, inventory};

fn main() {
    let images = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let now = Moment::from_secs(1_795_000_000);
    let inventory = inventory(InventorySpec { images, seed: 1, now });
    let policy = Policy::built_in();
    eprintln!("inventory: {} bytes an image", peak_bytes() / images.max(1) as u64);

    let (start, cpu_start) = (Instant::now(), cpu_seconds());
    let verdicts = judge(&policy, &inventory, now);
    eprintln!(
        "judge: {:.3} s, peak {} bytes an image",
        start.elapsed().as_secs_f64(),
        peak_bytes() / images.max(1) as u64
    );
    let plan = build(PlanInput {
        policy_digest: policy.digest(),
        policy: &policy,
        inventory: &inventory,
        verdicts,
        created_at: now,
        now,
        plan_id: "bench".into(),
        planned_by: None,
    });
    let elapsed = start.elapsed();
    eprintln!("{:.3} s of them on a processor", cpu_seconds() - cpu_start);

    let counts = plan.counts().images;
    eprintln!("keep {}, retire {}, blocked {}; {}", counts.keep, counts.retire, counts.blocked, plan.digest);
    println!("judge_seconds: {:.3}", elapsed.as_secs_f64());
    println!("peak_bytes_per_image: {}", peak_bytes() / images.max(1) as u64);
}

/// Seconds that this process has run on a processor: less than the clock says when others are running too.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

/// The most memory that this process has had at once (`VmHWM`), 0 where the system does not tell.
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}
