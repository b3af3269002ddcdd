//! Resources of the services that are known by Cloud Control only, and requests to change them.

use amictl_model::Moment;
use compact_str::{CompactString, format_compact};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A resource as Cloud Control shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CloudResource {
    /// `TypeName`, such as `AWS::Batch::ComputeEnvironment`.
    pub kind: String,
    /// `Identifier`.
    pub identifier: String,
    /// `Properties`: an object.
    pub properties: Value,
}

impl CloudResource {
    /// The key of a resource: its type, a blank, its identifier.
    #[must_use]
    pub fn key(&self) -> CompactString {
        resource_key(&self.kind, &self.identifier)
    }
}

/// The key of a resource of this type with this identifier.
pub(crate) fn resource_key(kind: &str, identifier: &str) -> CompactString {
    format_compact!("{kind} {identifier}")
}

/// A request to change a resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResourceRequest {
    /// `TypeName`.
    pub kind: String,
    /// `Identifier`.
    pub identifier: Option<String>,
    /// `Operation`: `CREATE`, `UPDATE` or `DELETE`.
    pub operation: String,
    /// `ErrorCode` and `StatusMessage` if it fails.
    pub failure: Option<(String, String)>,
    /// When it was made.
    pub requested_at: Moment,
    /// When it ends.
    pub done_at: Moment,
    /// `ClientToken`, with what was asked under it.
    pub client_token: Option<(String, String)>,
    /// `ResourceModel` once it is done.
    pub properties: Option<Value>,
}

/// What Image Builder has: a recipe, a configuration, a pipeline or an image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BuilderResource {
    /// What it is, such as `image-recipe`.
    pub kind: String,
    /// The ARN.
    pub arn: String,
    /// `ClientToken`, with what was asked under it.
    pub client_token: Option<(String, String)>,
    /// The document that describes it.
    pub value: Value,
    /// When an image is available, if it is one.
    pub ready_at: Option<Moment>,
}
