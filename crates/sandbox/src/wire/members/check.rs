//! A request against what its operation takes.

use amictl_cloud::Service;
use amictl_model::Moment;

use super::shape::{Member, Place, Scalar, Shape, ShapeId, Type};
use super::table::{Table, table_of};
use super::violation::{Violation, Wrong, type_name};
use crate::Fault;
use crate::wire::params::Kind;
use crate::wire::{Params, Protocol};

/// Parameters of the query protocols that belong to no operation.
const COMMON: [&str; 10] = [
    "AWSAccessKeyId",
    "Action",
    "DryRun",
    "Expires",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureVersion",
    "Timestamp",
    "Version",
];

/// Checks a request's parameters by AWS's model of the operation: their names, types, bounds and presence.
///
/// # Errors
/// The first thing that is wrong, as the service says it. An operation that AWS's models do not know takes anything.
pub(crate) fn check_members(service: Service, operation: &str, params: &Params) -> Result<(), Fault> {
    let Some(table) = table_of(service) else { return Ok(()) };
    let Some(request) = table.requests.get(operation) else { return Ok(()) };
    let check = Check { table, is_ec2: Protocol::of(service) == Protocol::Ec2Query };
    let members = match request.shape.map(|shape| table.shape(shape)) {
        Some(Shape::Structure(members)) => members.as_ref(),
        _ => &[],
    };
    check.request(members, params).map_err(|violation| violation.into_fault(service))
}

struct Check {
    table: &'static Table,
    /// EC2 refuses what it does not know, and leaves the length of texts to the operations, which have codes of their own.
    is_ec2: bool,
}

type Checked = Result<(), Violation>;

impl Check {
    fn request(&self, members: &'static [Member], params: &Params) -> Checked {
        for (name, child) in params.children() {
            match find(members, name) {
                Some(member) => self.member(member, child).map_err(|violation| violation.below(name))?,
                None if self.is_ec2 && !is_common(name) => return Err(unknown(name, child)),
                None => {}
            }
        }
        self.presence(members, params)
    }

    fn structure(&self, members: &'static [Member], params: &Params) -> Checked {
        match params.kind() {
            Kind::Structure => {}
            Kind::Wire if params.value().is_none_or(str::is_empty) => {}
            Kind::Wire => return Err(Violation::new(Wrong::text(params.value().unwrap_or_default()))),
            _ => return Err(Violation::new(Wrong::JsonType { expected: "a structure" })),
        }
        for (name, child) in params.children() {
            match find(members, name) {
                Some(member) => self.member(member, child).map_err(|violation| violation.below(name))?,
                None if self.is_ec2 => return Err(unknown(name, child)),
                None => {}
            }
        }
        self.presence(members, params)
    }

    /// Whether everything is there that must be.
    fn presence(&self, members: &'static [Member], params: &Params) -> Checked {
        for member in members.iter().filter(|member| member.is_required && member.place != Place::Path) {
            let is_there = match params.structure(member.name) {
                // EC2 takes an empty value for none.
                Some(child) => !(self.is_ec2 && child.is_leaf() && child.value().is_some_and(str::is_empty)),
                None => false,
            };
            if !is_there {
                return Err(Violation::new(Wrong::Missing).below(member.name));
            }
        }
        Ok(())
    }

    fn member(&self, member: &Member, params: &Params) -> Checked {
        self.value(member.shape, params)
    }

    fn value(&self, shape: ShapeId, params: &Params) -> Checked {
        match self.table.shape(shape) {
            Shape::Scalar(scalar) => self.scalar(scalar, params),
            Shape::Structure(members) => self.structure(members, params),
            Shape::List { of, length } => {
                let count = self.list(*of, params)?;
                if length.contains(&count) || (count == 0 && params.kind() == Kind::Wire) {
                    return Ok(());
                }
                Err(Violation::new(Wrong::bounds(&format!("[{count} members]"), count, "length", length)))
            }
            Shape::Map { value, length } => {
                let count = self.map(*value, params)?;
                if length.contains(&count) || (count == 0 && params.kind() == Kind::Wire) {
                    return Ok(());
                }
                Err(Violation::new(Wrong::bounds(&format!("{{{count} entries}}"), count, "length", length)))
            }
        }
    }

