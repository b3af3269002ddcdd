//! SNS `Subscribe`, `Unsubscribe`, `ListSubscriptions` and `ListSubscriptionsByTopic`.

use amictl_cloud::{OperationSpec, Service};

use super::lookup::{arn, invalid, name_of, topic, uuid};
use crate::ops::{Ctx, Nothing, Op, paged};
use crate::page::{fill, key_of_token, token_after};
use crate::wire::{Encode, Params, Xml};
use crate::world::{Subscription, Topic};
use crate::{Fault, World};

/// Subscriptions on a page.
const PAGE_MAX: usize = 100;

const PROTOCOLS: [&str; 9] =
    ["application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs"];

pub(crate) struct Subscribe;

pub(crate) struct SubscribeInput {
    arn: String,
    protocol: String,
    endpoint: String,
}

pub(crate) struct SubscriptionArn(String);

impl Op for Subscribe {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Sns, "Subscribe");
    type Input = SubscribeInput;
    type Output = SubscriptionArn;

    fn decode(params: &Params) -> Result<SubscribeInput, Fault> {
        let protocol = params.required("Protocol").map_err(|_| invalid("Protocol"))?;
        if !PROTOCOLS.contains(&protocol) {
            let shown: String = protocol.chars().take(50).collect();
            return Err(invalid(&format!("Amazon SNS does not support this protocol string: {shown}")));
        }
        let endpoint = params.required("Endpoint").map_err(|_| invalid("Endpoint"))?;
        if protocol.starts_with("http") && !endpoint.starts_with(&format!("{protocol}://")) {
            return Err(invalid("Endpoint must match the specified protocol"));
        }
        Ok(SubscribeInput {
            arn: params.required("TopicArn").map_err(|_| invalid("TopicArn"))?.to_owned(),
            protocol: protocol.to_owned(),
            endpoint: endpoint.to_owned(),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: SubscribeInput) -> Result<SubscriptionArn, Fault> {
        let id = uuid(world.new_number());
        let topic = topic(world, ctx, &input.arn)?;
        let known = topic
            .subscriptions
            .iter()
            .find(|known| known.protocol == input.protocol && known.endpoint == input.endpoint)
            .map(|known| known.id.clone());
        let id = known.unwrap_or_else(|| {
            let SubscribeInput { protocol, endpoint, .. } = input;
            topic.subscriptions.push(Subscription { id: id.clone(), protocol, endpoint });
            id
        });
        Ok(SubscriptionArn(format!("{}:{id}", input.arn)))
    }
}

impl Encode for SubscriptionArn {
    fn encode(&self, xml: &mut Xml) {
        xml.text("SubscriptionArn", &self.0);
    }
}

pub(crate) struct Unsubscribe;

impl Op for Unsubscribe {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Sns, "Unsubscribe");
    type Input = String;
    type Output = Nothing;

    fn decode(params: &Params) -> Result<String, Fault> {
        params.required("SubscriptionArn").map(str::to_owned).map_err(|_| invalid("SubscriptionArn"))
    }

    fn run(world: &mut World, ctx: &Ctx, arn: String) -> Result<Nothing, Fault> {
        let (topic_arn, id) = arn.rsplit_once(':').ok_or_else(|| invalid("SubscriptionArn"))?;
        name_of(ctx, topic_arn).map_err(|_| invalid("SubscriptionArn"))?;
        // What is not there is as good as gone.
        if let Ok(topic) = topic(world, ctx, topic_arn) {
            topic.subscriptions.retain(|subscription| subscription.id != id);
        }
        Ok(Nothing)
    }
}

pub(crate) struct ListInput {
    arn: Option<String>,
    token: Option<String>,
}

pub(crate) struct ListOutput {
    owner: String,
    subscriptions: Vec<(String, Subscription)>,
    next_token: Option<String>,
}

fn list<'a>(
    ctx: &Ctx,
    operation: &str,
    token: Option<&str>,
    topics: impl Iterator<Item = &'a Topic>,
) -> Result<ListOutput, Fault> {
    let after = token.map(|token| key_of_token(ctx, operation, token));
    let after = after.transpose().map_err(|_| invalid("NextToken"))?;
    let all = topics.flat_map(|topic| {
        let arn = arn(ctx, &topic.name);
        topic.subscriptions.iter().map(move |subscription| (arn.clone(), subscription.clone()))
    });
    let key = |(arn, subscription): &(String, Subscription)| format!("{arn}:{}", subscription.id);
    let mut all: Vec<(String, (String, Subscription))> = all.map(|entry| (key(&entry), entry)).collect();
    all.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    let later = all.into_iter().filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
    let page = fill(later, Some(PAGE_MAX), |_, entry| Some(entry));
    let next_token = page.next.map(|key| token_after(ctx, operation, &key));
    Ok(ListOutput { owner: ctx.account.to_string(), subscriptions: page.items, next_token })
}

pub(crate) struct ListSubscriptions;

impl Op for ListSubscriptions {
    const SPEC: OperationSpec = OperationSpec::read(Service::Sns, "ListSubscriptions");
    type Input = ListInput;
    type Output = ListOutput;
    paged!();

    fn decode(params: &Params) -> Result<ListInput, Fault> {
        Ok(ListInput { arn: None, token: params.string("NextToken") })
    }

    fn run(world: &mut World, ctx: &Ctx, input: ListInput) -> Result<ListOutput, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        list(ctx, "ListSubscriptions", input.token.as_deref(), scope.topics.values())
    }
}

pub(crate) struct ListSubscriptionsByTopic;

impl Op for ListSubscriptionsByTopic {
    const SPEC: OperationSpec = OperationSpec::read(Service::Sns, "ListSubscriptionsByTopic");
    type Input = ListInput;
    type Output = ListOutput;
    paged!();

    fn decode(params: &Params) -> Result<ListInput, Fault> {
        let arn = params.required("TopicArn").map_err(|_| invalid("TopicArn"))?;
        Ok(ListInput { arn: Some(arn.to_owned()), token: params.string("NextToken") })
    }

    fn run(world: &mut World, ctx: &Ctx, input: ListInput) -> Result<ListOutput, Fault> {
        let arn = input.arn.unwrap_or_default();
        let topic: &Topic = topic(world, ctx, &arn)?;
        list(ctx, &format!("ListSubscriptionsByTopic {arn}"), input.token.as_deref(), std::iter::once(topic))
    }
}

impl Encode for ListOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("Subscriptions", "member", &self.subscriptions, |xml, (topic, subscription)| {
            xml.text("SubscriptionArn", format!("{topic}:{}", subscription.id));
            xml.text("Owner", &self.owner);
            xml.text("Protocol", &subscription.protocol);
            xml.text("Endpoint", &subscription.endpoint);
            xml.text("TopicArn", topic);
        });
        xml.optional("NextToken", self.next_token.as_ref());
    }
}
