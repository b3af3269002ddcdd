//! A disk that is imported over HTTP, beside a client that puts as many blocks over as many connections and does nothing else.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::http::{Connection, Request};
use super::process::Sandbox;
use super::{Row, built_binary};
use crate::workspace;

const COMMAND: &str = "cargo xtask bench import";
const BLOCK: usize = 524_288;
const BLOCKS: usize = 2_048;
/// As many as amictl has under way by default.
const CONNECTIONS: usize = 16;
const SHARE_MIN: f64 = 0.7;
const OPTIONS: [&str; 4] = ["--world", "empty", "--pace", "all=0s"];

pub(super) fn rows() -> Result<Vec<Row>> {
    let binary = built_binary()?;
    let folder = workspace::target()?.join("bench").join("import");
    let mib = ((BLOCKS * BLOCK) >> 20) as f64;
    let raw = {
        let sandbox = Sandbox::start(&binary, &folder, &OPTIONS)?;
        let mut disk = random_disk(&sandbox.file("disk.raw"))?;
        mib / put_raw(sandbox.address(), &mut disk)?
    };
    let sandbox = Sandbox::start(&binary, &folder, &OPTIONS)?;
    let path = sandbox.file("disk.raw");
    random_disk(&path)?;
    let run = sandbox.run(&["import", &path.display().to_string(), "--region", "us-east-1"])?;
    let whole = run.took.as_secs_f64();
    let uploaded = mib / uploading(&sandbox.file("state"))?;
    let puts = run.calls()?.get("PutSnapshotBlock").map_or(0, |calls| calls.sent);
    ensure!(puts == BLOCKS as u64, "{puts} blocks were put instead of {BLOCKS}");
    // What a run leaves is large.
    std::fs::remove_file(&path)?;
    let share = uploaded / raw;
    Ok(vec![
        Row::promised(
            &format!("upload of a disk of {mib:.0} MiB of random bytes by `amictl import`"),
            format!("{uploaded:.0} MiB/s, {:.0} % of {raw:.0} MiB/s raw", share * 100.0),
            &format!("≥ {:.0} % of what the endpoint takes raw", SHARE_MIN * 100.0),
            share >= SHARE_MIN,
            COMMAND,
        ),
        Row::shown(
            "  the whole command: reading it, sending it, three sightings of the snapshot",
            format!("{whole:.1} s, {:.0} MiB/s", mib / whole),
            COMMAND,
        ),
        Row::shown("  memory at most", format!("{} MB", run.peak_bytes / 1_000_000), COMMAND),
    ])
}

/// Seconds between the journal's two lines on the blocks of the only run in this state folder.
fn uploading(state: &Path) -> Result<f64> {
    let run = std::fs::read_dir(state.join("runs"))?.next().context("there is no run")??.path();
    let journal = std::fs::read_to_string(run.join("journal.jsonl"))?;
    let mut at = Vec::new();
    for line in journal.lines() {
        let line: Value = serde_json::from_str(line)?;
        if line["event"]["call"] == "put_blocks" {
            at.push(seconds(line["at"].as_str().unwrap_or_default()).context("a line of the journal has no time")?);
        }
    }
    match at[..] {
        [began, ended] if ended > began => Ok(ended - began),
        _ => bail!("the journal does not say how long the blocks took"),
    }
}

/// Seconds of the day of a time such as `2026-11-22T11:40:54.204Z`.
fn seconds(time: &str) -> Option<f64> {
    let mut parts = time.split_once('T')?.1.trim_end_matches('Z').split(':');
    let mut next = || parts.next()?.parse::<f64>().ok();
    Some(next()? * 3600.0 + next()? * 60.0 + next()?)
}

/// Writes a disk of random bytes, each time others.
fn random_disk(path: &Path) -> Result<BufReader<File>> {
    let mut state = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos())? | 1;
    let mut file = BufWriter::with_capacity(BLOCK, File::create(path)?);
    for _ in 0..BLOCKS * BLOCK / 8 {
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        file.write_all(&state.to_le_bytes())?;
    }
    file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
    Ok(BufReader::with_capacity(BLOCK, File::open(path)?))
}

/// Seconds that it takes to put all blocks, whose checksums are known before.
fn put_raw(address: &str, disk: &mut BufReader<File>) -> Result<f64> {
    let mut connection = Connection::open(address)?;
    let json = "Content-Type: application/json\r\n";
    let request = Request::ebs(address, "POST", "/snapshots", json, br#"{"VolumeSize":1}"#);
    let started: Value = serde_json::from_slice(connection.ask_for(&request)?)?;
    let snapshot = started["SnapshotId"].as_str().context("no snapshot was started")?.to_owned();
    let mut puts = Vec::with_capacity(BLOCKS);
    let mut block = vec![0; BLOCK];
    for index in 0..BLOCKS {
        disk.read_exact(&mut block)?;
        let checksum = STANDARD.encode(Sha256::digest(&block));
        let headers = format!(
            "x-amz-Data-Length: {BLOCK}\r\nx-amz-Checksum: {checksum}\r\nx-amz-Checksum-Algorithm: SHA256\r\n\
             Content-Type: application/octet-stream\r\n"
        );
        puts.push(Request::ebs(address, "PUT", &format!("/snapshots/{snapshot}/blocks/{index}"), &headers, &block));
    }
    let next = AtomicUsize::new(0);
    let began = Instant::now();
    let ends: Vec<Result<()>> = std::thread::scope(|scope| {
        let put = || -> Result<()> {
            let mut connection = Connection::open(address)?;
            while let Some(request) = puts.get(next.fetch_add(1, Ordering::Relaxed)) {
                connection.ask_for(request)?;
            }
            Ok(())
        };
        let threads: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(put)).collect();
        let panicked = |_| bail!("a thread of the raw client failed");
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(panicked)).collect()
    });
    let seconds = began.elapsed().as_secs_f64();
    ends.into_iter().collect::<Result<()>>()?;
    Ok(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        assert_eq!(seconds("2026-11-22T11:40:54.25Z"), Some(42_054.25));
        assert_eq!(seconds("11:40"), None);
    }
}
