//! Instances, launch templates and groups.

use std::collections::BTreeMap;
use std::sync::Arc;

use amictl_model::Tags;
use compact_str::format_compact;

use super::images::pick;
use super::{Generate, Place};
use crate::World;
use crate::ops::Ctx;
use crate::ops::instances::launch::{Launch, launch};
use crate::world::{Group, GroupTemplate, Template, TemplateData, TemplateVersion};

const LAUNCHED_DAYS_AGO: i64 = 30;
const INSTANCE_TYPE: &str = "m6i.large";

/// Makes as many as were asked for, going round the places.
pub(super) fn make(world: &mut World, request: &Generate, places: &mut [Place]) {
    let count = places.len();
    let one = Launch { instance_type: INSTANCE_TYPE.into(), count: 1, ..Launch::default() };
    let launched_at = request.now.plus_secs(-LAUNCHED_DAYS_AGO * 86_400);
    for number in 0..request.instances {
        let place = &places[number % count];
        let ctx = Ctx::at(place.account, place.region.clone(), launched_at);
        let id = pick(place, number / count);
        if let Some(image) = world.find_image(&place.region, id).map(Arc::clone) {
            launch(world, &ctx, &image, &one);
        }
    }
    for number in 0..request.templates {
        template(world, request, &mut places[number % count], number, number / count);
    }
    let with_templates = count.min(request.templates).max(1);
    for number in 0..request.groups {
        group(world, request, &places[number % with_templates], number, number / with_templates);
    }
}

/// A template whose versions name images of its place; `turn` counts the templates there.
fn template(world: &mut World, request: &Generate, place: &mut Place, number: usize, turn: usize) {
    let created_by: Box<str> = format!("arn:aws:iam::{}:user/sandbox", place.account).into();
    let latest = u64::try_from(request.versions.max(1)).unwrap_or(1);
    let versions: BTreeMap<u64, Arc<TemplateVersion>> = (1..=latest)
        .zip((turn * request.versions.max(1))..)
        .map(|(number, image)| {
            let version = TemplateVersion {
                number,
                description: None,
                created_at: request.now,
                created_by: created_by.clone(),
                data: TemplateData::of_image(pick(place, image.wrapping_add(7)).as_str(), INSTANCE_TYPE),
            };
            (number, Arc::new(version))
        })
        .collect();
    let template = Template {
        id: world.new_id("lt-"),
        name: format_compact!("template-{number:06}"),
        created_at: request.now,
        created_by,
        default_version: 1,
        latest_version: latest,
        versions,
        hidden_for: None,
        tags: Tags::default(),
    };
    place.templates.push(template.id.clone());
    world.scope_mut(place.account, &place.region).put_template(template);
}

/// A group of size zero that follows a template of its place.
fn group(world: &mut World, request: &Generate, place: &Place, number: usize, turn: usize) {
    let Some(id) = place.templates.get(turn % place.templates.len().max(1)) else { return };
    let scope = world.scope_mut(place.account, &place.region);
    let Some(name) = scope.templates.get(id).map(|template| template.name.clone()) else { return };
    scope.put_group(Group {
        template: Some(GroupTemplate { id: id.clone(), name, version: Some("$Latest".into()) }),
        max_size: 4,
        health_check_grace_secs: 300,
        ..Group::empty(format_compact!("group-{number:06}"), format_compact!("{}a", place.region), request.now)
    });
}
