//! The sandbox as a server: small calls, pages, a listing of a million images, memory; and moto on the same calls.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::Row;
use super::http::{Connection, Request, calls_per_second, element};
use super::moto::Moto;
use crate::workspace;

const COMMAND: &str = "cargo xtask bench sandbox";
const IMAGES: u64 = 1_000_000;
const PAGE: u64 = 1000;
const LOAD_TIME: Duration = Duration::from_secs(5);
const CALLS_PER_SECOND_MIN: f64 = 15_000.0;
const PAGE_MS_MAX: f64 = 6.0;
const LISTING_SECONDS_MAX: f64 = 15.0;
const RESIDENT_BYTES_MAX: u64 = 2_500_000_000;
const FIRST_PAGE: &str = "Action=DescribeImages&Owner.1=self&MaxResults=1000";

/// The example `serve` with a generated world; it ends when this is dropped.
struct Server {
    process: Child,
    address: String,
    ready_after: Duration,
}

impl Server {
    fn start(images: u64) -> Result<Self> {
        let package = ["--release", "--package", "amictl-sandbox", "--example", "serve"];
        workspace::run(workspace::cargo(&["build", "--quiet"]).args(package))?;
        let binary = workspace::target()?.join("release").join("examples").join("serve");
        let generate = format!("images={images},instances=0,templates=0");
        let began = Instant::now();
        let mut process = workspace::command(&binary, &["--listen", "127.0.0.1:0", "--generate", &generate])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let stdout = process.stdout.take().context("the server has no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let mut server = Self { process, address: String::new(), ready_after: began.elapsed() };
        let address = line.trim().strip_prefix("http://").context("the server ended without printing its address")?;
        address.clone_into(&mut server.address);
        Ok(server)
    }

    /// Resident memory, by the kernel's account.
    fn resident_bytes(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib: u64 = line.context("no VmRSS")?.trim().trim_end_matches(" kB").parse()?;
        Ok(kib * 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What was measured of a server.
struct Speeds {
    small: Vec<(&'static str, f64)>,
    page_ms: f64,
}

pub(super) fn rows() -> Result<Vec<Row>> {
    let server = Server::start(IMAGES)?;
    let resident = server.resident_bytes()?;
    let speeds = speeds(&server.address, 2, 16, 50)?;
    let listing = listing(&server.address)?;
    let after = server.resident_bytes()?;
    let mut rows = Vec::new();
    for (name, speed) in &speeds.small {
        let (measured, promised) = (format!("{speed:.0} a second"), format!("≥ {CALLS_PER_SECOND_MIN:.0} a second"));
        rows.push(Row::promised(
            &format!("sandbox: {name}"),
            measured,
            &promised,
            *speed >= CALLS_PER_SECOND_MIN,
            COMMAND,
        ));
    }
    rows.extend([
        Row::promised(
            "sandbox: a page of 1,000 images",
            format!("{:.2} ms", speeds.page_ms),
            &format!("≤ {PAGE_MS_MAX:.0} ms"),
            speeds.page_ms <= PAGE_MS_MAX,
            COMMAND,
        ),
        Row::promised(
            "sandbox: 1,000,000 images listed",
            format!("{listing:.2} s"),
            &format!("≤ {LISTING_SECONDS_MAX:.0} s"),
            listing <= LISTING_SECONDS_MAX,
            COMMAND,
        ),
        Row::promised(
            "sandbox: memory with 1,000,000 images, 2,000,000 snapshots",
            format!("{:.2} GB", resident as f64 / 1e9),
            &format!("≤ {:.1} GB", RESIDENT_BYTES_MAX as f64 / 1e9),
            resident <= RESIDENT_BYTES_MAX,
            COMMAND,
        ),
        Row::shown("  an image with its snapshots", format!("{} bytes", resident / IMAGES), COMMAND),
        Row::shown("  memory after the calls", format!("{:.2} GB", after as f64 / 1e9), COMMAND),
        Row::shown("  time until it listens", format!("{:.1} s", server.ready_after.as_secs_f64()), COMMAND),
    ]);
    drop(server);
    let moto = moto_speeds()?;
    for (name, speed) in &moto.small {
        rows.push(Row::shown(&format!("moto: {name}"), format!("{speed:.0} a second"), COMMAND));
    }
    rows.push(Row::shown("moto: a page of 1,000 images", format!("{:.0} ms", moto.page_ms), COMMAND));
    Ok(rows)
}

/// Small calls by kind and in turn, and the median of so many pages.
fn speeds(address: &str, threads: usize, connections: usize, pages: usize) -> Result<Speeds> {
    let mut connection = Connection::open(address)?;
    let first = connection.call("ec2", FIRST_PAGE)?;
    let image = element(&first, "imageId").context("there are no images")?;
    let calls = [
        ("GetCallerIdentity", "sts", "Action=GetCallerIdentity".to_owned()),
        ("DescribeVpcs", "ec2", "Action=DescribeVpcs".to_owned()),
        ("DescribeImages of one id", "ec2", format!("Action=DescribeImages&ImageId.1={image}")),
    ];
    let mut small = Vec::new();
    for (name, service, form) in &calls {
        let request = [Request::new(address, service, form)];
        small.push((*name, calls_per_second(address, &request, threads, connections, LOAD_TIME)?));
    }
    let all: Vec<Request> = calls.iter().map(|(_, service, form)| Request::new(address, service, form)).collect();
    small.push(("these three in turn", calls_per_second(address, &all, threads, connections, LOAD_TIME)?));
    let mut times = Vec::with_capacity(pages);
    for _ in 0..pages {
        let began = Instant::now();
        let page = connection.call("ec2", FIRST_PAGE)?;
        times.push(began.elapsed());
        ensure!(page.matches("<imageId>").count() as u64 == PAGE, "a page has not {PAGE} images");
    }
    times.sort_unstable();
    Ok(Speeds { small, page_ms: times[pages / 2].as_secs_f64() * 1000.0 })
}

/// Seconds that it takes to list all images, page by page.
fn listing(address: &str) -> Result<f64> {
    let mut connection = Connection::open(address)?;
    let began = Instant::now();
    let (mut images, mut form) = (0, FIRST_PAGE.to_owned());
    loop {
        let page = connection.call("ec2", &form)?;
        images += page.matches("<imageId>").count() as u64;
        match element(&page[page.len().saturating_sub(400)..], "nextToken") {
            Some(token) => form = format!("{FIRST_PAGE}&NextToken={token}"),
            None => break,
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    ensure!(images == IMAGES, "{images} images were listed instead of {IMAGES}");
    Ok(seconds)
}

/// moto with as many images as a page takes.
fn moto_speeds() -> Result<Speeds> {
    let moto = Moto::start()?;
    let mut connection = Connection::open(&moto.address)?;
    for number in 0..PAGE {
        let device = "BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.VolumeSize=8";
        connection.call("ec2", &format!("Action=RegisterImage&Name=image-{number:07}&{device}"))?;
    }
    speeds(&moto.address, 1, 4, 5)
}
