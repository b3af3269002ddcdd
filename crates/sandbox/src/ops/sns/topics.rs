//! SNS `CreateTopic`, `DeleteTopic`, `ListTopics`, `GetTopicAttributes` and `SetTopicAttributes`.

use std::collections::BTreeMap;
use std::ops::Bound;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::Tags;

use super::lookup::{arn, invalid, map, name_of, topic};
use crate::ops::{Ctx, Nothing, Op, paged};
use crate::page::{fill, key_of_token, token_after};
use crate::wire::{Encode, Params, Xml};
use crate::world::Topic;
use crate::{Fault, World};

/// Topics on a page.
const PAGE_MAX: usize = 100;

/// Attributes that can be set.
const ATTRIBUTES: [&str; 11] = [
    "ArchivePolicy",
    "ContentBasedDeduplication",
    "DeliveryPolicy",
    "DisplayName",
    "FifoThroughputScope",
    "FifoTopic",
    "KmsMasterKeyId",
    "Policy",
    "SignatureVersion",
    "TracingConfig",
    "DataProtectionPolicy",
];

pub(crate) struct TopicArn(String);

impl Encode for TopicArn {
    fn encode(&self, xml: &mut Xml) {
        xml.text("TopicArn", &self.0);
    }
}

pub(crate) struct CreateTopic;

pub(crate) struct CreateInput {
    name: String,
    attributes: BTreeMap<String, String>,
    tags: Tags,
}

impl Op for CreateTopic {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Sns, "CreateTopic");
    type Input = CreateInput;
    type Output = TopicArn;

    fn decode(params: &Params) -> Result<CreateInput, Fault> {
        let name = params.required("Name").map_err(|_| invalid("Topic Name"))?;
        let attributes = map(params, "Attributes")?;
        let is_fifo = attributes.get("FifoTopic").is_some_and(|value| value == "true");
        let plain = if is_fifo { name.strip_suffix(".fifo").unwrap_or_default() } else { name };
        let is_name = (1..=256).contains(&name.len())
            && !plain.is_empty()
            && plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if !is_name {
            return Err(invalid("Topic Name"));
        }
        if let Some(unknown) = attributes.keys().find(|name| !ATTRIBUTES.contains(&name.as_str())) {
            return Err(invalid(&format!("Attributes Reason: Unknown Attribute {unknown}")));
        }
        let tags = params
            .structures("Tags")?
            .into_iter()
            .map(|tag| Ok((tag.required("Key")?.to_owned(), tag.text("Value").unwrap_or_default().to_owned())));
        let tags = tags.collect::<Result<Vec<_>, Fault>>()?;
        if tags.len() > 50 {
            return Err(Fault::new(
                "TagLimitExceeded",
                "Could not complete request: tag quota of per resource exceeded",
            ));
        }
        Ok(CreateInput { name: name.to_owned(), attributes, tags: tags.into_iter().collect() })
    }

    fn run(world: &mut World, ctx: &Ctx, input: CreateInput) -> Result<TopicArn, Fault> {
        let topics = &mut world.scope_mut(ctx.account, &ctx.region).topics;
        match topics.get(input.name.as_str()) {
            Some(topic) => {
                let differs = |(name, value): (&String, &String)| topic.attributes.get(name) != Some(value);
                if input.attributes.iter().any(differs) {
                    return Err(invalid("Attributes Reason: Topic already exists with different attributes"));
                }
                if !input.tags.is_empty() && input.tags != topic.tags {
                    return Err(invalid("Tags Reason: Topic already exists with different tags"));
                }
            }
            None => {
                let key = input.name.as_str().into();
                let CreateInput { name, attributes, tags } = input;
                let made = arn(ctx, &name);
                topics.insert(key, Topic { name, attributes, tags, ..Topic::default() });
                return Ok(TopicArn(made));
            }
        }
        Ok(TopicArn(arn(ctx, &input.name)))
    }
}

pub(crate) struct DeleteTopic;

impl Op for DeleteTopic {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Sns, "DeleteTopic");
    type Input = String;
    type Output = Nothing;

    fn decode(params: &Params) -> Result<String, Fault> {
        params.required("TopicArn").map(str::to_owned).map_err(|_| invalid("TopicArn"))
    }

    fn run(world: &mut World, ctx: &Ctx, arn: String) -> Result<Nothing, Fault> {
        let name = name_of(ctx, &arn)?;
        world.scope_mut(ctx.account, &ctx.region).topics.remove(name.as_str());
        Ok(Nothing)
    }
}

