//! The stages put together: policy, inventory, verdicts.

use std::path::Path;
use std::time::Duration;

use amictl_cloud::Clock;
use amictl_collect::files::{FilePlace, read_files};
use amictl_collect::{
    Aggregator, ImageRequest, Observer, ScanRequest, UsageSettings, ask_aggregator, ask_witness,
    read_launch_permissions, read_usage, scan,
};
use amictl_model::{CoverageStatus, Inventory, Moment, Scope, Source};
use amictl_policy::{Policy, PolicyErrors, judge, needs_launch_permissions, needs_usage_report, needs_witness};

use crate::args::{AggregatorName, Global};
use crate::clock::new_id;
use crate::exit::Failure;
use crate::output::Terminal;
use crate::session::Session;

/// The policy file that is used when none is named.
const DEFAULT_POLICY_FILE: &str = "amictl.yaml";
/// Rounds of launch permissions for policies that choose by them. What is not read after these stays blocked.
const PERMISSION_ROUNDS_MAX: usize = 4;
/// A policy is written by people; anything larger is something else.
const POLICY_BYTES_MAX: u64 = 1 << 20;

/// The policy of this file, of `amictl.yaml`, or the built-in one.
pub(crate) fn load_policy(file: Option<&Path>, terminal: &Terminal) -> Result<Policy, Failure> {
    let default = Path::new(DEFAULT_POLICY_FILE);
    match file {
        Some(file) => parse_policy(file, terminal),
        None if default.is_file() => {
            terminal.note(&format!("policy: {DEFAULT_POLICY_FILE}"));
            parse_policy(default, terminal)
        }
        None => {
            terminal.note("policy: the built-in one (`amictl policy built-in` prints it)");
            Ok(Policy::built_in())
        }
    }
}

/// The policy of this file.
pub(crate) fn parse_policy(file: &Path, terminal: &Terminal) -> Result<Policy, Failure> {
    let text = read_policy_text(file)?;
    Policy::parse(&text, &file.display().to_string()).map_err(|errors| policy_errors(&errors, terminal))
}

/// The text of a policy file, or of another file that people write about policies.
pub(crate) fn read_policy_text(file: &Path) -> Result<String, Failure> {
    let failure = |error: std::io::Error| Failure::error(format!("cannot read {}: {error}", file.display()));
    let size = std::fs::metadata(file).map_err(failure)?.len();
    if size > POLICY_BYTES_MAX {
        return Err(Failure::error(format!(
            "{} has {size} bytes: a policy has at most {POLICY_BYTES_MAX}",
            file.display()
        )));
    }
    let bytes = std::fs::read(file).map_err(failure)?;
    String::from_utf8(bytes).map_err(|error| Failure::error(format!("{} is not UTF-8: {error}", file.display())))
}

/// The errors of such a file, laid out with their lines.
pub(crate) fn policy_errors(errors: &PolicyErrors, terminal: &Terminal) -> Failure {
    Failure::error(errors.render(terminal.color_errors())).laid_out()
}

/// Reads everything once, then what takes calls for each image, the cheapest first, and each only for the images whose verdict depends
/// on it: launch permissions, use by other accounts, EC2's own knowledge of references.
pub(crate) async fn take_inventory(
    session: &Session,
    clock: &Clock,
    policy: &Policy,
    what: Take,
    observer: &dyn Observer,
) -> Result<Inventory, Failure> {
    let mut inventory = scan_all(session, clock, policy, &what, observer).await?;
    look_closer(session, clock, policy, &mut inventory, &what, observer).await;
    Ok(inventory)
}

