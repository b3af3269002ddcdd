//! Images of Image Builder: building one from a recipe, and their lists.

use std::collections::BTreeMap;
use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{Moment, Region};
use serde_json::{Value, json};

use super::create::{arn, arn_name};
use super::kinds::{CONTAINER_RECIPE, DISTRIBUTION, IMAGE, IMAGE_RECIPE, INFRASTRUCTURE};
use super::select::{ListInput, decode_list, find, invalid, only, request_id, version_key};
use crate::ops::images::copy_image::CopyImage;
use crate::ops::{Ctx, Op, Route, paged};
use crate::wire::{Json, JsonPage, Params, decode_form, wire_time};
use crate::world::BuilderResource;
use crate::{Fault, World};

/// An image's document at this time: what it puts out is shown once it is available.
pub(super) fn shown_image(image: &BuilderResource, now: Moment) -> Value {
    let mut value = image.value.clone();
    if image.ready_at.is_some_and(|ready_at| now < ready_at) {
        value["state"] = json!({"status": "BUILDING"});
        value["outputResources"] = json!({"amis": []});
    }
    value
}

pub(crate) struct CreateImage;

pub(crate) struct CreateInput {
    image_recipe: Option<String>,
    container_recipe: Option<String>,
    infrastructure: String,
    distribution: Option<String>,
    tags: BTreeMap<String, String>,
    client_token: Option<String>,
}

