//! The tables of the services, read once from the text files beside this one.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use amictl_cloud::Service;

use super::shape::{Member, Place, Scalar, Shape, ShapeId, Type};

/// What an operation takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request {
    /// The structure of its request; none if it takes nothing.
    pub(crate) shape: Option<ShapeId>,
    /// The member that makes the request idempotent.
    pub(crate) token: Option<&'static str>,
    /// Whether its reply has no content.
    pub(crate) is_void: bool,
}

/// The requests of one service.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) requests: HashMap<&'static str, Request>,
    shapes: Vec<Shape>,
}

/// The table of a service; S3 has none.
pub(crate) fn table_of(service: Service) -> Option<&'static Table> {
    macro_rules! tables {
        ($($service:ident: $file:literal),+ $(,)?) => {
            match service {
                $(Service::$service => {
                    static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read(include_str!($file)));
                    Some(&TABLE)
                })+
                Service::S3 => None,
            }
        };
    }
    tables! {
        Ec2: "ec2.txt",
        AutoScaling: "autoscaling.txt",
        Sts: "sts.txt",
        Ssm: "ssm.txt",
        Rbin: "rbin.txt",
        ImageBuilder: "imagebuilder.txt",
        ServiceQuotas: "service-quotas.txt",
        Organizations: "organizations.txt",
        CloudControl: "cloudcontrol.txt",
        Ebs: "ebs.txt",
        Sns: "sns.txt",
        Backup: "backup.txt",
        Emr: "emr.txt",
        Config: "config.txt",
    }
}

/// The name of the member that makes an operation's requests idempotent, such as `ClientToken`.
pub(crate) fn token_member(service: Service, operation: &str) -> Option<&'static str> {
    table_of(service)?.requests.get(operation)?.token
}

/// Whether an operation's reply has no content, not even an empty result.
pub(crate) fn is_void(service: Service, operation: &str) -> bool {
    table_of(service).and_then(|table| table.requests.get(operation)).is_some_and(|request| request.is_void)
}

const SCALARS: [(&str, Type); 9] = [
    ("string", Type::String),
    ("integer", Type::Integer),
    ("long", Type::Long),
    ("float", Type::Float),
    ("double", Type::Float),
    ("boolean", Type::Boolean),
    ("timestamp", Type::Timestamp),
    ("blob", Type::Blob),
    ("document", Type::Document),
];

/// Enumerations that the operations check themselves, because what is none of their values has a code of its own.
const OWN_CODE: [&str; 1] = ["PermissionGroup"];

impl Table {
    /// Reads a table; its form is told in `conformance/members.py`.
    fn read(text: &'static str) -> Self {
        let lines = || text.lines().filter(|line| !line.starts_with('#'));
        let mut names: HashMap<&str, ShapeId> = HashMap::new();
        let defined = lines().filter(|line| !line.starts_with("op ")).filter_map(|line| line.split(' ').nth(1));
        for (number, name) in (0..).zip(SCALARS.iter().map(|(name, _)| *name).chain(defined)) {
            names.insert(name, ShapeId(number));
        }
        let id = |name: &str| names.get(name).copied().expect("the table names its shapes");
        let mut table = Self::default();
        for (_, kind) in SCALARS {
            table.shapes.push(Shape::Scalar(Scalar { kind, bounds: i64::MIN..=i64::MAX, values: Box::default() }));
        }
        for line in lines() {
            let mut rest = line;
            let (what, name) = (word(&mut rest), word(&mut rest));
            let shape = match what {
                "op" => {
                    let shape = Some(word(&mut rest)).filter(|name| *name != "-").map(id);
                    let token = rest.split(' ').find_map(|word| word.strip_prefix("token="));
                    let is_void = rest.split(' ').any(|word| word == "void");
                    table.requests.insert(name, Request { shape, token, is_void });
                    continue;
                }
                "struct" => {
                    let words = rest.split(' ').filter(|word| !word.is_empty());
                    let mut members: Vec<Member> = words.map(|word| member(word, id)).collect();
                    members.sort_unstable_by_key(|member| member.name);
                    Shape::Structure(members.into_boxed_slice())
                }
                "list" => Shape::List { of: id(word(&mut rest)), length: constraints(rest).0 },
                "map" => {
                    word(&mut rest);
                    Shape::Map { value: id(word(&mut rest)), length: constraints(rest).0 }
                }
                kind => {
                    let kind = SCALARS.iter().find(|(name, _)| *name == kind).map(|(_, kind)| *kind);
                    let (bounds, mut values) = constraints(rest);
                    if OWN_CODE.contains(&name) {
                        values = Box::default();
                    }
                    Shape::Scalar(Scalar { kind: kind.expect("the table knows its types"), bounds, values })
                }
            };
            table.shapes.push(shape);
        }
        table
    }

