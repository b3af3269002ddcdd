//! What an operation answers, in the form that its service speaks.

use std::sync::Arc;

use super::{Blob, Encode, Xml};
use crate::world::Written;

/// A reply's content, before anything is put around it.
#[derive(Clone)]
pub(crate) enum Body {
    /// Members of an XML document.
    Xml(Arc<dyn Encode + Send + Sync>),
    /// A JSON document with its HTTP status.
    Json(Json),
    /// Bytes.
    Blob(Blob),
}

impl Body {
    /// The content as text, to be kept; bytes are not kept.
    pub(crate) fn written(&self) -> Option<Written> {
        match self {
            Self::Xml(reply) => {
                let mut xml = Xml::default();
                reply.encode(&mut xml);
                Some(Written::Xml(xml.finish()))
            }
            Self::Json(json) => Some(Written::Json(json.status, json.value.clone())),
            Self::Blob(_) => None,
        }
    }

    /// The content that was kept.
    pub(crate) fn from_written(written: Written) -> Self {
        match written {
            Written::Xml(text) => Self::Xml(Arc::new(Members(text))),
            Written::Json(status, value) => Self::Json(Json { status, value }),
        }
    }
}

/// Members of an XML document that were written before.
struct Members(String);

impl Encode for Members {
    fn encode(&self, xml: &mut Xml) {
        xml.written(&self.0);
    }
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

/// A JSON document with status 200 that is a page of a list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct JsonPage {
    value: serde_json::Value,
    name: &'static str,
    /// The token of the next page.
    pub(crate) next_token: Option<String>,
}

impl JsonPage {
    /// A page whose token is called `NextToken`.
    pub(crate) fn new(value: serde_json::Value, next_token: Option<String>) -> Self {
        Self { value, name: "NextToken", next_token }
    }

    /// The same with another name for its token.
    pub(crate) fn called(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }
}

impl Reply for JsonPage {
    fn into_body(mut self) -> Body {
        if let Some(token) = self.next_token {
            self.value[self.name] = token.into();
        }
        Body::Json(Json::ok(self.value))
    }
}

/// A time as the JSON protocols write it: seconds since the epoch, with milliseconds as a fraction.
pub(crate) fn epoch_secs(moment: amictl_model::Moment) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of any year that there is fit into 53 bits")]
    let millis = moment.as_millis() as f64;
    millis / 1000.0
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