    /// Checks a list's members and counts them.
    fn list(&self, of: ShapeId, params: &Params) -> Result<i64, Violation> {
        match params.kind() {
            Kind::List | Kind::Wire => {}
            _ => return Err(Violation::new(Wrong::JsonType { expected: "a list" })),
        }
        let members = params.structure("member").unwrap_or(params);
        // A query service's clients write an empty list as an empty value.
        if members.is_leaf() && members.value().is_some_and(|value| !value.is_empty()) {
            return Err(Violation::new(Wrong::List));
        }
        let mut count = 0;
        for (number, member) in members.children() {
            if number.parse::<u32>().is_err() {
                return Err(Violation::new(Wrong::List));
            }
            self.value(of, member).map_err(|violation| violation.below(number))?;
            count += 1;
        }
        Ok(count)
    }

    /// Checks a map's values and counts its entries.
    fn map(&self, value: ShapeId, params: &Params) -> Result<i64, Violation> {
        let mut count = 0;
        match params.kind() {
            Kind::Structure => {
                for (key, child) in params.children() {
                    self.value(value, child).map_err(|violation| violation.below(key))?;
                    count += 1;
                }
            }
            Kind::Wire => {
                for (number, entry) in params.structure("entry").unwrap_or(params).children() {
                    if number.parse::<u32>().is_err() {
                        return Err(Violation::new(Wrong::List));
                    }
                    let child = ["value", "Value"].iter().find_map(|name| entry.structure(name));
                    let child = child.ok_or_else(|| Violation::new(Wrong::Missing).below("value").below(number))?;
                    self.value(value, child).map_err(|violation| violation.below("value").below(number))?;
                    count += 1;
                }
            }
            _ => return Err(Violation::new(Wrong::JsonType { expected: "a map" })),
        }
        Ok(count)
    }

    fn scalar(&self, scalar: &'static Scalar, params: &Params) -> Checked {
        if scalar.kind == Type::Document {
            return Ok(());
        }
        let mistyped = || Violation::new(Wrong::JsonType { expected: type_name(scalar.kind) });
        let takes = match params.kind() {
            Kind::Wire => true,
            Kind::Text => matches!(scalar.kind, Type::String | Type::Blob | Type::Timestamp),
            Kind::Number => matches!(scalar.kind, Type::Integer | Type::Long | Type::Float | Type::Timestamp),
            Kind::Boolean => scalar.kind == Type::Boolean,
            Kind::List | Kind::Structure => false,
        };
        if !takes {
            return Err(mistyped());
        }
        let value = match params.value() {
            Some(value) if params.is_leaf() || params.kind() != Kind::Wire => value,
            // A query string's value that comes twice where one is meant: the first counts.
            Some(value) if params.structure("1").is_some_and(|first| first.value() == Some(value)) => value,
            Some(value) => return Err(Violation::new(Wrong::text(value))),
            None if params.is_leaf() => return Ok(()),
            None => return Err(Violation::new(Wrong::List)),
        };
        let is_json = params.kind() != Kind::Wire;
        if value.is_empty() && !(is_json || scalar.kind == Type::String && !self.is_ec2) {
            return Ok(());
        }
        let number = match parsed(scalar.kind, value) {
            Some(number) => number,
            None if is_json => return Err(mistyped()),
            None => return Err(Violation::new(Wrong::text(value))),
        };
        let is_text = scalar.kind == Type::String;
        if let Some(number) = number.filter(|number| !scalar.bounds.contains(number))
            && !(is_text && self.is_ec2)
        {
            let what = if is_text { "length" } else { "value" };
            return Err(Violation::new(Wrong::bounds(value, number, what, &scalar.bounds)));
        }
        if scalar.values.is_empty() || scalar.values.contains(&value) {
            return Ok(());
        }
        Err(Violation::new(Wrong::value(value, scalar)))
    }
}

