//! A scan of 100,000 images: how many calls, how long, how much memory.

use anyhow::{Context, Result};
use serde_json::Value;

use super::sandbox::{Run, Sandbox};
use super::{Row, built_binary};
use crate::workspace;

const COMMAND: &str = "cargo xtask bench scan";
const IMAGES: u64 = 100_000;
const PEAK_BYTES_MAX: u64 = 300_000_000;

/// Which operation pages a source, and AWS's largest page of it.
const PAGES: [(&str, &str, u64); 5] = [
    ("images", "DescribeImages", 1000),
    ("snapshots", "DescribeSnapshots", 1000),
    ("instances", "DescribeInstances", 1000),
    ("launch_configurations", "DescribeLaunchConfigurations", 100),
    ("auto_scaling_groups", "DescribeAutoScalingGroups", 100),
];

pub(super) fn rows() -> Result<Vec<Row>> {
    let binary = built_binary()?;
    let folder = workspace::target()?.join("bench").join("scan");
    let sandbox = Sandbox::start(&binary, &folder, &["--generate", &format!("images={IMAGES}")])?;
    let run = sandbox.run(&["scan"])?;
    let mut rows = vec![
        Row::shown("scan of 100,000 images", format!("{:.1} s", run.took.as_secs_f64()), COMMAND),
        Row::promised(
            "peak memory of that",
            format!("{} MB", run.peak_bytes / 1_000_000),
            &format!("≤ {} MB", PEAK_BYTES_MAX / 1_000_000),
            run.peak_bytes <= PEAK_BYTES_MAX,
            COMMAND,
        ),
    ];
    rows.extend(calls(&run)?);
    Ok(rows)
}

/// A row for each operation: calls sent against the least that pagination allows.
fn calls(run: &Run) -> Result<Vec<Row>> {
    let sent = run.calls()?;
    let mut rows = Vec::new();
    for (operation, calls) in &sent {
        let what = format!("  calls of {operation}");
        let source = PAGES.iter().find(|(_, name, _)| name == operation);
        rows.push(match source {
            Some((source, _, page)) => {
                let least = items(&run.json, source)?.div_ceil(*page).max(1);
                Row::promised(&what, calls.sent.to_string(), &least.to_string(), calls.sent == least, COMMAND)
            }
            None => Row::shown(&what, calls.sent.to_string(), COMMAND),
        });
    }
    Ok(rows)
}

/// How many items of a source the scan has read.
fn items(json: &Value, source: &str) -> Result<u64> {
    let coverage = json["coverage"].as_array().context("the JSON has no `coverage`")?;
    let entries = coverage.iter().filter(|entry| entry["source"] == source);
    Ok(entries.filter_map(|entry| entry["items"].as_u64()).sum())
}
