//! Auto Scaling `DescribeInstanceRefreshes`.

use amictl_cloud::{OperationSpec, Service};
use amictl_model::Moment;

use super::create_group::group_of;
use super::describe_groups::{write_mixed, write_template};
use super::query_xml::write_as_sent;
use crate::ops::paged;
use crate::ops::{Ctx, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::Refresh;
use crate::{Fault, World};

pub(crate) struct DescribeInstanceRefreshes;

pub(crate) struct DescribeInstanceRefreshesInput {
    group: String,
    ids: Vec<String>,
    limit: Option<usize>,
    token: Option<String>,
}

pub(crate) struct DescribeInstanceRefreshesOutput {
    group: String,
    refreshes: Vec<Refresh>,
    next_token: Option<String>,
    now: Moment,
}

impl Op for DescribeInstanceRefreshes {
    const SPEC: OperationSpec = OperationSpec::read(Service::AutoScaling, "DescribeInstanceRefreshes");
    type Input = DescribeInstanceRefreshesInput;
    type Output = DescribeInstanceRefreshesOutput;
    paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        Ok(DescribeInstanceRefreshesInput {
            group: params.required("AutoScalingGroupName")?.to_owned(),
            ids: params.texts("InstanceRefreshIds")?,
            limit: page::limit("maxRecords", params.integer("MaxRecords")?, 1..=100)?.or(Some(50)),
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let group = group_of(world, ctx, &input.group)?;
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        // The newest come first.
        let newest_first =
            group.course.refreshes.iter().rev().enumerate().map(|(at, refresh)| (format!("{at:08}"), refresh));
        let later = newest_first.filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
        let page = page::fill(later, input.limit, |_, refresh| {
            (input.ids.is_empty() || input.ids.iter().any(|id| *id == refresh.id)).then(|| refresh.clone())
        });
        if let Some(id) = input.ids.iter().find(|id| !group.course.refreshes.iter().any(|refresh| refresh.id == **id)) {
            let id: String = id.chars().take(60).collect();
            return Err(Fault::validation(format!("Could not find instance refresh {id}")));
        }
        Ok(DescribeInstanceRefreshesOutput {
            group: input.group,
            refreshes: page.items,
            next_token: page.next.map(|key| page::token_after(ctx, Self::SPEC.name, &key)),
            now: ctx.now,
        })
    }
}

impl Encode for DescribeInstanceRefreshesOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("InstanceRefreshes", "member", &self.refreshes, |xml, refresh| {
            xml.text("InstanceRefreshId", &refresh.id);
            xml.text("AutoScalingGroupName", &self.group);
            write_refresh(xml, refresh, self.now);
        });
        xml.optional("NextToken", self.next_token.as_ref());
    }
}

fn write_refresh(xml: &mut Xml, refresh: &Refresh, now: Moment) {
    let to_update = match &refresh.rollback {
        Some(rollback) => usize::try_from(rollback.to_update).unwrap_or(usize::MAX),
        None => refresh.waiting.len(),
    };
    xml.text("Status", refresh.status(now));
    xml.optional("StatusReason", refresh.reason.as_ref());
    xml.time("StartTime", refresh.started_at);
    if let Some(at) = refresh.ended_at {
        xml.time("EndTime", at);
    }
    xml.value("PercentageComplete", refresh.percentage());
    xml.value("InstancesToUpdate", to_update);
    xml.element("ProgressDetails", |xml| {
        xml.element("LivePoolProgress", |xml| {
            xml.value("PercentageComplete", refresh.percentage());
            xml.value("InstancesToUpdate", to_update);
        });
    });
    write_preferences(xml, &refresh.preferences);
    if let Some(desired) = &refresh.desired {
        xml.element("DesiredConfiguration", |xml| {
            if let Some(template) = &desired.template {
                write_template(xml, "LaunchTemplate", template);
            }
            if let Some(mixed) = &desired.mixed {
                xml.element("MixedInstancesPolicy", |xml| write_mixed(xml, mixed));
            }
        });
    }
    if let Some(rollback) = &refresh.rollback {
        xml.element("RollbackDetails", |xml| {
            xml.text("RollbackReason", &rollback.reason);
            xml.time("RollbackStartTime", rollback.started_at);
            xml.value("PercentageCompleteOnRollback", rollback.percentage);
            xml.value("InstancesToUpdateOnRollback", rollback.to_update);
        });
    }
    xml.text("Strategy", "Rolling");
}

/// `Preferences` with what they are by default.
fn write_preferences(xml: &mut Xml, sent: &Params) {
    xml.element("Preferences", |xml| {
        for (name, default) in [
            ("MinHealthyPercentage", Some("90")),
            ("MaxHealthyPercentage", None),
            ("InstanceWarmup", None),
            ("CheckpointDelay", None),
            ("SkipMatching", Some("false")),
            ("AutoRollback", Some("false")),
            ("ScaleInProtectedInstances", Some("Ignore")),
            ("StandbyInstances", Some("Ignore")),
            ("BakeTime", None),
        ] {
            xml.optional(name, sent.text(name).filter(|text| !text.is_empty()).or(default));
        }
        for name in ["CheckpointPercentages", "AlarmSpecification"] {
            if let Some(member) = sent.structure(name) {
                write_as_sent(xml, name, member);
            }
        }
    });
}
