//! A scan of 40 accounts × 17 Regions × 500 images at 20 ms latency and AWS's request limits, against the time that those allow.

use std::fs;

use anyhow::{Context, Result};

use super::process::{Run, Sandbox};
use super::scan::KEEP_ALL;
use super::{Row, built_binary};
use crate::workspace;

const COMMAND: &str = "cargo xtask bench scan";
const ACCOUNTS: u64 = 40;
const REGIONS: u64 = 17;
const IMAGES: u64 = ACCOUNTS * REGIONS * 500;
const LATENCY_SECONDS: f64 = 0.02;
/// As many calls at once as amictl makes unless told otherwise.
const CONCURRENCY: u64 = 16;
const PEAK_BYTES_MAX: u64 = 1_000_000_000;
/// How much longer than the bound a scan may take.
const SLACK: f64 = 1.2;
/// AWS's bucket of most reading calls, of each account, Region and API: so many at once, so many a second after that.
const BUCKET: (f64, f64) = (100.0, 20.0);
/// What the sandbox makes: its own account, then these.
const FIRST_ACCOUNT: &str = "123456789012";
const NEXT_ACCOUNTS: u64 = 111_100_000_001;

pub(super) fn rows() -> Result<Vec<Row>> {
    let binary = built_binary()?;
    let folder = workspace::target()?.join("bench").join("organization");
    let generate = format!("images={IMAGES},accounts={ACCOUNTS},regions={REGIONS}");
    let options = ["--generate", &generate, "--latency", "20ms", "--throttle", "aws"];
    let sandbox = Sandbox::start(&binary, &folder, &options)?;
    let mut accounts = FIRST_ACCOUNT.to_owned();
    for account in NEXT_ACCOUNTS..NEXT_ACCOUNTS + ACCOUNTS - 1 {
        accounts.push_str(&format!("\n{account}"));
    }
    fs::write(sandbox.file("accounts.txt"), accounts)?;
    fs::write(sandbox.file("keep-all.yaml"), KEEP_ALL)?;
    let concurrency = CONCURRENCY.to_string();
    let run = sandbox.run(&[
        "scan",
        "-f",
        "keep-all.yaml",
        "--accounts-file",
        "accounts.txt",
        "--assume-role",
        "reader",
        "--region",
        "all",
        "--rate",
        "aws",
        "--concurrency",
        &concurrency,
    ])?;
    let scopes = run.json["scopes"].as_array().context("the JSON has no `scopes`")?;
    // One that could not be entered is among them, with nothing in it.
    let scopes = scopes.iter().filter(|scope| scope["images"].as_u64() == Some(500)).count();
    let is_complete = run.json["complete"].as_bool() == Some(true);
    let took = run.took.as_secs_f64();
    let (bound, of) = bound(&run)?;
    let throttled: u64 = run.calls()?.values().map(|calls| calls.throttled).sum();
    let sent: u64 = run.calls()?.values().map(|calls| calls.sent).sum();
    let promised =
        |what: &str, measured: String, promised: String, kept| Row::promised(what, measured, &promised, kept, COMMAND);
    Ok(vec![
        promised(
            &format!("scan of {ACCOUNTS} accounts × {REGIONS} Regions × 500 images, {sent} calls"),
            format!("{took:.1} s"),
            format!("≤ {:.1} s ({SLACK} × {bound:.1} s by {of})", SLACK * bound),
            took <= SLACK * bound,
        ),
        promised("  throttled requests", throttled.to_string(), "0".to_owned(), throttled == 0),
        promised(
            "  accounts × Regions that were read whole, with 500 images each",
            scopes.to_string(),
            (ACCOUNTS * REGIONS).to_string(),
            scopes as u64 == ACCOUNTS * REGIONS && is_complete,
        ),
        promised(
            "  peak memory",
            format!("{} MB", run.peak_bytes / 1_000_000),
            format!("≤ {} MB", PEAK_BYTES_MAX / 1_000_000),
            run.peak_bytes <= PEAK_BYTES_MAX,
        ),
    ])
}

/// The least time that latency and concurrency, or the fullest bucket, allow; and which of them it is.
fn bound(run: &Run) -> Result<(f64, &'static str)> {
    let calls = run.calls()?;
    let sent: u64 = calls.values().map(|calls| calls.sent).sum();
    let latency = sent as f64 * LATENCY_SECONDS / CONCURRENCY as f64;
    let fullest = calls.values().map(|calls| calls.sent).max().unwrap_or_default() as f64;
    let of_one = fullest / (ACCOUNTS * REGIONS) as f64;
    let bucket = ((of_one - BUCKET.0) / BUCKET.1).max(0.0);
    Ok(if latency >= bucket { (latency, "latency and concurrency") } else { (bucket, "the request buckets") })
}
