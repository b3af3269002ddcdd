//! An apply of 1,000 images: how many mutating calls an image, and how many are throttled.

use std::time::Duration;
use std::{fs, thread};

use anyhow::{Context, Result, ensure};

use super::process::Sandbox;
use super::{Row, built_binary};
use crate::workspace;

const COMMAND: &str = "cargo xtask bench apply";
/// A few of the generated images are in use, so about 1,000 of these go.
const IMAGES: u64 = 1020;
/// Long after everything that a sandbox generates.
const NOW: &str = "2040-01-01T00:00:00Z";
/// Every bucket of AWS that is used here is full again after this.
const BUCKETS_FULL_AFTER: Duration = Duration::from_secs(20);
const MUTATING: [&str; 5] =
    ["DisableImage", "DeregisterImage", "DeleteSnapshot", "EnableImage", "ModifyImageAttribute"];

/// Retires everything that nothing uses.
const POLICY: &str = "\
version: 1
references: { other_accounts: ignore }
limits: { max_actions: 1000000, max_percent: 100, min_images: 1 }
families:
  - name: everything
    match: { name: \"*\" }
    keep: { newest: 0 }
    retire:
      - deregister: { snapshots: delete }
";

pub(super) fn rows() -> Result<Vec<Row>> {
    let binary = built_binary()?;
    let mut rows = Vec::new();
    for throttle in ["off", "aws"] {
        let folder = workspace::target()?.join("bench").join(format!("apply-{throttle}"));
        let generate = format!("images={IMAGES}");
        let sandbox = Sandbox::start(&binary, &folder, &["--generate", &generate, "--throttle", throttle])?;
        fs::write(sandbox.file("policy.yaml"), POLICY)?;
        let plan = sandbox.run(&["plan", "-f", "policy.yaml", "--now", NOW, "--out", "plan.json"])?;
        let steps = plan.json["steps"].as_array().context("the plan has no `steps`")?.len() as u64;
        ensure!(steps > 0, "the generated world has nothing to retire");
        if throttle == "aws" {
            // The plan has emptied buckets, and a new process cannot know: what is promised is for full ones.
            thread::sleep(BUCKETS_FULL_AFTER);
        }
        // amictl takes AWS's documented buckets for granted with AWS only; this endpoint is as strict.
        let rate = if throttle == "aws" { "aws" } else { "adaptive" };
        let apply = sandbox.run(&["apply", "plan.json", "--yes", "--settle", "0s", "--rate", rate])?;
        let calls = apply.calls()?;
        let mutating: u64 = MUTATING.iter().filter_map(|name| calls.get(*name)).map(|calls| calls.sent).sum();
        let throttled: u64 = calls.values().map(|calls| calls.throttled).sum();
        rows.push(Row::promised(
            &format!("mutating calls for {steps} images, --throttle {throttle}"),
            mutating.to_string(),
            &format!("{} (2 an image)", 2 * steps),
            mutating == 2 * steps,
            COMMAND,
        ));
        let by_operation: Vec<String> = calls
            .iter()
            .filter(|(_, calls)| calls.throttled > 0)
            .map(|(name, calls)| format!("{name} {}", calls.throttled))
            .collect();
        let measured = format!("{throttled} {}", by_operation.join(", "));
        rows.push(Row::promised("  throttled answers", measured.trim_end().to_owned(), "0", throttled == 0, COMMAND));
        rows.push(Row::shown("  time", format!("{:.1} s", apply.took.as_secs_f64()), COMMAND));
    }
    Ok(rows)
}
