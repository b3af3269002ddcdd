//! What an operation answers, in the form that its service speaks.

use std::sync::Arc;

use super::Encode;

/// A reply's content, before anything is put around it.
#[derive(Clone)]
pub(crate) enum Body {
    /// Members of an XML document.
    Xml(Arc<dyn Encode + Send + Sync>),
    /// A JSON document with its HTTP status.
    Json(Json),
}

/// A JSON document with its HTTP status.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Json {
    /// The HTTP status, 200 for most.
    pub(crate) status: u16,
    /// The document: an object.
    pub(crate) value: serde_json::Value,
}

impl Json {
    /// A document with status 200.
    pub(crate) fn ok(value: serde_json::Value) -> Self {
        Self { status: 200, value }
    }
}

/// Whatever an operation can answer.
pub(crate) trait Reply {
    /// The answer's content.
    fn into_body(self) -> Body;
}

impl<T: Encode + Send + Sync + 'static> Reply for T {
    fn into_body(self) -> Body {
        Body::Xml(Arc::new(self))
    }
}

impl Reply for Json {
    fn into_body(self) -> Body {
        Body::Json(self)
    }
}
