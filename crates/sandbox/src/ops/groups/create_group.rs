//! Auto Scaling `CreateAutoScalingGroup`, `UpdateAutoScalingGroup` and `DeleteAutoScalingGroup`.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;

use super::group_input::{LaunchSource, launch_source};
use super::group_scaling::scale;
use crate::ops::input::tags_of;
use crate::ops::instances::launch::terminate;
use crate::ops::{Ctx, Nothing, Op};
use crate::wire::Params;
use crate::world::{Group, zones};
use crate::{Fault, World};

pub(crate) struct CreateAutoScalingGroup;

impl Op for CreateAutoScalingGroup {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::AutoScaling, "CreateAutoScalingGroup");
    type Input = Params;
    type Output = Nothing;

    fn decode(params: &Params) -> Result<Params, Fault> {
        for name in ["AutoScalingGroupName", "MinSize", "MaxSize"] {
            params.required(name)?;
        }
        Ok(params.clone())
    }

    fn run(world: &mut World, ctx: &Ctx, request: Params) -> Result<Nothing, Fault> {
        let name = CompactString::from(request.required("AutoScalingGroupName")?);
        if world.scope_mut(ctx.account, &ctx.region).groups.contains_key(&name) {
            let message =
                format!("AutoScalingGroup by this name already exists - A group with the name {name} already exists");
            return Err(Fault::new("AlreadyExists", message));
        }
        let source = launch_source(world, ctx, &request)?.ok_or_else(|| {
            Fault::validation(
                "Valid requests must contain either launchTemplate, LaunchConfigurationName, InstanceId or \
                 MixedInstancesPolicy parameter.",
            )
        })?;
        let mut group = empty_group(name.clone(), source, ctx);
        apply(&mut group, ctx, &request)?;
        if group.zones.is_empty() && group.subnets.is_none() {
            return Err(Fault::validation("At least one Availability Zone or VPC Subnet is required."));
        }
        let (tags, propagated) = tags(&request)?;
        group.tags = tags_of(tags)?;
        group.propagated = propagated;
        world.scope_mut(ctx.account, &ctx.region).put_group(group);
        scale(world, ctx, &name);
        Ok(Nothing)
    }
}

fn empty_group(name: CompactString, source: LaunchSource, ctx: &Ctx) -> Group {
    Group {
        name,
        launch_configuration: source.launch_configuration,
        template: source.template,
        mixed: source.mixed,
        min_size: 0,
        max_size: 0,
        desired: 0,
        zones: Vec::new(),
        subnets: None,
        health_check_type: "EC2".into(),
        health_check_grace_secs: 0,
        cooldown_secs: 300,
        created_at: ctx.now,
        instances: Vec::new(),
        tags: amictl_model::Tags::default(),
        propagated: Vec::new(),
    }
}

/// Takes over sizes and places.
fn apply(group: &mut Group, ctx: &Ctx, request: &Params) -> Result<(), Fault> {
    group.min_size = request.unsigned("MinSize")?.unwrap_or(group.min_size);
    group.max_size = request.unsigned("MaxSize")?.unwrap_or(group.max_size);
    group.desired = request.unsigned("DesiredCapacity")?.unwrap_or(group.desired.max(group.min_size));
    if group.min_size > group.max_size {
        return Err(Fault::validation("Max bound must be greater than or equal to min bound"));
    }
    if group.desired < group.min_size || group.desired > group.max_size {
        let message = format!(
            "Desired capacity:{} must be between the specified min size:{} and max size:{}",
            group.desired, group.min_size, group.max_size
        );
        return Err(Fault::validation(message));
    }
    if group.max_size > 1000 {
        return Err(Fault::validation("A group of the sandbox has at most 1000 instances."));
    }
    let wanted = request.texts("AvailabilityZones")?;
    if !wanted.is_empty() {
        let known = zones(&ctx.region);
        if let Some(zone) = wanted.iter().find(|zone| !known.contains(zone)) {
            let zone: String = zone.chars().take(60).collect();
            return Err(Fault::validation(format!("Invalid availability zones: [{zone}]")));
        }
        group.zones = wanted.into_iter().map(CompactString::from).collect();
    }
    if let Some(subnets) = request.string("VPCZoneIdentifier") {
        group.subnets = Some(subnets.into_boxed_str());
    }
    if group.zones.is_empty() && group.subnets.is_some() {
        group.zones = vec![CompactString::from(&zones(&ctx.region)[0])];
    }
    if let Some(kind) = request.string("HealthCheckType") {
        group.health_check_type = kind.into();
    }
    group.health_check_grace_secs =
        request.unsigned("HealthCheckGracePeriod")?.unwrap_or(group.health_check_grace_secs);
    group.cooldown_secs = request.unsigned("DefaultCooldown")?.unwrap_or(group.cooldown_secs);
    Ok(())
}

type GroupTags = (Vec<(String, String)>, Vec<CompactString>);

fn tags(request: &Params) -> Result<GroupTags, Fault> {
    let (mut tags, mut propagated) = (Vec::new(), Vec::new());
    for tag in request.structures("Tags")? {
        let key = tag.required("Key")?;
        tags.push((key.to_owned(), tag.text("Value").unwrap_or_default().to_owned()));
        if tag.flag("PropagateAtLaunch")? {
            propagated.push(key.into());
        }
    }
    Ok((tags, propagated))
}

fn group_of(world: &World, ctx: &Ctx, name: &str) -> Result<Arc<Group>, Fault> {
    let scope = world.scope(ctx.account, &ctx.region);
    scope
        .and_then(|scope| scope.groups.get(name))
        .map(Arc::clone)
        .ok_or_else(|| Fault::validation("AutoScalingGroup name not found - null"))
}

pub(crate) struct UpdateAutoScalingGroup;

impl Op for UpdateAutoScalingGroup {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::AutoScaling, "UpdateAutoScalingGroup");
    type Input = Params;
    type Output = Nothing;

    fn decode(params: &Params) -> Result<Params, Fault> {
        params.required("AutoScalingGroupName")?;
        Ok(params.clone())
    }

    fn run(world: &mut World, ctx: &Ctx, request: Params) -> Result<Nothing, Fault> {
        let mut group = Group::clone(&*group_of(world, ctx, request.required("AutoScalingGroupName")?)?);
        if let Some(source) = launch_source(world, ctx, &request)? {
            group.launch_configuration = source.launch_configuration;
            group.template = source.template;
            group.mixed = source.mixed;
        }
        apply(&mut group, ctx, &request)?;
        let name = group.name.clone();
        world.scope_mut(ctx.account, &ctx.region).put_group(group);
        scale(world, ctx, &name);
        Ok(Nothing)
    }
}

pub(crate) struct DeleteAutoScalingGroup;

pub(crate) struct DeleteAutoScalingGroupInput {
    name: String,
    force: bool,
}

impl Op for DeleteAutoScalingGroup {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::AutoScaling, "DeleteAutoScalingGroup");
    type Input = DeleteAutoScalingGroupInput;
    type Output = Nothing;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        Ok(DeleteAutoScalingGroupInput {
            name: params.required("AutoScalingGroupName")?.to_owned(),
            force: params.flag("ForceDelete")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Nothing, Fault> {
        let group = group_of(world, ctx, &input.name)?;
        if !group.instances.is_empty() && !input.force {
            let message = "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance \
                           request(s) still in the group.";
            return Err(Fault::new("ResourceInUse", message));
        }
        for instance in &group.instances {
            terminate(world, ctx, &instance.id);
        }
        world.scope_mut(ctx.account, &ctx.region).groups.remove(&group.name);
        Ok(Nothing)
    }
}
