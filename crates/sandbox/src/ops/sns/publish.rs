//! SNS `Publish` and `PublishBatch`.

use std::collections::BTreeMap;

use amictl_cloud::{OperationSpec, Service};

use super::lookup::{invalid, topic, uuid};
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::PublishedMessage;
use crate::{Fault, World};

/// Bytes that a message, or the messages of one call, may have.
const MESSAGE_BYTES_MAX: usize = 256 << 10;

/// A message as it was sent.
struct Message {
    subject: Option<String>,
    message: String,
    attributes: BTreeMap<String, (String, String)>,
}

fn decode_message(params: &Params) -> Result<Message, Fault> {
    let message = params.required("Message").map_err(|_| invalid("Empty message"))?;
    if message.len() > MESSAGE_BYTES_MAX {
        return Err(invalid("Message too long"));
    }
    let subject = params.string("Subject");
    if subject.as_deref().is_some_and(|text| text.chars().count() > 100 || text.contains(['\n', '\r'])) {
        return Err(invalid("Subject"));
    }
    if params.text("MessageStructure") == Some("json") {
        let parsed: serde_json::Value = serde_json::from_str(message)
            .map_err(|_| invalid("Message Structure - JSON message body failed to parse"))?;
        if !parsed.get("default").is_some_and(serde_json::Value::is_string) {
            return Err(invalid("Message Structure - No default entry in JSON message body"));
        }
    }
    let mut attributes = BTreeMap::new();
    if let Some(map) = params.structure("MessageAttributes") {
        for entry in map.structures("entry")? {
            let name = entry.required("Name")?;
            let value = entry.structure("Value").ok_or_else(|| invalid("MessageAttributes"))?;
            let kind = value.required("DataType")?.to_owned();
            let text = value.text("StringValue").or_else(|| value.text("BinaryValue")).unwrap_or_default();
            attributes.insert(name.to_owned(), (kind, text.to_owned()));
        }
    }
    Ok(Message { subject, message: message.to_owned(), attributes })
}

/// Publishes a message; gives its id.
fn publish(world: &mut World, ctx: &Ctx, arn: &str, message: Message) -> Result<String, Fault> {
    let id = uuid(world.new_number());
    let Message { subject, message, attributes } = message;
    let message = PublishedMessage { id: id.clone(), subject, message, attributes, published_at: ctx.now };
    topic(world, ctx, arn)?.messages.push(message);
    Ok(id)
}

pub(crate) struct Publish;

pub(crate) struct PublishInput {
    arn: String,
    message: Message,
}

pub(crate) struct MessageId(String);

impl Op for Publish {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Sns, "Publish");
    type Input = PublishInput;
    type Output = MessageId;

    fn decode(params: &Params) -> Result<PublishInput, Fault> {
        let arn = params.string("TopicArn").or_else(|| params.string("TargetArn"));
        Ok(PublishInput {
            arn: arn.ok_or_else(|| invalid("TopicArn or TargetArn Reason: no value for required parameter"))?,
            message: decode_message(params)?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: PublishInput) -> Result<MessageId, Fault> {
        publish(world, ctx, &input.arn, input.message).map(MessageId)
    }
}

impl Encode for MessageId {
    fn encode(&self, xml: &mut Xml) {
        xml.text("MessageId", &self.0);
    }
}

pub(crate) struct PublishBatch;

pub(crate) struct BatchInput {
    arn: String,
    /// Each with its id, and the message or why it is none.
    entries: Vec<(String, Result<Message, Fault>)>,
}

pub(crate) struct BatchOutput {
    /// Ids of entries with ids of messages.
    done: Vec<(String, String)>,
    failed: Vec<(String, Fault)>,
}

impl Op for PublishBatch {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Sns, "PublishBatch");
    type Input = BatchInput;
    type Output = BatchOutput;

    fn decode(params: &Params) -> Result<BatchInput, Fault> {
        let given = params.structures("PublishBatchRequestEntries")?;
        let batch = |code: &'static str, message: &str| Err(Fault::new(code, message));
        if given.is_empty() {
            return batch("EmptyBatchRequest", "The batch request doesn't contain any entries.");
        }
        if given.len() > 10 {
            return batch("TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible.");
        }
        let mut entries: Vec<(String, Result<Message, Fault>)> = Vec::new();
        for entry in &given {
            let id = entry.required("Id")?.to_owned();
            if entries.iter().any(|(known, _)| *known == id) {
                return batch("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.");
            }
            entries.push((id, decode_message(entry)));
        }
        let bytes: usize =
            entries.iter().filter_map(|(_, message)| message.as_ref().ok()).map(|m| m.message.len()).sum();
        if bytes > MESSAGE_BYTES_MAX {
            return batch(
                "BatchRequestTooLong",
                "The length of all the batch messages put together is more than the limit.",
            );
        }
        Ok(BatchInput { arn: params.required("TopicArn").map_err(|_| invalid("TopicArn"))?.to_owned(), entries })
    }

    fn run(world: &mut World, ctx: &Ctx, input: BatchInput) -> Result<BatchOutput, Fault> {
        topic(world, ctx, &input.arn)?;
        let mut output = BatchOutput { done: Vec::new(), failed: Vec::new() };
        for (id, message) in input.entries {
            match message.and_then(|message| publish(world, ctx, &input.arn, message)) {
                Ok(message_id) => output.done.push((id, message_id)),
                Err(fault) => output.failed.push((id, fault)),
            }
        }
        Ok(output)
    }
}

impl Encode for BatchOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("Successful", "member", &self.done, |xml, (id, message_id)| {
            xml.text("Id", id);
            xml.text("MessageId", message_id);
        });
        xml.list("Failed", "member", &self.failed, |xml, (id, fault)| {
            xml.text("Id", id);
            xml.text("Code", &fault.code);
            xml.text("Message", &fault.message);
            xml.value("SenderFault", true);
        });
    }
}
