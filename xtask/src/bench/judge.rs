//! Judging and planning a million images: an example of the workspace does it and prints what it took.
//!
//! It is done several times, each in a process of its own, and the least time is told: the work is the same each time, so whatever a
//! run takes beyond that is what else the machine was doing.

use anyhow::{Context, Result, bail};

use super::Row;
use crate::workspace;

const COMMAND: &str = "cargo xtask bench judge";
const EXAMPLE: &str = "bench_judge";
const SECONDS_MAX: f64 = 1.5;
const BYTES_PER_IMAGE_MAX: f64 = 1024.0;
const RUNS: usize = 5;

pub(super) fn rows() -> Result<Vec<Row>> {
    let package = package_with_example()?;
    let args = ["run", "--quiet", "--release", "--package", &package, "--example", EXAMPLE];
    let (mut seconds, mut bytes) = (f64::INFINITY, 0_f64);
    for run in 1..=RUNS {
        let printed = workspace::output(&mut workspace::cargo(&args))?;
        let took = number_after(&printed, "judge_seconds:")?;
        println!("run {run} of {RUNS}: {took} s");
        seconds = seconds.min(took);
        bytes = bytes.max(number_after(&printed, "peak_bytes_per_image:")?);
    }
    println!("judge_seconds: {seconds}\npeak_bytes_per_image: {bytes}");
    Ok(vec![
        Row::promised(
            "judge and plan 1,000,000 images",
            format!("{seconds:.2} s, the least of {RUNS} runs"),
            &format!("≤ {SECONDS_MAX} s"),
            seconds <= SECONDS_MAX,
            COMMAND,
        ),
        Row::promised(
            "peak memory of that, an image",
            format!("{bytes:.0} bytes"),
            &format!("≤ {BYTES_PER_IMAGE_MAX:.0} bytes"),
            bytes <= BYTES_PER_IMAGE_MAX,
            COMMAND,
        ),
    ])
}

/// The package that the example belongs to.
fn package_with_example() -> Result<String> {
    let metadata = workspace::metadata()?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let has_example = |package: &&serde_json::Value| {
        let targets = package["targets"].as_array().map_or(&[][..], Vec::as_slice);
        targets.iter().any(|target| target["name"] == EXAMPLE && target["kind"][0] == "example")
    };
    match packages.iter().find(has_example).and_then(|package| package["name"].as_str()) {
        Some(name) => Ok(name.to_owned()),
        None => bail!("no package has an example `{EXAMPLE}`"),
    }
}

fn number_after(text: &str, label: &str) -> Result<f64> {
    let found = text.lines().find_map(|line| line.trim().strip_prefix(label));
    let found = found.with_context(|| format!("`{EXAMPLE}` did not print `{label}`"))?;
    found.trim().parse().with_context(|| format!("`{label}` is followed by something other than a number: {found}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_by_their_label() {
        let text = "images: 1000000\njudge_seconds: 1.25\npeak_bytes_per_image: 640\n";
        assert_eq!(number_after(text, "judge_seconds:").unwrap().to_string(), "1.25");
        assert!(number_after(text, "plan_seconds:").is_err());
    }
}