impl Op for CreateImage {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::ImageBuilder, "CreateImage");
    const ROUTE: Option<Route> = Some(Route { method: "PUT", path: "/CreateImage" });
    type Input = CreateInput;
    type Output = Json;

    fn decode(params: &Params) -> Result<CreateInput, Fault> {
        let (image_recipe, container_recipe) = (params.string("imageRecipeArn"), params.string("containerRecipeArn"));
        if image_recipe.is_some() == container_recipe.is_some() {
            return Err(invalid("Exactly one of 'imageRecipeArn' and 'containerRecipeArn' must be supplied."));
        }
        let tags = params.structure("tags").into_iter().flat_map(Params::children);
        Ok(CreateInput {
            image_recipe,
            container_recipe,
            infrastructure: params.required("infrastructureConfigurationArn")?.to_owned(),
            distribution: params.string("distributionConfigurationArn"),
            tags: tags.map(|(key, value)| (key.to_owned(), value.value().unwrap_or_default().to_owned())).collect(),
            client_token: params.string("clientToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: CreateInput) -> Result<Json, Fault> {
        let asked = format!("{:?} {:?} {}", input.image_recipe, input.container_recipe, input.infrastructure);
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let known = scope.builder.values().find(|known| {
            known.kind == IMAGE.path
                && known.client_token == input.client_token.clone().map(|token| (token, asked.clone()))
        });
        if let Some(known) = known.filter(|_| input.client_token.is_some()) {
            return Ok(reply(ctx, input.client_token.as_deref(), &known.arn));
        }
        let (kind, recipe_arn) = match (&input.image_recipe, &input.container_recipe) {
            (Some(arn), _) => (&IMAGE_RECIPE, arn),
            (None, Some(arn)) => (&CONTAINER_RECIPE, arn),
            (None, None) => return Err(invalid("Exactly one recipe must be supplied.")),
        };
        let recipe = Arc::clone(find(world, ctx, kind, recipe_arn)?);
        let infrastructure = find(world, ctx, &INFRASTRUCTURE, &input.infrastructure)?.value.clone();
        let distribution = input.distribution.as_deref().map(|arn| find(world, ctx, &DISTRIBUTION, arn));
        let distribution = distribution.transpose()?.map(|distribution| distribution.value.clone());
        let text = |name: &str| recipe.value.get(name).and_then(Value::as_str).unwrap_or_default();
        let (name, version) = (text("name"), text("version"));
        let line = arn(ctx, IMAGE.path, &format!("{}/{version}", arn_name(name)));
        let builds =
            builds_of(world, ctx, &line).iter().map(|build| *version_key(&build.arn).last().unwrap_or(&0)).max();
        let build = builds.unwrap_or(0) + 1;
        let arn = format!("{line}/{build}");
        let is_ami = kind.path == IMAGE_RECIPE.path;
        let (state, amis) = if is_ami {
            put_out(world, ctx, &recipe.value, distribution.as_ref(), &arn)
        } else {
            (json!({"status": "AVAILABLE"}), Vec::new())
        };
        let mut value = json!({
            "arn": arn,
            "type": if is_ami { "AMI" } else { "DOCKER" },
            "name": name,
            "version": format!("{version}/{build}"),
            "platform": text("platform"),
            "owner": ctx.account.to_string(),
            "state": state,
            kind.member: recipe.value,
            "infrastructureConfiguration": infrastructure,
            "dateCreated": wire_time(ctx.now),
            "outputResources": {"amis": amis},
            "buildType": "USER_INITIATED",
            "imageSource": "CUSTOM",
            "tags": input.tags,
        });
        if let Some(distribution) = distribution {
            value["distributionConfiguration"] = distribution;
        }
        let resource = BuilderResource {
            kind: IMAGE.path.to_owned(),
            arn: arn.clone(),
            client_token: input.client_token.clone().map(|token| (token, asked)),
            value,
            ready_at: Some(ctx.now.plus_secs(world.pace.task_secs.into())),
        };
        let reply = reply(ctx, input.client_token.as_deref(), &arn);
        world.scope_mut(ctx.account, &ctx.region).builder.insert(arn.into(), Arc::new(resource));
        Ok(reply)
    }
}

fn reply(ctx: &Ctx, client_token: Option<&str>, arn: &str) -> Json {
    Json::ok(json!({"requestId": request_id(ctx), "clientToken": client_token, "imageBuildVersionArn": arn}))
}

/// Makes the AMIs of a build: copies of the parent image, in every Region of the distribution.
fn put_out(
    world: &mut World,
    ctx: &Ctx,
    recipe: &Value,
    distribution: Option<&Value>,
    arn: &str,
) -> (Value, Vec<Value>) {
    let failed = |reason: String| (json!({"status": "FAILED", "reason": reason}), Vec::new());
    let text = |name: &str| recipe.get(name).and_then(Value::as_str).unwrap_or_default();
    let parent = match text("parentImage").strip_prefix("ssm:") {
        Some(name) => world.resolve_image(ctx.account, &ctx.region, &format!("resolve:ssm:{name}")).map(String::from),
        None => Some(text("parentImage").to_owned()),
    };
    let parent = parent.unwrap_or_default();
    let distributions = distribution.and_then(|value| value.get("distributions")).and_then(Value::as_array);
    let regions = distributions.into_iter().flatten().filter_map(|one| one.get("region").and_then(Value::as_str));
    let mut regions: Vec<Region> = regions.filter_map(|region| region.parse().ok()).collect();
    if regions.is_empty() {
        regions.push(ctx.region.clone());
    }
    let stamp = wire_time(ctx.now).replace(':', "-");
    let name = format!("{} {}", text("name"), stamp.get(..19).unwrap_or(&stamp));
    let mut amis = Vec::new();
    for region in regions {
        let there = Ctx { region: region.clone(), service: Service::Ec2, ..ctx.clone() };
        match copied(world, &there, &ctx.region, &parent, &name, arn) {
            Ok(image) => amis.push(json!({
                "region": region.as_str(),
                "image": image,
                "name": name,
                "accountId": ctx.account.to_string(),
            })),
            Err(fault) => return failed(fault.message),
        }
    }
    (json!({"status": "AVAILABLE"}), amis)
}

/// Copies an image into a Region under a name; gives the copy's id.
fn copied(
    world: &mut World,
    ctx: &Ctx,
    from: &Region,
    parent: &str,
    name: &str,
    builder_arn: &str,
) -> Result<String, Fault> {
    let escaped: String = name.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let form = format!("SourceImageId={parent}&SourceRegion={from}&Name={escaped}");
    let input = CopyImage::decode(&decode_form(form.as_bytes())?)?;
    CopyImage::run(world, ctx, input)?;
    let scope = world.scope_mut(ctx.account, &ctx.region);
    let newest = scope.images().filter(|image| &*image.name == name).map(|image| image.id.clone()).next();
    let id = newest.ok_or_else(|| Fault::no_image(parent))?;
    if let Some(image) = scope.image_mut(&id) {
        let tags = image.tags.iter().map(|(key, value)| (key.to_owned(), value.to_owned()));
        let own = [("CreatedBy", "EC2 Image Builder"), ("Ec2ImageBuilderArn", builder_arn)];
        let own = own.map(|(key, value)| (key.to_owned(), value.to_owned()));
        image.tags = tags.chain(own).collect::<Vec<_>>().into_iter().collect();
    }
    Ok(id.to_string())
}

/// The builds of an image's version.
fn builds_of(world: &World, ctx: &Ctx, line: &str) -> Vec<Arc<BuilderResource>> {
    let scope = world.scope(ctx.account, &ctx.region);
    let images = scope.into_iter().flat_map(|scope| scope.builder.values()).filter(|image| image.kind == IMAGE.path);
    images.filter(|image| image.arn.rsplit_once('/').is_some_and(|(of, _)| of == line)).map(Arc::clone).collect()
}

pub(crate) struct ListImages;

impl Op for ListImages {
    const SPEC: OperationSpec = OperationSpec::read(Service::ImageBuilder, "ListImages");
    const ROUTE: Option<Route> = Some(Route { method: "POST", path: "/ListImages" });
    type Input = ListInput;
    type Output = JsonPage;
    paged!();

    fn decode(params: &Params) -> Result<ListInput, Fault> {
        decode_list(params, &IMAGE, None)
    }

    fn run(world: &mut World, ctx: &Ctx, input: ListInput) -> Result<JsonPage, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let mut lines = BTreeMap::new();
        for image in scope.builder.values().filter(|image| image.kind == IMAGE.path) {
            let line = image.arn.rsplit_once('/').map_or(image.arn.as_str(), |(line, _)| line);
            let members = ["name", "type", "platform", "osVersion", "owner", "dateCreated", "buildType", "imageSource"];
            let mut shown = only(&image.value, &members);
            shown["arn"] = line.into();
            let version =
                image.value.get("version").and_then(Value::as_str).and_then(|version| version.split('/').next());
            shown["version"] = version.into();
            lines.insert(line.to_owned(), shown);
        }
        input.page(ctx, "ListImages", "imageVersionList", lines.into_iter())
    }
}

pub(crate) struct ListImageBuildVersions;

impl Op for ListImageBuildVersions {
    const SPEC: OperationSpec = OperationSpec::read(Service::ImageBuilder, "ListImageBuildVersions");
    const ROUTE: Option<Route> = Some(Route { method: "POST", path: "/ListImageBuildVersions" });
    type Input = ListInput;
    type Output = JsonPage;
    paged!();

    fn decode(params: &Params) -> Result<ListInput, Fault> {
        decode_list(params, &IMAGE, Some("imageVersionArn"))
    }

    fn run(world: &mut World, ctx: &Ctx, input: ListInput) -> Result<JsonPage, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let is_wanted = |image: &&Arc<BuilderResource>| {
            let line = image.arn.rsplit_once('/').map(|(line, _)| line);
            image.kind == IMAGE.path && input.of.as_deref().is_none_or(|of| line == Some(of))
        };
        let entries = scope
            .builder
            .values()
            .filter(is_wanted)
            .map(|image| (image.arn.clone(), only(&shown_image(image, ctx.now), IMAGE.summary)));
        input.page(ctx, "ListImageBuildVersions", IMAGE.list, entries)
    }
}
