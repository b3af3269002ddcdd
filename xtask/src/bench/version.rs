//! How long amictl takes to start and say its version.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::{Row, built_binary};
use crate::workspace;

const RUNS: usize = 20;
const MEDIAN_MAX: Duration = Duration::from_millis(10);

pub(super) fn rows() -> Result<Vec<Row>> {
    let binary = built_binary()?;
    let mut times = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let mut command = workspace::command(&binary, &["--version"]);
        let began = Instant::now();
        let status = command.stdout(Stdio::null()).status().context("cannot start amictl")?;
        times.push(began.elapsed());
        ensure!(status.success(), "`amictl --version` failed ({status})");
    }
    times.sort_unstable();
    let median = times[RUNS / 2];
    Ok(vec![Row::promised(
        "amictl --version, median of 20",
        format!("{:.1} ms", median.as_secs_f64() * 1000.0),
        &format!("≤ {} ms", MEDIAN_MAX.as_millis()),
        median <= MEDIAN_MAX,
        "cargo xtask bench version",
    )])
}