/// Reads what takes calls for each image, of those whose verdict depends on it.
pub(crate) async fn look_closer(
    session: &Session,
    clock: &Clock,
    policy: &Policy,
    inventory: &mut Inventory,
    what: &Take,
    observer: &dyn Observer,
) {
    // Judged again only after something more was read: that takes long where there are many images.
    let mut verdicts = judge(policy, inventory, what.now);
    // Whom an image is shared with may decide which family has it, and so which other images would go.
    for _ in 0..PERMISSION_ROUNDS_MAX {
        let requests = ImageRequest::of(needs_launch_permissions(inventory, &verdicts));
        if requests.is_empty() {
            break;
        }
        read_launch_permissions(session, clock, inventory, &requests, what.concurrency, observer).await;
        verdicts = judge(policy, inventory, what.now);
        if !policy.asks_for_sharing() {
            break;
        }
    }
    let requests = ImageRequest::of(needs_usage_report(policy, inventory, &verdicts));
    if !requests.is_empty() {
        let usage =
            UsageSettings { wait_max: what.usage_wait, concurrency: what.concurrency, ..UsageSettings::default() };
        read_usage(session, clock, inventory, &requests, &usage, observer).await;
        verdicts = judge(policy, inventory, what.now);
    }
    let requests = ImageRequest::of(needs_witness(policy, inventory, &verdicts));
    if !requests.is_empty() {
        ask_witness(session, clock, inventory, &requests, what.concurrency, observer).await;
    }
}

/// Reads everything once, files too; refused when not one Region's images could be read.
pub(crate) async fn scan_all(
    session: &Session,
    clock: &Clock,
    policy: &Policy,
    what: &Take,
    observer: &dyn Observer,
) -> Result<Inventory, Failure> {
    let request = ScanRequest {
        id: new_id(clock),
        scopes: session.scopes(),
        unreachable: session.unreachable.clone(),
        concurrency: what.concurrency,
        skip: policy.references.not_used.clone(),
    };
    let mut inventory = scan(session, clock, request, observer).await;
    refuse_if_blind(&inventory)?;
    let Some(home) = session.regions.first() else { return Ok(inventory) };
    let cloud = &*session.cloud;
    if !what.files.is_empty() {
        read_files(cloud, home, clock, &mut inventory, &what.files, what.concurrency).await;
    }
    if let Some(AggregatorName { name, region }) = &what.aggregator {
        let region = region.as_ref().unwrap_or(home).clone();
        let aggregator = Aggregator { scope: Scope { account: session.account, region }, name: name.clone() };
        ask_aggregator(cloud, clock, &mut inventory, &aggregator, observer).await;
    }
    Ok(inventory)
}

/// How to take an inventory.
#[derive(Debug, Clone)]
pub(crate) struct Take {
    pub(crate) concurrency: usize,
    pub(crate) now: Moment,
    /// Files, folders and buckets whose AMI ids are uses.
    pub(crate) files: Vec<FilePlace>,
    /// An aggregator of AWS Config.
    pub(crate) aggregator: Option<AggregatorName>,
    /// How long usage reports are waited for.
    pub(crate) usage_wait: Duration,
}

impl Take {
    /// As the options say.
    pub(crate) fn new(global: &Global, now: Moment) -> Self {
        Self {
            concurrency: usize::from(global.concurrency),
            now,
            files: global.evidence.references_from.clone(),
            aggregator: global.evidence.config_aggregator.clone(),
            usage_wait: global.evidence.usage_wait,
        }
    }
}

/// When not one Region's images could be read, there is nothing to say of any image.
fn refuse_if_blind(inventory: &Inventory) -> Result<(), Failure> {
    let unread: Vec<_> = inventory
        .scopes
        .iter()
        .filter_map(|scope| {
            scope.coverage_of(Source::Images).filter(|images| images.status != CoverageStatus::Complete)
        })
        .collect();
    match unread.first() {
        Some(first) if unread.len() == inventory.scopes.len() => {
            let hint = amictl_cloud::advice(&first.detail)
                .unwrap_or("`amictl doctor` tries each call and says what is missing");
            Err(Failure::error(format!("images could not be read in any Region: {}", first.detail)).hint(hint))
        }
        _ => Ok(()),
    }
}