pub(crate) struct ListTopics;

pub(crate) struct ListInput {
    token: Option<String>,
}

pub(crate) struct ListOutput {
    arns: Vec<String>,
    next_token: Option<String>,
}

impl Op for ListTopics {
    const SPEC: OperationSpec = OperationSpec::read(Service::Sns, "ListTopics");
    type Input = ListInput;
    type Output = ListOutput;
    paged!();

    fn decode(params: &Params) -> Result<ListInput, Fault> {
        Ok(ListInput { token: params.string("NextToken") })
    }

    fn run(world: &mut World, ctx: &Ctx, input: ListInput) -> Result<ListOutput, Fault> {
        let after = input.token.as_deref().map(|token| key_of_token(ctx, "ListTopics", token));
        let after = after.transpose().map_err(|_| invalid("NextToken"))?;
        let from = after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let entries = scope.topics.range::<str, _>((from, Bound::Unbounded));
        let page = fill(entries, Some(PAGE_MAX), |name, _| Some(arn(ctx, name)));
        let next_token = page.next.map(|name| token_after(ctx, "ListTopics", name));
        Ok(ListOutput { arns: page.items, next_token })
    }
}

impl Encode for ListOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("Topics", "member", &self.arns, |xml, arn| xml.text("TopicArn", arn));
        xml.optional("NextToken", self.next_token.as_ref());
    }
}

pub(crate) struct GetTopicAttributes;

pub(crate) struct Attributes(Vec<(String, String)>);

impl Op for GetTopicAttributes {
    const SPEC: OperationSpec = OperationSpec::read(Service::Sns, "GetTopicAttributes");
    type Input = String;
    type Output = Attributes;

    fn decode(params: &Params) -> Result<String, Fault> {
        params.required("TopicArn").map(str::to_owned).map_err(|_| invalid("TopicArn"))
    }

    fn run(world: &mut World, ctx: &Ctx, arn: String) -> Result<Attributes, Fault> {
        let topic = topic(world, ctx, &arn)?;
        let policy = serde_json::json!({
            "Version": "2008-10-17",
            "Id": "__default_policy_ID",
            "Statement": [{
                "Sid": "__default_statement_ID",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": ["SNS:Publish", "SNS:Subscribe", "SNS:GetTopicAttributes", "SNS:SetTopicAttributes"],
                "Resource": arn,
                "Condition": {"StringEquals": {"AWS:SourceOwner": ctx.account.to_string()}},
            }],
        });
        let mut attributes: BTreeMap<String, String> = [
            ("TopicArn", arn.clone()),
            ("Owner", ctx.account.to_string()),
            ("DisplayName", String::new()),
            ("Policy", policy.to_string()),
            ("SubscriptionsConfirmed", topic.subscriptions.len().to_string()),
            ("SubscriptionsPending", "0".to_owned()),
            ("SubscriptionsDeleted", "0".to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        attributes.extend(topic.attributes.iter().map(|(name, value)| (name.clone(), value.clone())));
        Ok(Attributes(attributes.into_iter().collect()))
    }
}

impl Encode for Attributes {
    fn encode(&self, xml: &mut Xml) {
        xml.list("Attributes", "entry", &self.0, |xml, (name, value)| {
            xml.text("key", name);
            xml.text("value", value);
        });
    }
}

pub(crate) struct SetTopicAttributes;

pub(crate) struct SetInput {
    arn: String,
    name: String,
    value: String,
}

impl Op for SetTopicAttributes {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Sns, "SetTopicAttributes");
    type Input = SetInput;
    type Output = Nothing;

    fn decode(params: &Params) -> Result<SetInput, Fault> {
        let name = params.required("AttributeName").map_err(|_| invalid("AttributeName"))?;
        if !ATTRIBUTES.contains(&name) || name == "FifoTopic" {
            return Err(invalid("AttributeName"));
        }
        Ok(SetInput {
            arn: params.required("TopicArn").map_err(|_| invalid("TopicArn"))?.to_owned(),
            name: name.to_owned(),
            value: params.text("AttributeValue").unwrap_or_default().to_owned(),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: SetInput) -> Result<Nothing, Fault> {
        topic(world, ctx, &input.arn)?.attributes.insert(input.name, input.value);
        Ok(Nothing)
    }
}
