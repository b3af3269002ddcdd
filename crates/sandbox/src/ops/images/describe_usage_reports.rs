//! EC2 `DescribeImageUsageReports` and `DescribeImageUsageReportEntries`.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{ImageId, Tags};
use compact_str::CompactString;

use super::usage_reports::{no_report, report_id};
use crate::filter::Filters;
use crate::ops::input::image_id;
use crate::ops::{Ctx, Op, paged};
use crate::page;
use crate::wire::{Encode, Params, Xml, wire_time};
use crate::world::{UsageEntry, UsageReport};
use crate::{Fault, World};

/// Ids that one call may name.
const IDS_MAX: usize = 200;

pub(crate) struct ReportsInput {
    images: Vec<ImageId>,
    reports: Vec<CompactString>,
    filters: Filters,
    limit: usize,
    token: Option<String>,
}

fn decode(params: &Params, filters: &[&str]) -> Result<ReportsInput, Fault> {
    let (images, reports) = (params.texts("ImageId")?, params.texts("ReportId")?);
    if images.len().max(reports.len()) > IDS_MAX {
        return Err(Fault::new("InvalidParameterValue", format!("At most {IDS_MAX} ids can be specified")));
    }
    Ok(ReportsInput {
        images: images.iter().map(|id| image_id(id)).collect::<Result<_, _>>()?,
        reports: reports.iter().map(|id| report_id(id)).collect::<Result<_, _>>()?,
        filters: Filters::decode(params, filters)?,
        limit: page::limit("maxResults", params.integer("MaxResults")?, 1..=i64::MAX)?.unwrap_or(1000).min(1000),
        token: params.string("NextToken"),
    })
}

/// The reports that are meant, by id; expired ones are no more.
fn meant(world: &mut World, ctx: &Ctx, input: &ReportsInput) -> Result<Vec<Arc<UsageReport>>, Fault> {
    let scope = world.scope_mut(ctx.account, &ctx.region);
    let is_there = |report: &Arc<UsageReport>| ctx.now < report.expires_at();
    if let Some(id) = input.reports.iter().find(|id| !scope.usage_reports.get(*id).is_some_and(is_there)) {
        return Err(no_report(id));
    }
    let is_meant = |report: &Arc<UsageReport>| {
        (input.reports.is_empty() || input.reports.contains(&report.id))
            && (input.images.is_empty() || input.images.contains(&report.image))
    };
    Ok(scope.usage_reports.values().filter(|report| is_there(report) && is_meant(report)).cloned().collect())
}

pub(crate) struct DescribeImageUsageReports;

pub(crate) struct ReportsOutput {
    reports: Vec<Arc<UsageReport>>,
    next_token: Option<String>,
    now: amictl_model::Moment,
}

impl Op for DescribeImageUsageReports {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeImageUsageReports");
    type Input = ReportsInput;
    type Output = ReportsOutput;
    paged!();

    fn decode(params: &Params) -> Result<ReportsInput, Fault> {
        decode(params, &["creation-time", "state", "tag-key"])
    }

    fn run(world: &mut World, ctx: &Ctx, input: ReportsInput) -> Result<ReportsOutput, Fault> {
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let reports = meant(world, ctx, &input)?;
        let entries = reports
            .into_iter()
            .map(|report| (report.id.clone(), report))
            .filter(|(id, _)| after.as_ref().is_none_or(|after| id.as_str() > after.as_str()));
        let page = page::fill(entries, Some(input.limit), |_, report| {
            let takes = input.filters.matches(&report.tags, |name, filter| match name {
                "creation-time" => filter.takes(&wire_time(report.created_at)),
                "state" => filter.takes(report.state(ctx.now)),
                _ => false,
            });
            takes.then_some(report)
        });
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, &id));
        Ok(ReportsOutput { reports: page.items, next_token, now: ctx.now })
    }
}

impl Encode for ReportsOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("imageUsageReportSet", "item", &self.reports, |xml, report| {
            xml.text("imageId", &report.image);
            xml.text("reportId", &report.id);
            xml.list("resourceTypeSet", "item", &report.resource_types, |xml, (kind, depth)| {
                xml.text("resourceType", kind);
                if let Some(depth) = depth {
                    xml.list("resourceTypeOptionSet", "item", [depth], |xml, depth| {
                        xml.text("optionName", "version-depth");
                        xml.texts("optionValueSet", "item", [depth.to_string()]);
                    });
                }
            });
            if !report.accounts.is_empty() {
                xml.texts("accountIdSet", "item", report.accounts.iter().map(ToString::to_string));
            }
            xml.text("state", report.state(self.now));
            xml.time("creationTime", report.created_at);
            xml.time("expirationTime", report.expires_at());
            xml.tag_set(&report.tags);
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}

pub(crate) struct DescribeImageUsageReportEntries;

pub(crate) struct EntriesOutput {
    entries: Vec<(Arc<UsageReport>, UsageEntry)>,
    next_token: Option<String>,
}

impl Op for DescribeImageUsageReportEntries {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeImageUsageReportEntries");
    type Input = ReportsInput;
    type Output = EntriesOutput;
    paged!();

    fn decode(params: &Params) -> Result<ReportsInput, Fault> {
        decode(params, &["account-id", "creation-time", "resource-type"])
    }

    fn run(world: &mut World, ctx: &Ctx, input: ReportsInput) -> Result<EntriesOutput, Fault> {
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let reports = meant(world, ctx, &input)?;
        let entries = reports.iter().filter(|report| ctx.now >= report.available_at).flat_map(|report| {
            report.entries.iter().map(move |entry| {
                (
                    format!("{}/{}/{}", report.id, entry.account, entry.resource_type),
                    (Arc::clone(report), entry.clone()),
                )
            })
        });
        let rest = entries.filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
        let page = page::fill(rest, Some(input.limit), |_, (report, entry)| {
            let takes = input.filters.matches(&Tags::default(), |name, filter| match name {
                "account-id" => filter.takes_value(entry.account),
                "creation-time" => filter.takes(&wire_time(report.created_at)),
                "resource-type" => filter.takes(&entry.resource_type),
                _ => false,
            });
            takes.then_some((report, entry))
        });
        let next_token = page.next.map(|key| page::token_after(ctx, Self::SPEC.name, &key));
        Ok(EntriesOutput { entries: page.items, next_token })
    }
}

impl Encode for EntriesOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("imageUsageReportEntrySet", "item", &self.entries, |xml, (report, entry)| {
            xml.text("resourceType", &entry.resource_type);
            xml.text("reportId", &report.id);
            xml.value("usageCount", entry.count);
            xml.value("accountId", entry.account);
            xml.text("imageId", &report.image);
            xml.time("reportCreationTime", report.created_at);
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}
