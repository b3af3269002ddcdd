//! Scaling activities: noting them, writing them, and Auto Scaling `DescribeScalingActivities`.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{AccountId, Moment, Region};
use compact_str::{CompactString, format_compact};

use super::describe_groups::group_arn;
use crate::filter::Filters;
use crate::ops::paged;
use crate::ops::{Ctx, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml, wire_time};
use crate::world::{Activity, Group};
use crate::{Fault, World};

/// Activities that a group remembers.
const ACTIVITIES_MAX: usize = 1000;

/// How an activity goes.
pub(super) enum Outcome {
    /// It succeeds at this time.
    Ends(Moment),
    /// It failed at once.
    Failed(String),
}

/// Notes an activity of a group.
pub(super) fn note(
    world: &mut World,
    ctx: &Ctx,
    group: &mut Group,
    description: String,
    cause: String,
    outcome: Outcome,
) -> Activity {
    let (ends_at, failure) = match outcome {
        Outcome::Ends(at) => (at, None),
        Outcome::Failed(reason) => (ctx.now, Some(reason.into_boxed_str())),
    };
    let activity = Activity {
        id: uuid(world),
        description: description.into(),
        cause: cause.into(),
        started_at: ctx.now,
        ends_at,
        failure,
    };
    if group.course.activities.len() >= ACTIVITIES_MAX {
        group.course.activities.remove(0);
    }
    group.course.activities.push(activity.clone());
    activity
}

/// A new id in the form of a UUID.
pub(super) fn uuid(world: &mut World) -> CompactString {
    let (high, low) = (world.new_number(), world.new_number());
    format_compact!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    )
}

/// Whose activities are written, and when.
pub(super) struct Seen {
    pub(super) account: AccountId,
    pub(super) region: Region,
    pub(super) now: Moment,
}

impl Seen {
    pub(super) fn of(ctx: &Ctx) -> Self {
        Self { account: ctx.account, region: ctx.region.clone(), now: ctx.now }
    }
}

/// `StatusCode` and `Progress` at this time.
fn status(activity: &Activity, now: Moment) -> (&'static str, u32) {
    match &activity.failure {
        Some(_) => ("Failed", 100),
        None if now >= activity.ends_at => ("Successful", 100),
        None => ("InProgress", 50),
    }
}

/// The members of `Activity`.
pub(super) fn write_activity(xml: &mut Xml, seen: &Seen, group: &Group, activity: &Activity) {
    let (code, progress) = status(activity, seen.now);
    xml.text("ActivityId", &activity.id);
    xml.text("AutoScalingGroupName", &group.name);
    xml.text("Description", &activity.description);
    xml.text("Cause", &activity.cause);
    xml.time("StartTime", activity.started_at);
    if code != "InProgress" {
        xml.time("EndTime", activity.ends_at);
    }
    xml.text("StatusCode", code);
    xml.optional("StatusMessage", activity.failure.as_ref());
    xml.value("Progress", progress);
    xml.text("Details", "{}");
    xml.text("AutoScalingGroupARN", group_arn(seen.account, &seen.region, group));
}

/// The reply of operations that answer what they began.
pub(crate) struct Begun {
    pub(super) seen: Seen,
    pub(super) group: Group,
    pub(super) activities: Vec<Activity>,
    /// Whether there is exactly one, in an element of its own.
    pub(super) is_single: bool,
}

impl Encode for Begun {
    fn encode(&self, xml: &mut Xml) {
        if let (true, [activity]) = (self.is_single, self.activities.as_slice()) {
            xml.element("Activity", |xml| write_activity(xml, &self.seen, &self.group, activity));
            return;
        }
        xml.list("Activities", "member", &self.activities, |xml, activity| {
            write_activity(xml, &self.seen, &self.group, activity);
        });
    }
}

pub(crate) struct DescribeScalingActivities;

pub(crate) struct DescribeScalingActivitiesInput {
    ids: Vec<String>,
    group: Option<String>,
    filters: Filters,
    limit: Option<usize>,
    token: Option<String>,
}

pub(crate) struct DescribeScalingActivitiesOutput {
    activities: Vec<(Arc<Group>, Activity)>,
    next_token: Option<String>,
    seen: Seen,
}

impl Op for DescribeScalingActivities {
    const SPEC: OperationSpec = OperationSpec::read(Service::AutoScaling, "DescribeScalingActivities");
    type Input = DescribeScalingActivitiesInput;
    type Output = DescribeScalingActivitiesOutput;
    paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        params.flag("IncludeDeletedGroups")?;
        Ok(DescribeScalingActivitiesInput {
            ids: params.texts("ActivityIds")?,
            group: params.string("AutoScalingGroupName"),
            filters: Filters::decode(params, &["StartTimeLowerBound", "StartTimeUpperBound", "Status"])?,
            limit: page::limit("maxRecords", params.integer("MaxRecords")?, 1..=100)?.or(Some(100)),
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        if let Some(name) = &input.group
            && !scope.groups.contains_key(name.as_str())
        {
            return Err(Fault::validation("AutoScalingGroup name not found - no such group"));
        }
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let groups = scope.groups.values().filter(|group| input.group.as_deref().is_none_or(|name| group.name == name));
        // The newest come first.
        let mut all: Vec<(String, (Arc<Group>, Activity))> = groups
            .flat_map(|group| {
                group.course.activities.iter().enumerate().map(move |(at, activity)| (group, at, activity))
            })
            .map(|(group, at, activity)| {
                let newest_first = u64::MAX - u64::try_from(activity.started_at.as_millis()).unwrap_or(0);
                let key = format!("{newest_first:020}/{:08}/{}", usize::MAX - at, group.name);
                (key, (Arc::clone(group), activity.clone()))
            })
            .collect();
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        let later = all.into_iter().filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
        let page = page::fill(later, input.limit, |_, (group, activity)| {
            let is_asked_for = input.ids.is_empty() || input.ids.iter().any(|id| *id == activity.id);
            let takes = input.filters.matches(&amictl_model::Tags::default(), |name, filter| match name {
                "Status" => filter.takes(status(&activity, ctx.now).0),
                "StartTimeLowerBound" => filter.any(|bound| *bound <= *wire_time(activity.started_at)),
                _ => filter.any(|bound| *bound >= *wire_time(activity.started_at)),
            });
            (is_asked_for && takes).then_some((group, activity))
        });
        Ok(DescribeScalingActivitiesOutput {
            activities: page.items,
            next_token: page.next.map(|key| page::token_after(ctx, Self::SPEC.name, &key)),
            seen: Seen::of(ctx),
        })
    }
}

impl Encode for DescribeScalingActivitiesOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("Activities", "member", &self.activities, |xml, (group, activity)| {
            write_activity(xml, &self.seen, group, activity);
        });
        xml.optional("NextToken", self.next_token.as_ref());
    }
}
