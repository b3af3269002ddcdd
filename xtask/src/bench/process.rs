//! A sandbox process to measure against, and runs of amictl and of others measured in time, memory and calls.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use wait4::Wait4;

use crate::workspace;

/// A running sandbox; it ends when this is dropped.
pub(super) struct Sandbox {
    process: Child,
    url: String,
    binary: PathBuf,
    folder: PathBuf,
}

/// What one process took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Used {
    /// Wall-clock time.
    pub(super) took: Duration,
    /// Peak resident memory.
    pub(super) peak_bytes: u64,
}

/// What one run of amictl took.
pub(super) struct Run {
    /// Wall-clock time.
    pub(super) took: Duration,
    /// Peak resident memory.
    pub(super) peak_bytes: u64,
    /// The JSON that it printed.
    pub(super) json: Value,
}

/// What was sent for one operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Calls {
    pub(super) sent: u64,
    pub(super) throttled: u64,
}

impl Sandbox {
    /// Starts one with these options and waits until it has printed its address.
    pub(super) fn start(binary: &Path, folder: &Path, options: &[&str]) -> Result<Self> {
        // What an earlier run has left is not to be resumed or read.
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let mut process = Command::new(binary)
            .args(["sandbox", "--listen", "127.0.0.1:0"])
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the sandbox")?;
        let stdout = process.stdout.take().context("the sandbox has no output")?;
        let mut sandbox = Self { process, url: String::new(), binary: binary.to_owned(), folder: folder.to_owned() };
        let mut lines = BufReader::new(stdout).lines();
        for line in &mut lines {
            if let Some(url) = address(&line?) {
                sandbox.url = url;
                // Nobody reads on, and nobody may block on that.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(sandbox);
            }
        }
        bail!("the sandbox ended without printing its address")
    }

    /// A file in the bench's folder.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Host and port.
    pub(super) fn address(&self) -> &str {
        self.url.trim_start_matches("http://").trim_end_matches('/')
    }

    /// What an AWS client needs to find the sandbox.
    pub(super) fn credentials(&self) -> [(&'static str, &str); 5] {
        [
            ("AWS_ENDPOINT_URL", &self.url),
            ("AWS_ACCESS_KEY_ID", "bench"),
            ("AWS_SECRET_ACCESS_KEY", "bench"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ]
    }

    /// Runs amictl against the sandbox; it has to print JSON and end with 0.
    pub(super) fn run(&self, args: &[&str]) -> Result<Run> {
        let (stdout, stderr) = (self.file("stdout.json"), self.file("stderr.txt"));
        let mut command = Command::new(&self.binary);
        command.args(["--output", "json", "--state"]).arg(self.file("state")).args(args).current_dir(&self.folder);
        command.envs(self.credentials()).stdin(Stdio::null());
        command.stdout(File::create(&stdout)?).stderr(File::create(&stderr)?);
        let (status, used) = measured(&mut command)?;
        if !status.success() {
            bail!("`amictl {}` failed ({status}): {}", args.join(" "), fs::read_to_string(&stderr)?.trim_end());
        }
        let json = serde_json::from_reader(BufReader::new(File::open(&stdout)?)).context("amictl printed no JSON")?;
        Ok(Run { took: used.took, peak_bytes: used.peak_bytes, json })
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Run {
    /// What was sent, by operation.
    pub(super) fn calls(&self) -> Result<BTreeMap<String, Calls>> {
        let calls = self.json["calls"].as_object().context("the JSON has no `calls`")?;
        let count = |value: &Value, key: &str| value[key].as_u64().unwrap_or_default();
        Ok(calls
            .iter()
            .map(|(name, value)| {
                (name.clone(), Calls { sent: count(value, "sent"), throttled: count(value, "throttled") })
            })
            .collect())
    }
}

/// Runs a process to its end.
pub(super) fn measured(command: &mut Command) -> Result<(ExitStatus, Used)> {
    let began = Instant::now();
    let used = command.spawn().with_context(|| format!("cannot start {}", workspace::show(command)))?.wait4()?;
    Ok((used.status, Used { took: began.elapsed(), peak_bytes: used.rusage.maxrss }))
}

/// The address in a line that a sandbox prints.
fn address(line: &str) -> Option<String> {
    let rest = &line[line.find("http://127.0.0.1:")?..];
    Some(rest.split(|letter: char| letter.is_whitespace() || letter == '"').next().unwrap_or(rest).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_in_a_line() {
        let line = "export AWS_ENDPOINT_URL=http://127.0.0.1:4599";
        assert_eq!(address(line).as_deref(), Some("http://127.0.0.1:4599"));
        assert_eq!(address("listening on http://127.0.0.1:9 until Ctrl-C").as_deref(), Some("http://127.0.0.1:9"));
        assert_eq!(address("starting"), None);
    }
}
