//! A scan of 100,000 images: how many calls, how long, how much memory.

use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use super::process::{Run, Sandbox};
use super::{Row, built_binary};
use crate::workspace;

const COMMAND: &str = "cargo xtask bench scan";
const IMAGES: u64 = 100_000;
const PEAK_BYTES_MAX: u64 = 300_000_000;

/// Which source an operation reads, and AWS's largest page of it. The generated templates have one version each; all versions
/// of a template are only told template by template, so that their least number of calls is that of the templates.
const PAGES: [(&str, &str, u64); 7] = [
    ("DescribeImages", "images", 1000),
    ("DescribeSnapshots", "snapshots", 1000),
    ("DescribeInstances", "instances", 1000),
    ("DescribeLaunchTemplates", "launch_templates", 200),
    ("DescribeLaunchTemplateVersions", "launch_templates", 1),
    ("DescribeLaunchConfigurations", "launch_configurations", 100),
    ("DescribeAutoScalingGroups", "auto_scaling_groups", 100),
];

/// The types of resources that are listed through Cloud Control, those below a cluster not counted.
const TYPES: u64 = 11;

/// Keeps everything: launch permissions, which AWS tells image by image only, are not read of images that stay.
pub(super) const KEEP_ALL: &str = "\
version: 1
families:
  - name: everything
    match: { name: \"*\" }
    keep: { newest: 1000000 }
    retire:
      - deregister: { snapshots: delete }
";

pub(super) fn rows() -> Result<Vec<Row>> {
    let binary = built_binary()?;
    let folder = workspace::target()?.join("bench").join("scan");
    let sandbox = Sandbox::start(&binary, &folder, &["--generate", &format!("images={IMAGES}")])?;
    fs::write(sandbox.file("keep-all.yaml"), KEEP_ALL)?;
    let keeping = sandbox.run(&["scan", "-f", "keep-all.yaml"])?;
    let careful = sandbox.run(&["scan"])?;
    let mut rows = took("scan of 100,000 images that all stay", &keeping);
    rows.extend(calls(&keeping)?);
    rows.extend(took("the same by the built-in policy", &careful));
    let permissions = careful.calls()?.get("DescribeImageAttribute").copied().unwrap_or_default();
    rows.push(Row::shown("  further calls, of DescribeImageAttribute", permissions.sent.to_string(), COMMAND));
    Ok(rows)
}

fn took(what: &str, run: &Run) -> Vec<Row> {
    vec![
        Row::shown(what, format!("{:.1} s", run.took.as_secs_f64()), COMMAND),
        Row::promised(
            "  peak memory",
            format!("{} MB", run.peak_bytes / 1_000_000),
            &format!("≤ {} MB", PEAK_BYTES_MAX / 1_000_000),
            run.peak_bytes <= PEAK_BYTES_MAX,
            COMMAND,
        ),
    ]
}

/// A row for each operation: calls sent against the least that pagination allows; no other operation pages anything.
fn calls(run: &Run) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (operation, calls) in run.calls()? {
        let what = format!("  calls of {operation}");
        let least = match PAGES.iter().find(|(name, _, _)| *name == operation) {
            Some((_, source, page)) => items(&run.json, source)?.div_ceil(*page).max(1),
            // One listing for each type that Cloud Control reads; the world has none of them.
            None if operation == "ListResources" => TYPES,
            None => 1,
        };
        rows.push(Row::promised(&what, calls.sent.to_string(), &format!("{least}"), calls.sent == least, COMMAND));
    }
    Ok(rows)
}

/// How many items of a source the scan has read.
fn items(json: &Value, source: &str) -> Result<u64> {
    let coverage = json["coverage"].as_array().context("the JSON has no `coverage`")?;
    let entries = coverage.iter().filter(|entry| entry["source"] == source);
    Ok(entries.filter_map(|entry| entry["items"].as_u64()).sum())
}
