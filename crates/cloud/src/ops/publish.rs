use crate::{Operation, OperationSpec, Service};

/// SNS `Publish` to a topic. A message whose answer was lost may have been sent; SNS cannot be asked.
#[derive(Debug)]
pub struct Publish;

/// The message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishRequest {
    /// `TopicArn`; the call goes to the Region that it names.
    pub topic_arn: String,
    /// `Subject`: fewer than 100 characters, no control characters.
    pub subject: String,
    /// `Message`: at most 256 KiB.
    pub message: String,
}

impl Operation for Publish {
    type Request = PublishRequest;
    type Reply = ();
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Sns, "Publish");
}