    pub(crate) fn shape(&self, id: ShapeId) -> &Shape {
        &self.shapes[usize::from(id.0)]
    }
}

/// Takes the first word off a line.
fn word(rest: &mut &'static str) -> &'static str {
    let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
    *rest = after;
    word
}

/// `Name[!][@|?]:Shape`.
fn member(word: &'static str, id: impl Fn(&str) -> ShapeId) -> Member {
    let (name, shape) = word.split_once(':').unwrap_or_default();
    let (name, place) = match (name.strip_suffix('@'), name.strip_suffix('?')) {
        (Some(name), _) => (name, Place::Path),
        (_, Some(name)) => (name, Place::Query),
        _ => (name, Place::Body),
    };
    let (name, is_required) = name.strip_suffix('!').map_or((name, false), |name| (name, true));
    Member { name, shape: id(shape), is_required, place }
}

/// `[min=N] [max=N] [values=a|b|…]`, where a value may hold blanks.
fn constraints(rest: &'static str) -> (RangeInclusive<i64>, Box<[&'static str]>) {
    let (bounds, values) = match rest.split_once("values=") {
        Some((bounds, values)) => (bounds, values.split('|').collect()),
        None => (rest, Box::default()),
    };
    let bound = |name: &str| bounds.split(' ').find_map(|word| word.strip_prefix(name)?.parse().ok());
    (bound("min=").unwrap_or(i64::MIN)..=bound("max=").unwrap_or(i64::MAX), values)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICES: [Service; 14] = [
        Service::Ec2,
        Service::AutoScaling,
        Service::Sts,
        Service::Ssm,
        Service::Rbin,
        Service::ImageBuilder,
        Service::ServiceQuotas,
        Service::Organizations,
        Service::CloudControl,
        Service::Ebs,
        Service::Sns,
        Service::Backup,
        Service::Emr,
        Service::Config,
    ];

    #[test]
    fn the_tables_are_consistent() {
        for service in SERVICES {
            let table = table_of(service).unwrap();
            for (operation, request) in &table.requests {
                let Some(shape) = request.shape else { continue };
                let Shape::Structure(members) = table.shape(shape) else { panic!("{operation}") };
                if let Some(token) = request.token {
                    assert!(members.iter().any(|member| member.name == token), "{operation} {token}");
                }
            }
            for shape in &table.shapes {
                match shape {
                    Shape::Structure(members) => {
                        assert!(members.windows(2).all(|pair| pair[0].name < pair[1].name), "{service:?}: {members:?}");
                        assert!(members.iter().all(|member| !member.name.is_empty()));
                    }
                    Shape::Scalar(scalar) => {
                        assert!(!scalar.bounds.is_empty(), "{scalar:?}");
                        assert!(scalar.values.iter().all(|value| !value.is_empty()), "{scalar:?}");
                    }
                    Shape::List { length, .. } | Shape::Map { length, .. } => assert!(!length.is_empty()),
                }
            }
        }
    }

    #[test]
    fn every_operation_that_is_served_has_its_members() {
        for entry in crate::ops::all().filter(|entry| entry.spec.service != Service::S3) {
            let table = table_of(entry.spec.service).unwrap();
            let name = entry.spec.name;
            assert!(table.requests.contains_key(name), "{name}: run conformance/members.py (EC2_OPERATIONS)");
        }
    }

    #[test]
    fn a_line_says_name_place_requirement_and_constraints() {
        let table = Table::read(
            "# head\nop Do DoRequest token=Token\nop Rest - void\nstruct DoRequest Token:string Id!@:Id Kind?:Kind\n\
             string Id min=1 max=3\nstring Kind values=one|and two\n",
        );
        assert_eq!(table.requests["Do"].token, Some("Token"));
        assert!(table.requests["Rest"].shape.is_none() && table.requests["Rest"].is_void);
        let Shape::Structure(members) = table.shape(table.requests["Do"].shape.unwrap()) else { panic!() };
        let [id, kind, token] = members.as_ref() else { panic!("{members:?}") };
        assert_eq!((id.name, id.is_required, id.place), ("Id", true, Place::Path));
        assert_eq!((kind.name, kind.is_required, kind.place), ("Kind", false, Place::Query));
        assert_eq!((token.name, token.place), ("Token", Place::Body));
        let Shape::Scalar(scalar) = table.shape(id.shape) else { panic!() };
        assert_eq!(scalar.bounds, 1..=3);
        let Shape::Scalar(scalar) = table.shape(kind.shape) else { panic!() };
        assert_eq!(scalar.values.as_ref(), ["one", "and two"]);
    }
}
