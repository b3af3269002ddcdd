//! A copy of one image into 16 Regions: it takes as long as one Region takes, and few calls.

use anyhow::{Context, Result};

use super::process::Sandbox;
use super::{Row, built_binary};
use crate::workspace;

const COMMAND: &str = "cargo xtask bench copy";
/// Every Region but the image's own that an account has without opting in.
const REGIONS: [&str; 16] = [
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ca-central-1",
    "sa-east-1",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-north-1",
    "ap-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-southeast-1",
    "ap-southeast-2",
];
/// How long each Region takes: that of a small image.
const SECONDS: u64 = 240;

pub(super) fn rows() -> Result<Vec<Row>> {
    let binary = built_binary()?;
    let folder = workspace::target()?.join("bench").join("copy");
    let pace = format!("image={SECONDS}s");
    let options = ["--generate", "images=1,instances=0,templates=0,groups=0", "--pace", &pace, "--latency", "20ms"];
    let sandbox = Sandbox::start(&binary, &folder, &options)?;
    let inventory = sandbox.run(&["list", "--region", "us-east-1"])?;
    let image =
        inventory.json["images"][0]["image_id"].as_str().context("the generated world has no image in us-east-1")?;
    let run = sandbox.run(&["copy", image, "--to-region", &REGIONS.join(","), "--wait"])?;
    let seconds = run.took.as_secs_f64();
    let calls = run.calls()?;
    let looks = calls.get("DescribeImages").map_or(0, |calls| calls.sent);
    let most = SECONDS as f64 * 1.1;
    Ok(vec![
        Row::promised(
            &format!("copy of an image to {} Regions of {SECONDS} s each, waited for", REGIONS.len()),
            format!("{seconds:.1} s"),
            &format!("≤ {most:.0} s (the slowest Region + 10 %)"),
            seconds <= most,
            COMMAND,
        ),
        Row::shown("  looks at images (DescribeImages)", looks.to_string(), COMMAND),
    ])
}
