//! EC2 `CreateTags` and `DeleteTags`.

use amictl_cloud::{OperationSpec, Service};

use crate::ops::input::{tag_list, tags_of};
use crate::ops::{Ctx, Done, Op};
use crate::wire::Params;
use crate::{Fault, World};

/// Resources that one call may tag.
const RESOURCES_MAX: usize = 1000;

pub(crate) struct TagsInput {
    pub(crate) resources: Vec<String>,
    pub(crate) tags: Vec<(String, Option<String>)>,
}

fn decode(params: &Params) -> Result<TagsInput, Fault> {
    let resources = params.texts("ResourceId")?;
    if resources.is_empty() {
        return Err(Fault::missing("resourceIdSet"));
    }
    if resources.len() > RESOURCES_MAX {
        return Err(Fault::new("InvalidParameterValue", format!("At most {RESOURCES_MAX} resources can be specified")));
    }
    Ok(TagsInput { resources, tags: tag_list(params)? })
}

fn require_all(world: &mut World, ctx: &Ctx, resources: &[String]) -> Result<(), Fault> {
    let scope = world.scope_mut(ctx.account, &ctx.region);
    match resources.iter().find(|id| scope.tags_mut(id).is_none()) {
        None => Ok(()),
        Some(id) => Err(missing(id)),
    }
}

fn missing(id: &str) -> Fault {
    let id: String = id.chars().take(100).collect();
    let code = match id.split_once('-').map_or("", |(prefix, _)| prefix) {
        "ami" => return Fault::no_image(&id),
        "snap" => return Fault::no_snapshot(&id),
        "i" => "InvalidInstanceID.NotFound",
        "vol" => "InvalidVolume.NotFound",
        "sg" => "InvalidGroup.NotFound",
        "key" => "InvalidKeyPair.NotFound",
        "sir" => "InvalidSpotInstanceRequestID.NotFound",
        "lt" => "InvalidLaunchTemplateId.NotFound",
        _ => "InvalidID",
    };
    Fault::new(code, format!("The ID '{id}' does not exist or is not valid"))
}

pub(crate) struct CreateTags;

impl Op for CreateTags {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CreateTags");
    type Input = TagsInput;
    type Output = Done;

    fn decode(params: &Params) -> Result<TagsInput, Fault> {
        let input = decode(params)?;
        if input.tags.is_empty() { Err(Fault::missing("tagSet")) } else { Ok(input) }
    }

    fn run(world: &mut World, ctx: &Ctx, input: TagsInput) -> Result<Done, Fault> {
        require_all(world, ctx, &input.resources)?;
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let mut changed = Vec::new();
        for id in &input.resources {
            let Some(tags) = scope.tags_mut(id) else { continue };
            let given = input.tags.iter().map(|(key, value)| (key.clone(), value.clone().unwrap_or_default()));
            let kept = tags.iter().map(|(key, value)| (key.to_owned(), value.to_owned()));
            changed.push(tags_of(kept.chain(given))?);
        }
        ctx.commit()?;
        for (id, tags) in input.resources.iter().zip(changed) {
            if let Some(have) = scope.tags_mut(id) {
                *have = tags;
            }
        }
        Ok(Done)
    }
}

pub(crate) struct DeleteTags;

impl Op for DeleteTags {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "DeleteTags");
    type Input = TagsInput;
    type Output = Done;

    fn decode(params: &Params) -> Result<TagsInput, Fault> {
        decode(params)
    }

    fn run(world: &mut World, ctx: &Ctx, input: TagsInput) -> Result<Done, Fault> {
        require_all(world, ctx, &input.resources)?;
        ctx.commit()?;
        // Without tags all go but those of AWS; a tag with a value goes only if it has this value.
        let goes = |key: &str, value: &str| match input.tags.as_slice() {
            [] => !key.starts_with("aws:"),
            tags => {
                tags.iter().any(|(name, wanted)| name == key && wanted.as_deref().is_none_or(|wanted| wanted == value))
            }
        };
        let scope = world.scope_mut(ctx.account, &ctx.region);
        for id in &input.resources {
            if let Some(tags) = scope.tags_mut(id) {
                let kept: Vec<(String, String)> = tags
                    .iter()
                    .filter(|(key, value)| !goes(key, value))
                    .map(|(key, value)| (key.to_owned(), value.to_owned()))
                    .collect();
                *tags = kept.into_iter().collect();
            }
        }
        Ok(Done)
    }
}
