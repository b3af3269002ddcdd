//! EMR `RunJobFlow` and `TerminateJobFlows`.

use amictl_cloud::{OperationSpec, Service};
use serde_json::{Value, json};

use super::document::{KIND, cluster, invalid, key, state};
use crate::ops::{Ctx, Op};
use crate::wire::{Json, Params};
use crate::world::CloudResource;
use crate::{Fault, World};

pub(crate) struct RunJobFlow;

pub(crate) struct RunJobFlowInput {
    name: String,
    release: Option<String>,
    custom_image: Option<String>,
    role: Option<String>,
    groups: Vec<Value>,
    fleets: Vec<Value>,
    tags: Vec<(String, String)>,
}

impl Op for RunJobFlow {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Emr, "RunJobFlow");
    type Input = RunJobFlowInput;
    type Output = Json;

    fn decode(params: &Params) -> Result<RunJobFlowInput, Fault> {
        let instances = params.structure("Instances").cloned().unwrap_or_default();
        let groups: Vec<Value> = instances.structures("InstanceGroups")?.into_iter().map(group).collect();
        let fleets: Vec<Value> =
            instances.structures("InstanceFleets")?.into_iter().map(fleet).collect::<Result<_, _>>()?;
        if groups.is_empty() == fleets.is_empty() && instances.text("MasterInstanceType").is_none() {
            return Err(invalid("Please specify either InstanceGroups or InstanceFleets."));
        }
        let mut tags = Vec::new();
        for tag in params.structures("Tags")? {
            tags.push((tag.required("Key")?.to_owned(), tag.text("Value").unwrap_or_default().to_owned()));
        }
        Ok(RunJobFlowInput {
            name: params.required("Name")?.to_owned(),
            release: params.string("ReleaseLabel"),
            custom_image: params.string("CustomAmiId"),
            role: params.string("ServiceRole"),
            groups,
            fleets,
            tags,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: RunJobFlowInput) -> Result<Json, Fault> {
        let number = world.new_number();
        let id = format!("j-{:013X}", number >> 12);
        let arn = format!("arn:aws:elasticmapreduce:{}:{}:cluster/{id}", ctx.region, ctx.account);
        let tags: Vec<Value> = input.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
        let collection = if input.fleets.is_empty() { "INSTANCE_GROUP" } else { "INSTANCE_FLEET" };
        let mut shown = json!({
            "Id": id,
            "Name": input.name,
            "ClusterArn": arn,
            "InstanceCollectionType": collection,
            "AutoTerminate": false,
            "TerminationProtected": false,
            "NormalizedInstanceHours": 0,
            "Tags": tags,
        });
        let texts = [("ReleaseLabel", input.release), ("CustomAmiId", input.custom_image), ("ServiceRole", input.role)];
        for (name, text) in texts {
            if let Some(text) = text {
                shown[name] = text.into();
            }
        }
        let properties = json!({
            "createdMillis": ctx.now.as_millis(),
            "cluster": shown,
            "groups": numbered("ig", number, input.groups),
            "fleets": numbered("if", number, input.fleets),
        });
        let cluster = CloudResource { kind: KIND.to_owned(), identifier: id.clone(), properties };
        world.scope_mut(ctx.account, &ctx.region).put_resource(cluster);
        Ok(Json::ok(json!({"JobFlowId": id, "ClusterArn": arn})))
    }
}

/// The same, each with an id.
fn numbered(prefix: &str, number: u64, parts: Vec<Value>) -> Vec<Value> {
    let mut parts = parts;
    for (at, part) in (0_u64..).zip(&mut parts) {
        part["Id"] = format!("{prefix}-{:013X}", (number >> 12).wrapping_add(at)).into();
    }
    parts
}

/// An instance group as it is shown, without its id and state.
fn group(params: &Params) -> Value {
    let count = params.text("InstanceCount").and_then(|count| count.parse::<u32>().ok()).unwrap_or(1);
    let mut group = json!({
        "InstanceGroupType": params.text("InstanceRole").unwrap_or("MASTER"),
        "InstanceType": params.text("InstanceType").unwrap_or_default(),
        "Market": params.text("Market").unwrap_or("ON_DEMAND"),
        "RequestedInstanceCount": count,
        "RunningInstanceCount": count,
    });
    for name in ["Name", "CustomAmiId"] {
        if let Some(text) = params.text(name) {
            group[name] = text.into();
        }
    }
    group
}

/// An instance fleet as it is shown, without its id and state.
fn fleet(params: &Params) -> Result<Value, Fault> {
    let types = params.structures("InstanceTypeConfigs")?.into_iter().map(|config| {
        let mut shown = json!({"InstanceType": config.text("InstanceType").unwrap_or_default()});
        if let Some(image) = config.text("CustomAmiId") {
            shown["CustomAmiId"] = image.into();
        }
        shown
    });
    let mut fleet = json!({
        "InstanceFleetType": params.required("InstanceFleetType")?,
        "InstanceTypeSpecifications": types.collect::<Vec<_>>(),
    });
    for name in ["TargetOnDemandCapacity", "TargetSpotCapacity"] {
        fleet[name] = params.unsigned(name)?.unwrap_or(0).into();
    }
    if let Some(name) = params.text("Name") {
        fleet["Name"] = name.into();
    }
    Ok(fleet)
}

pub(crate) struct TerminateJobFlows;

impl Op for TerminateJobFlows {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Emr, "TerminateJobFlows");
    type Input = Vec<String>;
    type Output = Json;

    fn decode(params: &Params) -> Result<Vec<String>, Fault> {
        params.texts("JobFlowIds")
    }

    fn run(world: &mut World, ctx: &Ctx, ids: Vec<String>) -> Result<Json, Fault> {
        let mut ended = Vec::with_capacity(ids.len());
        for id in &ids {
            let mut cluster = cluster(world, ctx, id)?.clone();
            if state(&cluster, ctx.now) != "TERMINATED" {
                cluster.properties["endedMillis"] = ctx.now.as_millis().into();
                ended.push(cluster);
            }
        }
        let scope = world.scope_mut(ctx.account, &ctx.region);
        for cluster in ended {
            scope.resources.insert(key(&cluster.identifier), std::sync::Arc::new(cluster));
        }
        Ok(Json::ok(json!({})))
    }
}
