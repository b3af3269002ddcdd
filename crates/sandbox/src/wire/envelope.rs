//! What stands around a reply or an error in each protocol.

use amictl_cloud::Service;

use super::{Encode, Xml};
use crate::Fault;

/// How a service is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// EC2's own query protocol.
    Ec2Query,
    /// AWS's query protocol.
    AwsQuery,
}

impl Protocol {
    /// The protocol of this service.
    pub(crate) fn of(service: Service) -> Self {
        match service {
            Service::Ec2 => Self::Ec2Query,
            Service::AutoScaling | Service::Sts => Self::AwsQuery,
        }
    }
}

fn namespace(service: Service) -> &'static str {
    match service {
        Service::Ec2 => "http://ec2.amazonaws.com/doc/2016-11-15/",
        Service::AutoScaling => "http://autoscaling.amazonaws.com/doc/2011-01-01/",
        Service::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
    }
}

/// The document of a reply.
pub(crate) fn reply_document(service: Service, action: &str, request_id: &str, reply: &dyn Encode) -> String {
    let mut xml = Xml::document();
    xml.root(&format!("{action}Response"), namespace(service), |xml| match Protocol::of(service) {
        Protocol::Ec2Query => {
            xml.text("requestId", request_id);
            reply.encode(xml);
        }
        Protocol::AwsQuery => {
            xml.element(&format!("{action}Result"), |xml| reply.encode(xml));
            xml.element("ResponseMetadata", |xml| xml.text("RequestId", request_id));
        }
    });
    xml.finish()
}

/// The document of an error.
pub(crate) fn fault_document(service: Service, request_id: &str, fault: &Fault) -> String {
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
    }
    xml.finish()
}
