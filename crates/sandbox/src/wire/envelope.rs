//! What stands around a reply or an error in each protocol.

use amictl_cloud::Service;
use serde_json::json;

use super::{Body, Xml, is_void};
use crate::Fault;

/// How a service is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// EC2's own query protocol.
    Ec2Query,
    /// AWS's query protocol.
    AwsQuery,
    /// AWS's JSON protocol: the action stands in a header.
    AwsJson,
    /// JSON at REST paths.
    RestJson,
    /// XML at REST paths.
    RestXml,
}

impl Protocol {
    /// The protocol of this service.
    pub(crate) fn of(service: Service) -> Self {
        match service {
            Service::Ec2 => Self::Ec2Query,
            Service::AutoScaling | Service::Sts | Service::Sns => Self::AwsQuery,
            Service::Ssm
            | Service::ServiceQuotas
            | Service::Organizations
            | Service::CloudControl
            | Service::Emr
            | Service::Config => Self::AwsJson,
            Service::Rbin | Service::ImageBuilder | Service::Ebs | Service::Backup => Self::RestJson,
            Service::S3 => Self::RestXml,
        }
    }
}

fn namespace(service: Service) -> &'static str {
    match service {
        Service::AutoScaling => "http://autoscaling.amazonaws.com/doc/2011-01-01/",
        Service::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
        Service::Sns => "http://sns.amazonaws.com/doc/2010-03-31/",
        Service::S3 => "http://s3.amazonaws.com/doc/2006-03-01/",
        _ => "http://ec2.amazonaws.com/doc/2016-11-15/",
    }
}

/// A whole answer: what an HTTP response is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    /// The HTTP status.
    pub(crate) status: u16,
    /// `Content-Type`.
    pub(crate) content_type: &'static str,
    /// `x-amzn-ErrorType`, where the protocol names an error in a header.
    pub(crate) error_type: Option<String>,
    /// The text.
    pub(crate) text: String,
}

const XML: &str = "text/xml;charset=UTF-8";
const JSON: &str = "application/json";
const BYTES: &str = "application/octet-stream";

/// `Content-Type` of a service's JSON documents.
fn json_type(service: Service) -> &'static str {
    match Protocol::of(service) {
        Protocol::AwsJson if service == Service::CloudControl => "application/x-amz-json-1.0",
        Protocol::AwsJson => "application/x-amz-json-1.1",
        _ => JSON,
    }
}

impl Document {
    fn empty(status: u16) -> Self {
        Self { status, content_type: BYTES, error_type: None, text: String::new() }
    }

    fn xml(status: u16, xml: Xml) -> Self {
        Self { status, content_type: XML, error_type: None, text: xml.finish() }
    }
}

/// The document of a reply.
pub(crate) fn reply_document(service: Service, action: &str, request_id: &str, reply: &Body) -> Document {
    let protocol = Protocol::of(service);
    let reply = match reply {
        Body::Json(json) => {
            let content_type = json_type(service);
            return Document { status: json.status, content_type, error_type: None, text: json.value.to_string() };
        }
        // What is left of one is what stands around it: nothing.
        Body::Blob(blob) => return Document::empty(blob.status),
        Body::Xml(reply) => reply,
    };
    let mut xml = Xml::document();
    xml.root(&format!("{action}Response"), namespace(service), |xml| match protocol {
        Protocol::AwsQuery => {
            if !is_void(service, action) {
                xml.element(&format!("{action}Result"), |xml| reply.encode(xml));
            }
            xml.element("ResponseMetadata", |xml| xml.text("RequestId", request_id));
        }
        _ => {
            xml.text("requestId", request_id);
            reply.encode(xml);
        }
    });
    Document::xml(200, xml)
}

/// The document of an error.
pub(crate) fn fault_document(service: Service, request_id: &str, fault: &Fault) -> Document {
    let mut xml = Xml::document();
    match Protocol::of(service) {
        Protocol::Ec2Query => xml.element("Response", |xml| {
            xml.element("Errors", |xml| {
                xml.element("Error", |xml| {
                    xml.text("Code", &fault.code);
                    xml.text("Message", &fault.message);
                });
            });
            xml.text("RequestID", request_id);
        }),
        Protocol::AwsQuery => xml.root("ErrorResponse", namespace(service), |xml| {
            xml.element("Error", |xml| {
                xml.text("Type", if fault.status < 500 { "Sender" } else { "Receiver" });
                xml.text("Code", &fault.code);
                xml.text("Message", &fault.message);
            });
            xml.text("RequestId", request_id);
        }),
        Protocol::RestXml => xml.element("Error", |xml| {
            xml.text("Code", &fault.code);
            xml.text("Message", &fault.message);
            xml.text("RequestId", request_id);
        }),
        Protocol::AwsJson => {
            let text = json!({"__type": fault.code, "message": fault.message}).to_string();
            return Document { status: fault.status, content_type: json_type(service), error_type: None, text };
        }
        Protocol::RestJson => {
            // Some of these services spell it with a capital.
            let text = match service {
                Service::Rbin | Service::Ebs => json!({"Message": fault.message}),
                _ => json!({"message": fault.message}),
            };
            let error_type = Some(fault.code.to_string());
            return Document { status: fault.status, content_type: JSON, error_type, text: text.to_string() };
        }
    }
    Document::xml(fault.status, xml)
}
