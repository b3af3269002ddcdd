//! EC2 `RequestSpotInstances`, `DescribeSpotInstanceRequests` and `CancelSpotInstanceRequests`.

use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{Moment, Region, Tags};
use compact_str::CompactString;

use super::fleet_xml::LAUNCH_SPECIFICATION;
use super::spot_filter::{SPOT_FILTERS, matches};
use crate::filter::Filters;
use crate::ops::input::{other_id, tag_specification};
use crate::ops::instances::launch::launch;
use crate::ops::instances::launch_spec::{LaunchSpec, spot_market};
use crate::ops::instances::prepare::{Prepared, prepare};
use crate::ops::paged;
use crate::ops::templates::template_schema::write;
use crate::ops::{Ctx, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::{SpotRequest, zone_id};
use crate::{Fault, World};

/// Instances that one request may ask for.
const COUNT_MAX: i64 = 1000;

pub(crate) struct RequestSpotInstances;

pub(crate) struct RequestSpotInstancesInput {
    specification: Params,
    market: Params,
    price: Option<String>,
    count: i64,
    valid_until: Option<Moment>,
    tags: Tags,
}

pub(crate) struct SpotRequests {
    requests: Vec<Arc<SpotRequest>>,
    next_token: Option<String>,
    now: Moment,
    region: Region,
}

impl Op for RequestSpotInstances {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "RequestSpotInstances");
    type Input = RequestSpotInstancesInput;
    type Output = SpotRequests;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let count = params.integer("InstanceCount")?.unwrap_or(1);
        if !(1..=COUNT_MAX).contains(&count) {
            return Err(Fault::invalid_value("instanceCount", &count.to_string()));
        }
        let price = params.string("SpotPrice");
        let is_price = |price: &String| price.parse::<f64>().is_ok_and(|price| price > 0.0);
        if let Some(price) = price.as_ref().filter(|price| !is_price(price)) {
            return Err(Fault::invalid_value("price", price));
        }
        params.moment("ValidFrom")?;
        let mut market = spot_market(price.as_deref().unwrap_or_default());
        let mut options = market.structure("SpotOptions").cloned().unwrap_or_default();
        let kind = params.string("Type").unwrap_or_else(|| "one-time".to_owned());
        if !["one-time", "persistent"].contains(&kind.as_str()) {
            return Err(Fault::invalid_value("type", &kind));
        }
        options.set("SpotInstanceType", &kind);
        if let Some(behavior) = params.string("InstanceInterruptionBehavior") {
            options.set("InstanceInterruptionBehavior", &behavior);
        }
        market.put("SpotOptions", options);
        Ok(RequestSpotInstancesInput {
            specification: params
                .structure("LaunchSpecification")
                .cloned()
                .ok_or_else(|| Fault::missing("LaunchSpecification"))?,
            market,
            price,
            count,
            valid_until: params.moment("ValidUntil")?,
            tags: tag_specification(params, "spot-instances-request")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<SpotRequests, Fault> {
        let mut data = input.specification.clone();
        data.put("InstanceMarketOptions", input.market);
        let Prepared { image, launch: mut what } = prepare(world, ctx, LaunchSpec::decode(&data)?, 1)?;
        ctx.commit()?;
        what.spot_tags = input.tags;
        let mut requests = Vec::new();
        for _ in 0..input.count {
            let instances = launch(world, ctx, &image, &what);
            let id = instances.first().and_then(|instance| instance.settings.spot_request.clone());
            let scope = world.scope_mut(ctx.account, &ctx.region);
            let request = id.and_then(|id| scope.spot_requests.get_mut(&id));
            if let Some(request) = request {
                let changed = Arc::make_mut(request);
                changed.specification = shown_specification(&input.specification);
                changed.valid_until = input.valid_until;
                changed.price = input.price.as_deref().map(Into::into);
                requests.push(Arc::clone(request));
            }
        }
        Ok(SpotRequests { requests, next_token: None, now: ctx.now, region: ctx.region.clone() })
    }
}

/// A launch specification with its security groups where replies have them.
fn shown_specification(sent: &Params) -> Params {
    let mut shown = sent.clone();
    let mut groups = Params::default();
    for (at, id) in sent.texts("SecurityGroupId").unwrap_or_default().iter().enumerate() {
        let mut group = Params::default();
        group.set("GroupId", id);
        groups.put(&(at + 1).to_string(), group);
    }
    shown.put("GroupSet", groups);
    shown
}

impl Encode for SpotRequests {
    fn encode(&self, xml: &mut Xml) {
        xml.list("spotInstanceRequestSet", "item", &self.requests, |xml, request| {
            write_request(xml, request, self.now, &self.region);
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}

fn write_request(xml: &mut Xml, request: &SpotRequest, now: Moment, region: &Region) {
    let (code, message, updated_at) = request.status(now);
    xml.text("spotInstanceRequestId", &request.id);
    xml.optional("spotPrice", request.price.as_ref());
    xml.text("type", &request.kind);
    xml.text("state", request.state(now));
    xml.element("status", |xml| {
        xml.text("code", code);
        xml.text("message", message);
        xml.time("updateTime", updated_at);
    });
    if let Some((code, message)) = &request.fault {
        xml.element("fault", |xml| {
            xml.text("code", code);
            xml.text("message", message);
        });
    }
    xml.element("launchSpecification", |xml| write(xml, &request.specification, LAUNCH_SPECIFICATION));
    if now >= request.active_at {
        xml.optional("instanceId", request.instance.as_ref());
        xml.optional("launchedAvailabilityZone", request.zone.as_ref());
        xml.optional("launchedAvailabilityZoneId", request.zone.as_ref().map(|zone| zone_id(region, zone)));
    }
    xml.time("createTime", request.created_at);
    xml.text("productDescription", "Linux/UNIX");
    xml.tag_set(&request.tags);
    if let Some(until) = request.valid_until {
        xml.time("validUntil", until);
    }
    xml.text("instanceInterruptionBehavior", &request.interruption);
}

pub(crate) struct DescribeSpotInstanceRequests;

pub(crate) struct DescribeSpotInstanceRequestsInput {
    ids: Vec<CompactString>,
    filters: Filters,
    limit: Option<usize>,
    token: Option<String>,
}

fn request_ids(params: &Params) -> Result<Vec<CompactString>, Fault> {
    let ids = params.texts("SpotInstanceRequestId")?;
    ids.iter().map(|id| other_id(id, "sir-", "InvalidSpotInstanceRequestID.Malformed")).collect()
}

fn require_all(world: &mut World, ctx: &Ctx, ids: &[CompactString]) -> Result<(), Fault> {
    let scope = world.scope_mut(ctx.account, &ctx.region);
    match ids.iter().find(|id| !scope.spot_requests.contains_key(*id)) {
        None => Ok(()),
        Some(id) => Err(Fault::new(
            "InvalidSpotInstanceRequestID.NotFound",
            format!("The spot instance request ID '{id}' does not exist"),
        )),
    }
}

impl Op for DescribeSpotInstanceRequests {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeSpotInstanceRequests");
    type Input = DescribeSpotInstanceRequestsInput;
    type Output = SpotRequests;
    paged!();

    fn is_unbounded(input: &Self::Input) -> bool {
        input.ids.is_empty() && input.filters.is_empty() && input.limit.is_none()
    }

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let ids = request_ids(params)?;
        let limit = page::limit("maxResults", params.integer("MaxResults")?, 5..=1000)?;
        if !ids.is_empty() && limit.is_some() {
            let message = "The parameter SpotInstanceRequestIds cannot be used with the parameter maxResults";
            return Err(Fault::new("InvalidParameterCombination", message));
        }
        Ok(DescribeSpotInstanceRequestsInput {
            ids,
            filters: Filters::decode(params, SPOT_FILTERS)?,
            limit,
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<SpotRequests, Fault> {
        require_all(world, ctx, &input.ids)?;
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let start = after.map_or(Bound::Unbounded, |id| Bound::Excluded(CompactString::from(id)));
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let page = page::fill(scope.spot_requests.range((start, Bound::Unbounded)), input.limit, |id, request| {
            let is_asked_for = input.ids.is_empty() || input.ids.contains(id);
            (is_asked_for && matches(ctx, &input.filters, request)).then(|| Arc::clone(request))
        });
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, id));
        Ok(SpotRequests { requests: page.items, next_token, now: ctx.now, region: ctx.region.clone() })
    }
}

pub(crate) struct CancelSpotInstanceRequests;

pub(crate) struct CancelledRequests(Vec<(CompactString, String)>);

impl Op for CancelSpotInstanceRequests {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CancelSpotInstanceRequests");
    type Input = Vec<CompactString>;
    type Output = CancelledRequests;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let ids = request_ids(params)?;
        if ids.is_empty() { Err(Fault::missing("SpotInstanceRequestId")) } else { Ok(ids) }
    }

    /// Cancelling ends the request and leaves its instance running.
    fn run(world: &mut World, ctx: &Ctx, ids: Self::Input) -> Result<CancelledRequests, Fault> {
        require_all(world, ctx, &ids)?;
        ctx.commit()?;
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let mut cancelled = Vec::new();
        for id in ids {
            let Some(request) = scope.spot_requests.get_mut(&id).map(Arc::make_mut) else { continue };
            if request.ended.is_none() {
                request.ended = Some((ctx.now, "cancelled".into()));
            }
            cancelled.push((id, request.state(ctx.now).to_owned()));
        }
        Ok(CancelledRequests(cancelled))
    }
}

impl Encode for CancelledRequests {
    fn encode(&self, xml: &mut Xml) {
        xml.list("spotInstanceRequestSet", "item", &self.0, |xml, (id, state)| {
            xml.text("spotInstanceRequestId", id);
            xml.text("state", state);
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::story::TestWorld;

    #[test]
    fn a_spot_request_is_fulfilled_and_cancelled() {
        let mut test = TestWorld::new().paced();
        let image = test.image("web");
        let form =
            format!("LaunchSpecification.ImageId={image}&LaunchSpecification.InstanceType=t3.micro&SpotPrice=0.05");
        let id = test.first("RequestSpotInstances", &form, "spotInstanceRequestId");
        let state = |test: &TestWorld| test.first("DescribeSpotInstanceRequests", "", "state");
        assert_eq!(state(&test), "open");
        test.pass_secs(30);
        assert_eq!(state(&test), "active");
        for (name, value) in [
            ("launch.image-id", image.as_str()),
            ("state", "active"),
            ("status-code", "fulfilled"),
            ("spot-price", "0.05"),
            ("type", "one-time"),
        ] {
            let reply =
                test.ec2("DescribeSpotInstanceRequests", &format!("Filter.1.Name={name}&Filter.1.Value.1={value}"));
            assert!(reply.contains(&id), "{name}: {reply}");
        }
        test.ec2("CancelSpotInstanceRequests", &format!("SpotInstanceRequestId.1={id}"));
        assert_eq!(state(&test), "cancelled");
        assert_eq!(test.first("DescribeInstances", "", "name"), "running");
        test.ec2("DisableImage", &format!("ImageId={image}"));
        assert_eq!(test.code("RequestSpotInstances", &form), "InvalidAMIID.Unavailable");
        assert_eq!(
            test.code("RequestSpotInstances", "LaunchSpecification.ImageId=ami-1&SpotPrice=x"),
            "InvalidParameterValue"
        );
        let none = "SpotInstanceRequestId.1=sir-0";
        assert_eq!(test.code("CancelSpotInstanceRequests", none), "InvalidSpotInstanceRequestID.NotFound");
    }
}
