//! EC2 `CreateImageUsageReport` and `DeleteImageUsageReport`: who else uses an image.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{AccountId, ImageId, Tags};
use compact_str::CompactString;

use super::own_image::own_image;
use super::references::{Look, Place, ReferenceKind};
use crate::ops::input::{image_id, resource_id, tag_specification};
use crate::ops::{Ctx, Done, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::{UsageEntry, UsageReport};
use crate::{Fault, World};

/// Accounts that one report may be about.
const ACCOUNTS_MAX: usize = 200;
/// Versions of a launch template that count unless asked otherwise.
const VERSION_DEPTH: u32 = 20;

pub(crate) struct CreateImageUsageReport;

pub(crate) struct CreateInput {
    image: ImageId,
    looks: Vec<Look>,
    accounts: Vec<AccountId>,
    tags: Tags,
}

pub(crate) struct ReportId(CompactString);

impl Encode for ReportId {
    fn encode(&self, xml: &mut Xml) {
        xml.text("reportId", &self.0);
    }
}

impl Op for CreateImageUsageReport {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CreateImageUsageReport");
    type Input = CreateInput;
    type Output = ReportId;

    fn decode(params: &Params) -> Result<CreateInput, Fault> {
        let looks: Vec<Look> = params
            .structures("ResourceType")?
            .into_iter()
            .map(|params| Look::decode(params, VERSION_DEPTH))
            .collect::<Result<_, _>>()?;
        if looks.is_empty() {
            return Err(Fault::missing("ResourceType"));
        }
        if let Some(look) = looks.iter().find(|look| look.kind == ReferenceKind::Parameter || !look.states.is_empty()) {
            return Err(Fault::invalid_value("ResourceType", look.kind.as_str()));
        }
        let accounts = params.texts("AccountId")?;
        if accounts.len() > ACCOUNTS_MAX {
            return Err(Fault::new(
                "InvalidParameterValue",
                format!("At most {ACCOUNTS_MAX} accounts can be specified"),
            ));
        }
        let account = |text: &String| text.parse().map_err(|_| Fault::invalid_value("AccountId", text));
        Ok(CreateInput {
            image: image_id(params.required("ImageId")?)?,
            looks,
            accounts: accounts.iter().map(account).collect::<Result<_, _>>()?,
            tags: tag_specification(params, "image-usage-report")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: CreateInput) -> Result<ReportId, Fault> {
        own_image(world, ctx, &input.image)?;
        require_free(world, ctx, &input.image)?;
        ctx.commit()?;
        let id = world.new_id("amiur-");
        let report = UsageReport {
            id: id.clone(),
            entries: entries(world, ctx, &input),
            image: input.image,
            resource_types: input
                .looks
                .iter()
                .map(|look| (look.kind.as_str().into(), look.has_depth.then_some(look.depth)))
                .collect(),
            accounts: input.accounts,
            created_at: ctx.now,
            available_at: ctx.now.plus_secs(world.pace.task_secs.into()),
            tags: input.tags,
        };
        let scope = world.scope_mut(ctx.account, &ctx.region);
        scope.usage_reports.insert(id.clone(), Arc::new(report));
        Ok(ReportId(id))
    }
}

/// Refuses a second report of an image while one is pending, and one more than may be pending.
fn require_free(world: &World, ctx: &Ctx, image: &ImageId) -> Result<(), Fault> {
    let Some(scope) = world.scope(ctx.account, &ctx.region) else { return Ok(()) };
    let pending = scope.usage_reports.values().filter(|report| ctx.now < report.available_at);
    let (mut count, mut is_about_image) = (0, false);
    for report in pending {
        count += 1;
        is_about_image |= report.image == *image;
    }
    if !is_about_image && count < world.limits.usage_reports_max {
        return Ok(());
    }
    let message = format!("Too many image usage reports are pending; a report of '{image}' can be created later.");
    Err(Fault::new("ResourceLimitExceeded", message))
}

fn entries(world: &World, ctx: &Ctx, input: &CreateInput) -> Vec<UsageEntry> {
    let is_meant =
        |account: AccountId| account != ctx.account && (input.accounts.is_empty() || input.accounts.contains(&account));
    let known_until = ctx.now.plus_secs(-i64::from(world.pace.usage_secs));
    let mut entries = Vec::new();
    for (account, scope) in world.in_region(&ctx.region, None).filter(|(account, _)| is_meant(*account)) {
        let place = Place { account, region: &ctx.region, scope, now: ctx.now, known_until };
        for look in &input.looks {
            let mut count = 0;
            look.find(&place, &input.image, |_| count += 1);
            if count > 0 {
                entries.push(UsageEntry { account, resource_type: look.kind.as_str().into(), count });
            }
        }
    }
    entries
}

/// A report's id.
pub(super) fn report_id(text: &str) -> Result<CompactString, Fault> {
    resource_id(text, "amiur-", "InvalidImageUsageReportId.Malformed")
}

/// The refusal of a report that is not there, or not any more.
pub(super) fn no_report(id: &str) -> Fault {
    Fault::new("InvalidImageUsageReportId.NotFound", format!("The image usage report '{id}' does not exist"))
}

pub(crate) struct DeleteImageUsageReport;

impl Op for DeleteImageUsageReport {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "DeleteImageUsageReport");
    type Input = CompactString;
    type Output = Done;

    fn decode(params: &Params) -> Result<CompactString, Fault> {
        report_id(params.required("ReportId")?)
    }

    fn run(world: &mut World, ctx: &Ctx, id: CompactString) -> Result<Done, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        if scope.usage_reports.get(&id).is_none_or(|report| ctx.now >= report.expires_at()) {
            return Err(no_report(&id));
        }
        ctx.commit()?;
        scope.usage_reports.remove(&id);
        Ok(Done)
    }
}