/// What a text stands for: `None` if it is none of this type, else what its bounds are about, if it has any.
fn parsed(kind: Type, text: &str) -> Option<Option<i64>> {
    match kind {
        Type::String => Some(i64::try_from(text.chars().count()).ok()),
        Type::Integer => text.parse::<i32>().ok().map(|number| Some(number.into())),
        Type::Long => text.parse::<i64>().ok().map(Some),
        Type::Float => text.parse::<f64>().ok().map(|_| None),
        Type::Boolean => {
            let is_boolean = text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false");
            (is_boolean || text == "0" || text == "1").then_some(None)
        }
        Type::Timestamp => is_time(text).then_some(None),
        Type::Blob | Type::Document => Some(None),
    }
}

/// A date with or without a time, or seconds since the Unix epoch.
fn is_time(text: &str) -> bool {
    text.parse::<Moment>().is_ok()
        || text.parse::<jiff::civil::DateTime>().is_ok()
        || text.parse::<f64>().is_ok_and(f64::is_finite)
}

fn find(members: &'static [Member], name: &str) -> Option<&'static Member> {
    members.binary_search_by(|member| member.name.cmp(name)).ok().map(|at| &members[at])
}

/// Whether a parameter belongs to the query protocols and to no operation.
pub(crate) fn is_common(name: &str) -> bool {
    COMMON.binary_search(&name).is_ok() || name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("X-Amz-"))
}

