//! EMR `ListClusters`, `DescribeCluster`, `ListInstanceGroups` and `ListInstanceFleets`.

use amictl_cloud::{OperationSpec, Service};
use amictl_model::Moment;
use serde_json::{Value, json};

use super::document::{KIND, cluster, created_at, invalid, state, status};
use crate::ops::{Ctx, Op, paged};
use crate::page::{fill, key_of_token, token_after};
use crate::wire::{Json, JsonPage, Params};
use crate::{Fault, World};

/// Clusters on a page.
const CLUSTERS_PER_PAGE: usize = 50;

pub(crate) struct ListClusters;

pub(crate) struct ListClustersInput {
    states: Vec<String>,
    after: Option<Moment>,
    before: Option<Moment>,
    token: Option<String>,
}

impl Op for ListClusters {
    const SPEC: OperationSpec = OperationSpec::read(Service::Emr, "ListClusters");
    type Input = ListClustersInput;
    type Output = JsonPage;
    paged!();

    fn decode(params: &Params) -> Result<ListClustersInput, Fault> {
        Ok(ListClustersInput {
            states: params.texts("ClusterStates")?,
            after: params.moment("CreatedAfter")?,
            before: params.moment("CreatedBefore")?,
            token: params.string("Marker"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: ListClustersInput) -> Result<JsonPage, Fault> {
        let after = input.token.as_deref().map(|token| key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let scope = world.scope(ctx.account, &ctx.region);
        let clusters = scope.into_iter().flat_map(|scope| scope.resources.iter());
        let clusters = clusters
            .filter(|(key, cluster)| cluster.kind == KIND && after.as_deref().is_none_or(|after| key.as_str() > after));
        let page = fill(clusters, Some(CLUSTERS_PER_PAGE), |_, cluster| {
            let created_at = created_at(cluster);
            let is_meant = (input.states.is_empty() || input.states.iter().any(|one| one == state(cluster, ctx.now)))
                && input.after.is_none_or(|after| created_at > after)
                && input.before.is_none_or(|before| created_at < before);
            is_meant.then(|| {
                let known = &cluster.properties["cluster"];
                let mut shown = json!({"Status": status(cluster, ctx.now)});
                for name in ["Id", "Name", "ClusterArn", "NormalizedInstanceHours"] {
                    shown[name] = known[name].clone();
                }
                shown
            })
        });
        let next_token = page.next.map(|key| token_after(ctx, Self::SPEC.name, key));
        Ok(JsonPage::new(json!({"Clusters": page.items}), next_token).called("Marker"))
    }
}

pub(crate) struct DescribeCluster;

impl Op for DescribeCluster {
    const SPEC: OperationSpec = OperationSpec::read(Service::Emr, "DescribeCluster");
    type Input = String;
    type Output = Json;

    fn decode(params: &Params) -> Result<String, Fault> {
        params.required("ClusterId").map(str::to_owned)
    }

    fn run(world: &mut World, ctx: &Ctx, id: String) -> Result<Json, Fault> {
        let cluster = cluster(world, ctx, &id)?;
        let mut shown = cluster.properties["cluster"].clone();
        shown["Status"] = status(cluster, ctx.now);
        Ok(Json::ok(json!({"Cluster": shown})))
    }
}

/// Parts of a cluster on a page.
const PARTS_PER_PAGE: usize = 50;

/// A page of a cluster's groups or fleets.
fn parts(
    world: &World,
    ctx: &Ctx,
    (id, token): &(String, Option<String>),
    kept: &str,
    member: &str,
    operation: &str,
) -> Result<JsonPage, Fault> {
    let cluster = cluster(world, ctx, id)?;
    let collection = match kept {
        "groups" => "INSTANCE_GROUP",
        _ => "INSTANCE_FLEET",
    };
    if cluster.properties["cluster"]["InstanceCollectionType"] != collection {
        return Err(invalid("Instance fleets and instance groups are mutually exclusive."));
    }
    let operation = format!("{operation} {id}");
    let start = token.as_deref().map(|token| key_of_token(ctx, &operation, token)).transpose()?;
    let start: usize = start.map_or(Ok(0), |start| start.parse()).map_err(|_| invalid("The marker is not valid."))?;
    let all = cluster.properties[kept].as_array().map_or(&[] as &[Value], Vec::as_slice);
    let running = if state(cluster, ctx.now) == "TERMINATED" { "TERMINATED" } else { "RUNNING" };
    let shown = all.iter().skip(start).take(PARTS_PER_PAGE).map(|part| {
        let mut part = part.clone();
        part["Status"] = json!({"State": running, "StateChangeReason": {}, "Timeline": {}});
        part
    });
    let end = start.saturating_add(PARTS_PER_PAGE);
    let next_token = (end < all.len()).then(|| token_after(ctx, &operation, &end.to_string()));
    Ok(JsonPage::new(json!({member: shown.collect::<Vec<_>>()}), next_token).called("Marker"))
}

/// Declares the list of one kind of parts.
macro_rules! lists_parts {
    ($($name:ident: $kept:literal, $member:literal;)+) => {$(
        pub(crate) struct $name;

        impl Op for $name {
            const SPEC: OperationSpec = OperationSpec::read(Service::Emr, stringify!($name));
            type Input = (String, Option<String>);
            type Output = JsonPage;

            fn decode(params: &Params) -> Result<Self::Input, Fault> {
                Ok((params.required("ClusterId")?.to_owned(), params.string("Marker")))
            }

            fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<JsonPage, Fault> {
                parts(world, ctx, &input, $kept, $member, stringify!($name))
            }

            fn token(input: &mut Self::Input) -> Option<&mut Option<String>> {
                Some(&mut input.1)
            }

            fn next_token(output: &mut Self::Output) -> Option<&mut Option<String>> {
                Some(&mut output.next_token)
            }
        }
    )+};
}

lists_parts! {
    ListInstanceFleets: "fleets", "InstanceFleets";
    ListInstanceGroups: "groups", "InstanceGroups";
}
