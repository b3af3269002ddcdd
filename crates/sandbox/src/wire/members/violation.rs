//! What is wrong with a request, and how each service says so.

use amictl_cloud::Service;

use super::shape::{Scalar, Type};
use crate::Fault;
use crate::wire::Protocol;

/// A member that is not as it must be.
#[derive(Debug)]
pub(super) struct Violation {
    /// The names on the way to it, the innermost first.
    path: Vec<String>,
    wrong: Wrong,
}

/// What is wrong with a member.
#[derive(Debug)]
pub(super) enum Wrong {
    /// The operation has no such parameter.
    Unknown,
    /// It must be there.
    Missing,
    /// JSON of another type.
    JsonType { expected: &'static str },
    /// Text that does not stand for a value of the type.
    Text { value: String },
    /// A list whose members are not numbered, or no list at all.
    List,
    /// Not one of an enumeration's values.
    Value { value: String, values: &'static [&'static str] },
    /// A number, or a length, that is too small or too large.
    Bounds { value: String, what: &'static str, least: i64, most: i64, is_below: bool },
}

impl Wrong {
    /// A value that is out of bounds.
    pub(super) fn bounds(value: &str, number: i64, what: &'static str, bounds: &std::ops::RangeInclusive<i64>) -> Self {
        let (least, most) = (*bounds.start(), *bounds.end());
        Self::Bounds { value: excerpt(value), what, least, most, is_below: number < least }
    }

    /// Text that is no value of this scalar.
    pub(super) fn text(value: &str) -> Self {
        Self::Text { value: excerpt(value) }
    }

    /// Text that is none of an enumeration's values.
    pub(super) fn value(value: &str, scalar: &'static Scalar) -> Self {
        Self::Value { value: excerpt(value), values: &scalar.values }
    }
}

/// As much of a value as an error needs.
fn excerpt(value: &str) -> String {
    value.chars().take(200).collect()
}

/// What a JSON service calls a type.
pub(super) fn type_name(kind: Type) -> &'static str {
    match kind {
        Type::String => "String",
        Type::Integer => "Integer",
        Type::Long => "Long",
        Type::Float => "Double",
        Type::Boolean => "Boolean",
        Type::Timestamp => "Timestamp",
        Type::Blob => "Blob",
        Type::Document => "Document",
    }
}

impl Violation {
    pub(super) fn new(wrong: Wrong) -> Self {
        Self { path: Vec::new(), wrong }
    }

    /// The same, seen from the level above.
    pub(super) fn below(mut self, name: &str) -> Self {
        self.path.push(name.to_owned());
        self
    }

    /// The error of this service.
    pub(super) fn into_fault(mut self, service: Service) -> Fault {
        self.path.reverse();
        if let Wrong::JsonType { expected } = self.wrong {
            let message = format!("The value at '{}' can not be converted to {expected}", self.path.join("."));
            return Fault::new("SerializationException", message);
        }
        match Protocol::of(service) {
            Protocol::Ec2Query => self.ec2(),
            _ => self.constraint(service),
        }
    }

    fn ec2(self) -> Fault {
        let name = self.path.join(".");
        match self.wrong {
            Wrong::Unknown => Fault::new("UnknownParameter", format!("The parameter {name} is not recognized")),
            Wrong::Missing => Fault::missing(&name),
            Wrong::List | Wrong::JsonType { .. } => Fault::malformed_list(&name),
            Wrong::Text { value } | Wrong::Value { value, .. } => Fault::invalid_value(&name, &value),
            Wrong::Bounds { value, least, most, .. } => {
                let expected = match (least, most) {
                    (i64::MIN, most) => format!("Expecting a value of at most {most}."),
                    (least, i64::MAX) => format!("Expecting a value of at least {least}."),
                    _ => format!("Expecting a value between {least} and {most}."),
                };
                let message = format!("Value ( {value} ) for parameter {name} is invalid. {expected}");
                Fault::new("InvalidParameterValue", message)
            }
        }
    }

    /// As the services say it whose requests are checked by AWS's common framework.
    fn constraint(self, service: Service) -> Fault {
        let path: Vec<String> = self.path.iter().map(|name| lower_camel(name)).collect();
        let path = path.join(".");
        let failed = |value: &str, must: &str| {
            let value = if value == "null" { value.to_owned() } else { format!("'{value}'") };
            format!("1 validation error detected: Value {value} at '{path}' failed to satisfy constraint: {must}")
        };
        let is_missing = matches!(self.wrong, Wrong::Missing);
        let message = match self.wrong {
            Wrong::Missing => failed("null", "Member must not be null"),
            Wrong::Value { value, values } => {
                failed(&value, &format!("Member must satisfy enum value set: [{}]", values.join(", ")))
            }
            Wrong::Bounds { value, what, least, most, is_below } => {
                let (comparison, bound) = if is_below { ("greater", least) } else { ("less", most) };
                failed(&value, &format!("Member must have {what} {comparison} than or equal to {bound}"))
            }
            Wrong::Text { value } => format!("The value '{value}' of the parameter {path} is malformed."),
            Wrong::List | Wrong::JsonType { .. } => format!("The members of the list {path} are malformed."),
            Wrong::Unknown => format!("The parameter {path} is not recognized."),
        };
        Fault::new(validation_code(service, is_missing), message)
    }
}

/// The code by which a service refuses what is not as its model demands.
pub(crate) fn validation_code(service: Service, is_missing: bool) -> &'static str {
    match service {
        Service::Ec2 if is_missing => "MissingParameter",
        Service::Ec2 => "InvalidParameterValue",
        Service::AutoScaling | Service::Sts => "ValidationError",
        Service::Sns => "InvalidParameter",
        Service::Organizations => "InvalidInputException",
        Service::ServiceQuotas => "IllegalArgumentException",
        Service::ImageBuilder if is_missing => "InvalidParameterException",
        Service::ImageBuilder => "InvalidParameterValueException",
        Service::Backup if is_missing => "MissingParameterValueException",
        Service::Backup => "InvalidParameterValueException",
        Service::Emr => "InvalidRequestException",
        Service::S3 => "InvalidArgument",
        Service::Ssm | Service::Rbin | Service::CloudControl | Service::Ebs | Service::Config => "ValidationException",
    }
}

fn lower_camel(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(characters).collect()
}