/// A parameter that is not known, by the name that the request gave it.
fn unknown(name: &str, params: &Params) -> Violation {
    let mut violation = Violation::new(Wrong::Unknown);
    let mut names = vec![name];
    let mut level = params;
    while let Some((name, below)) = level.children().next().filter(|_| level.value().is_none()) {
        names.push(name);
        level = below;
    }
    for name in names.into_iter().rev() {
        violation = violation.below(name);
    }
    violation
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{decode_form, decode_json};

    fn ec2(operation: &str, form: &str) -> Result<(), String> {
        let params = decode_form(form.as_bytes()).unwrap();
        check_members(Service::Ec2, operation, &params).map_err(|fault| fault.to_string())
    }

    fn json(service: Service, operation: &str, document: &str) -> Result<(), String> {
        let params = decode_json(document.as_bytes()).unwrap();
        check_members(service, operation, &params).map_err(|fault| fault.to_string())
    }

    #[test]
    fn what_ec2_takes_passes() {
        for (operation, form) in [
            ("DescribeImages", "Action=DescribeImages&Version=2016-11-15&Owner.1=self&DryRun=true&X-Amz-Date=1"),
            ("DescribeImages", "Filter.1.Name=name&Filter.1.Value.1=a&Filter.2.Name=x&Filter.2.Value.1=y"),
            ("DescribeImages", "Owner.member.1=self&IncludeDisabled=TRUE&MaxResults="),
            ("RunInstances", "ImageId=ami-1&MinCount=1&MaxCount=1&BlockDeviceMapping.1.Ebs.VolumeSize=8&UserData=AAA="),
            ("EnableImageDeprecation", "ImageId=ami-1&DeprecateAt=2027-01-01T00:00:00Z"),
            ("CopyImage", "Name=x&SourceImageId=ami-1&SourceRegion=us-east-1&ClientToken=t"),
        ] {
            assert_eq!(ec2(operation, form), Ok(()), "{operation} {form}");
        }
    }

    #[test]
    fn what_ec2_refuses_does_not_pass() {
        for (operation, form, error) in [
            ("DescribeImages", "Foo=1", "UnknownParameter: The parameter Foo is not recognized"),
            ("DescribeImages", "Filter.1.Nam=1", "UnknownParameter: The parameter Filter.1.Nam is not recognized"),
            ("DescribeImages", "Foo.1.Bar=1", "UnknownParameter: The parameter Foo.1.Bar is not recognized"),
            (
                "DescribeImages",
                "MaxResults=many",
                "InvalidParameterValue: Value (many) for parameter MaxResults is invalid.",
            ),
            ("DescribeImages", "Owner=self", "InvalidParameterValue: The members of the list Owner are malformed."),
            (
                "DescribeSubnets",
                "MaxResults=4",
                "InvalidParameterValue: Value ( 4 ) for parameter MaxResults is invalid. Expecting a value between 5 and 1000.",
            ),
            ("DisableImage", "", "MissingParameter: The request must contain the parameter ImageId"),
            ("DisableImage", "ImageId=", "MissingParameter: The request must contain the parameter ImageId"),
            (
                "CreateVolume",
                "AvailabilityZone=a&VolumeType=gp9",
                "InvalidParameterValue: Value (gp9) for parameter VolumeType is invalid.",
            ),
            (
                "RunInstances",
                "MinCount=1&MaxCount=1&BlockDeviceMapping.1.Ebs.VolumeSize=x",
                "InvalidParameterValue: Value (x) for parameter BlockDeviceMapping.1.Ebs.VolumeSize is invalid.",
            ),
        ] {
            assert_eq!(ec2(operation, form), Err(error.to_owned()), "{operation} {form}");
        }
    }

    #[test]
    fn the_query_services_ignore_what_they_do_not_know() {
        let check = |form: &str| {
            let params = decode_form(form.as_bytes()).unwrap();
            check_members(Service::AutoScaling, "CreateAutoScalingGroup", &params).map_err(|fault| fault.to_string())
        };
        assert_eq!(check("AutoScalingGroupName=g&MinSize=1&MaxSize=1&Foo=1&AvailabilityZones.member.1=a"), Ok(()));
        assert_eq!(check("AutoScalingGroupName=g&MinSize=1&MaxSize=1&AvailabilityZones.1=a&TargetGroupARNs="), Ok(()));
        assert_eq!(
            check("AutoScalingGroupName=g&MinSize=1").unwrap_err(),
            "ValidationError: 1 validation error detected: Value null at 'maxSize' failed to satisfy constraint: \
             Member must not be null"
        );
    }

    #[test]
    fn json_has_types() {
        let get = |document: &str| json(Service::Ssm, "GetParameters", document);
        assert_eq!(get(r#"{"Names": ["a"], "WithDecryption": true, "Unknown": {"a": [1]}}"#), Ok(()));
        for (document, code) in [
            (r#"{"Names": "a"}"#, "SerializationException"),
            (r#"{"Names": {"1": "a"}}"#, "SerializationException"),
            (r#"{"Names": [1]}"#, "SerializationException"),
            (r#"{"Names": ["a"], "WithDecryption": "true"}"#, "SerializationException"),
            (r#"{}"#, "ValidationException"),
            (r#"{"Names": []}"#, "ValidationException"),
            (r#"{"Names": ["a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a"]}"#, "ValidationException"),
        ] {
            assert!(get(document).unwrap_err().starts_with(code), "{document}: {:?}", get(document));
        }
        let rule = r#"{"ResourceType": "EC2_IMAGE", "RetentionPeriod": {"RetentionPeriodValue": 1.5, "RetentionPeriodUnit": "DAYS"}}"#;
        assert!(json(Service::Rbin, "CreateRule", rule).unwrap_err().starts_with("SerializationException"));
        let rule = r#"{"ResourceType": "IMAGE", "RetentionPeriod": {"RetentionPeriodValue": 1, "RetentionPeriodUnit": "DAYS"}}"#;
        assert!(json(Service::Rbin, "CreateRule", rule).unwrap_err().contains("enum value set"));
    }

    #[test]
    fn common_parameters_are_in_order() {
        assert!(COMMON.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(is_common("X-Amz-Signature") && is_common("x-amz-date") && !is_common("X-Am") && !is_common("é-Amz-a"));
    }
}
