//! Starting and terminating a group's instances until there are as many as desired; it happens at once.

use std::sync::Arc;

use amictl_model::Tags;
use compact_str::CompactString;

use crate::World;
use crate::ops::Ctx;
use crate::ops::instances::launch::{Launch, launch, launchable_image, resolved_image, terminate};
use crate::ops::templates::template_lookup::{TemplateName, TemplateRef, template_version};
use crate::world::{Group, GroupInstance, GroupTemplate, InstanceState};

/// What a group starts its next instance from.
struct Start {
    image: String,
    instance_type: CompactString,
    launch_configuration: Option<CompactString>,
    template: Option<GroupTemplate>,
}

/// Brings the group to its desired size. Launches that fail leave it smaller, as they do in AWS.
pub(crate) fn scale(world: &mut World, ctx: &Ctx, name: &CompactString) {
    let Some(group) = world.scope_mut(ctx.account, &ctx.region).groups.get(name).map(Arc::clone) else { return };
    let mut instances = living(world, ctx, &group);
    let desired = usize::try_from(group.desired).unwrap_or(0);
    for gone in instances.split_off(instances.len().min(desired)) {
        terminate(world, ctx, &gone.id);
    }
    while instances.len() < desired {
        let Some(instance) = start_one(world, ctx, &group) else { break };
        instances.push(instance);
    }
    if let Some(group) = world.scope_mut(ctx.account, &ctx.region).groups.get_mut(name) {
        Arc::make_mut(group).instances = instances;
    }
}

fn living(world: &mut World, ctx: &Ctx, group: &Group) -> Vec<GroupInstance> {
    let scope = world.scope_mut(ctx.account, &ctx.region);
    let is_running =
        |id: &CompactString| scope.instances.get(id).is_some_and(|instance| instance.state == InstanceState::Running);
    group.instances.iter().filter(|instance| is_running(&instance.id)).cloned().collect()
}

fn start_one(world: &mut World, ctx: &Ctx, group: &Group) -> Option<GroupInstance> {
    let start = start_of(world, ctx, group)?;
    let image = resolved_image(world, ctx, &start.image).ok()?;
    let image = launchable_image(world, ctx, &image).ok()?;
    let own = [("aws:autoscaling:groupName".to_owned(), group.name.to_string())];
    let propagated = group.tags.iter().filter(|(key, _)| group.propagated.iter().any(|name| name == key));
    let tags: Tags = propagated.map(|(key, value)| (key.to_owned(), value.to_owned())).chain(own).collect();
    let what = Launch {
        instance_type: start.instance_type,
        count: 1,
        tags,
        zone: group.zones.first().cloned(),
        group: Some(group.name.clone()),
        ..Launch::default()
    };
    let started = launch(world, ctx, &image, &what);
    Some(GroupInstance {
        id: started.first()?.id.clone(),
        launch_configuration: start.launch_configuration,
        template: start.template,
    })
}

fn start_of(world: &World, ctx: &Ctx, group: &Group) -> Option<Start> {
    if let Some(name) = &group.launch_configuration {
        let configuration = world.scope(ctx.account, &ctx.region)?.configurations.get(name)?;
        return Some(Start {
            image: configuration.image.to_string(),
            instance_type: configuration.instance_type.clone(),
            launch_configuration: Some(name.clone()),
            template: None,
        });
    }
    let over = group.mixed.as_ref().and_then(|mixed| mixed.overrides.first());
    let template = over
        .and_then(|over| over.template.as_ref())
        .or(group.mixed.as_ref().map(|mixed| &mixed.template))
        .or(group.template.as_ref())?;
    let reference = TemplateRef {
        name: TemplateName::Id(template.id.clone()),
        version: template.version.as_ref().map(ToString::to_string),
    };
    let (_, version) = template_version(world, ctx, &reference).ok()?;
    let image = over.and_then(|over| over.image.as_deref()).or_else(|| version.data.image())?;
    let instance_type = over
        .and_then(|over| over.instance_type.as_deref())
        .or_else(|| version.data.instance_type())
        .unwrap_or("t3.micro");
    Some(Start {
        image: image.to_owned(),
        instance_type: instance_type.into(),
        launch_configuration: None,
        template: Some(GroupTemplate {
            version: Some(compact_str::format_compact!("{}", version.number)),
            ..template.clone()
        }),
    })
}
