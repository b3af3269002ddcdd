//! Auto Scaling `PutWarmPool`, `DescribeWarmPool` and `DeleteWarmPool`.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;

use super::activities::{Outcome, note};
use super::create_group::group_of;
use super::describe_groups::{Member, write_member};
use super::group_scaling::{end, scale, source_of, started};
use crate::ops::{Ctx, Nothing, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml, wire_time};
use crate::world::{Group, InstanceState, WarmPool};
use crate::{Fault, World};

/// Brings the warm pool of a group to its size.
pub(super) fn fill(world: &mut World, ctx: &Ctx, group: &mut Group) {
    let Some(mut pool) = group.course.warm_pool.take() else { return };
    let scope = world.scope(ctx.account, &ctx.region);
    pool.instances.retain(|known| {
        let instance = scope.and_then(|scope| scope.instances.get(&known.id));
        instance.is_some_and(|instance| instance.state != InstanceState::Terminated)
    });
    let size = usize::try_from(size(group, &pool)).unwrap_or(0);
    for gone in pool.instances.split_off(pool.instances.len().min(size)) {
        end(world, ctx, group, &gone, "an instance was taken out of the warm pool");
    }
    while pool.instances.len() < size {
        let source = source_of(group);
        match started(world, ctx, group, &source) {
            Ok((instance, known)) => {
                let cause = format!("At {} an instance was started for the warm pool.", wire_time(ctx.now));
                let description = format!("Launching a new EC2 instance into warm pool: {}", instance.id);
                note(world, ctx, group, description, cause, Outcome::Ends(instance.state_since));
                put_to_sleep(world, ctx, &instance.id, &pool.state);
                pool.instances.push(known);
            }
            Err(fault) => {
                let reason = format!("{} Launching EC2 instance failed.", fault.message);
                let cause = format!("At {} an instance was started for the warm pool.", wire_time(ctx.now));
                note(
                    world,
                    ctx,
                    group,
                    "Launching a new EC2 instance into warm pool".to_owned(),
                    cause,
                    Outcome::Failed(reason),
                );
                break;
            }
        }
    }
    group.course.warm_pool = Some(pool);
}

fn put_to_sleep(world: &mut World, ctx: &Ctx, id: &CompactString, state: &str) {
    let instance = world.scope_mut(ctx.account, &ctx.region).instances.get_mut(id).map(Arc::make_mut);
    if let Some(instance) = instance.filter(|_| state != "Running") {
        instance.state = InstanceState::Stopped;
    }
}

/// Instances that the pool is to have.
fn size(group: &Group, pool: &WarmPool) -> u32 {
    let prepared = pool.max_prepared.unwrap_or(group.max_size);
    pool.min_size.max(prepared.saturating_sub(group.desired))
}

pub(crate) struct PutWarmPool;

pub(crate) struct PutWarmPoolInput {
    group: String,
    pool: WarmPool,
}

