//! Topics of SNS, and what is published to them.

mod lookup;
mod publish;
mod subscriptions;
mod topics;

use super::Entry;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] = &[
    Entry::of::<topics::CreateTopic>(),
    Entry::of::<topics::DeleteTopic>(),
    Entry::of::<topics::GetTopicAttributes>(),
    Entry::of::<subscriptions::ListSubscriptions>(),
    Entry::of::<subscriptions::ListSubscriptionsByTopic>(),
    Entry::of::<topics::ListTopics>(),
    Entry::of::<publish::Publish>(),
    Entry::of::<publish::PublishBatch>(),
    Entry::of::<topics::SetTopicAttributes>(),
    Entry::of::<subscriptions::Subscribe>(),
    Entry::of::<subscriptions::Unsubscribe>(),
];