impl Op for PutWarmPool {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::AutoScaling, "PutWarmPool");
    type Input = PutWarmPoolInput;
    type Output = Nothing;

    fn decode(params: &Params) -> Result<PutWarmPoolInput, Fault> {
        let state = params.string("PoolState").unwrap_or_else(|| "Stopped".to_owned());
        if !["Stopped", "Running", "Hibernated"].contains(&state.as_str()) {
            return Err(Fault::invalid_value("PoolState", &state));
        }
        // -1 says that there is no limit but the group's.
        let max_prepared = params.integer("MaxGroupPreparedCapacity")?.filter(|max| *max != -1);
        let max_prepared = max_prepared
            .map(|max| {
                u32::try_from(max).map_err(|_| Fault::invalid_value("MaxGroupPreparedCapacity", &max.to_string()))
            })
            .transpose()?;
        let reuse =
            params.structure("InstanceReusePolicy").map_or(Ok(None), |policy| policy.boolean("ReuseOnScaleIn"))?;
        Ok(PutWarmPoolInput {
            group: params.required("AutoScalingGroupName")?.to_owned(),
            pool: WarmPool {
                min_size: params.unsigned("MinSize")?.unwrap_or(0),
                max_prepared,
                state: state.into(),
                reuse,
                instances: Vec::new(),
            },
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: PutWarmPoolInput) -> Result<Nothing, Fault> {
        let mut group = Group::clone(&*group_of(world, ctx, &input.group)?);
        if group.mixed.is_some() {
            let message = "You can't add a warm pool to an Auto Scaling group that has a mixed instances policy.";
            return Err(Fault::validation(message));
        }
        if size(&group, &input.pool) > 1000 {
            return Err(Fault::validation("A warm pool of the sandbox has at most 1000 instances."));
        }
        let instances = group.course.warm_pool.take().map(|pool| pool.instances).unwrap_or_default();
        group.course.warm_pool = Some(WarmPool { instances, ..input.pool });
        let name = group.name.clone();
        world.scope_mut(ctx.account, &ctx.region).put_group(group);
        scale(world, ctx, &name);
        Ok(Nothing)
    }
}

pub(crate) struct DeleteWarmPool;

impl Op for DeleteWarmPool {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::AutoScaling, "DeleteWarmPool");
    type Input = String;
    type Output = Nothing;

    fn decode(params: &Params) -> Result<String, Fault> {
        params.flag("ForceDelete")?;
        Ok(params.required("AutoScalingGroupName")?.to_owned())
    }

    fn run(world: &mut World, ctx: &Ctx, name: String) -> Result<Nothing, Fault> {
        let mut group = Group::clone(&*group_of(world, ctx, &name)?);
        let Some(pool) = group.course.warm_pool.take() else {
            return Err(Fault::validation(format!("No warm pool found for Auto Scaling group {name}")));
        };
        for gone in &pool.instances {
            end(world, ctx, &mut group, gone, "the warm pool was deleted");
        }
        world.scope_mut(ctx.account, &ctx.region).put_group(group);
        Ok(Nothing)
    }
}

pub(crate) struct DescribeWarmPool;

pub(crate) struct DescribeWarmPoolInput {
    group: String,
    limit: Option<usize>,
    token: Option<String>,
}

pub(crate) struct DescribeWarmPoolOutput {
    pool: Option<WarmPool>,
    members: Vec<Member>,
    next_token: Option<String>,
}

impl Op for DescribeWarmPool {
    const SPEC: OperationSpec = OperationSpec::read(Service::AutoScaling, "DescribeWarmPool");
    type Input = DescribeWarmPoolInput;
    type Output = DescribeWarmPoolOutput;
    crate::ops::paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        Ok(DescribeWarmPoolInput {
            group: params.required("AutoScalingGroupName")?.to_owned(),
            limit: page::limit("maxRecords", params.integer("MaxRecords")?, 1..=100)?.or(Some(50)),
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let group = group_of(world, ctx, &input.group)?;
        let pool = group.course.warm_pool.clone();
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let mut known = pool.as_ref().map(|pool| pool.instances.clone()).unwrap_or_default();
        known.sort_by(|one, other| one.id.cmp(&other.id));
        let later = known
            .iter()
            .filter(|known| after.as_deref().is_none_or(|after| known.id.as_str() > after))
            .map(|known| (known.id.clone(), known));
        let page = page::fill(later, input.limit, |_, known| Member::new(world, ctx, known, true));
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, &id));
        Ok(DescribeWarmPoolOutput { pool, members: page.items, next_token })
    }
}

/// `WarmPoolConfiguration`.
pub(super) fn write_pool(xml: &mut Xml, pool: &WarmPool) {
    xml.element("WarmPoolConfiguration", |xml| {
        xml.value("MinSize", pool.min_size);
        if let Some(max) = pool.max_prepared {
            xml.value("MaxGroupPreparedCapacity", max);
        }
        xml.text("PoolState", &pool.state);
        if let Some(reuse) = pool.reuse {
            xml.element("InstanceReusePolicy", |xml| xml.value("ReuseOnScaleIn", reuse));
        }
    });
}

impl Encode for DescribeWarmPoolOutput {
    fn encode(&self, xml: &mut Xml) {
        if let Some(pool) = &self.pool {
            write_pool(xml, pool);
        }
        xml.list("Instances", "member", &self.members, write_member);
        xml.optional("NextToken", self.next_token.as_ref());
    }
}
