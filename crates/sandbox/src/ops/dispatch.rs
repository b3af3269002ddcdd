//! From an action's name, or from a method and a path, to the operation that carries it out.

use std::collections::HashMap;
use std::sync::LazyLock;

use amictl_cloud::{OperationSpec, Service};

use super::{Ctx, Op};
use crate::once::Once;
use crate::sandbox::{Asked, Ended, Outcome};
use crate::wire::{Body, Params, check_members, validation_code};
use crate::{Caller, Fault, Sandbox, World};

/// An operation in the dispatch table.
pub(crate) struct Entry {
    pub(crate) spec: OperationSpec,
    pub(crate) route: Option<Route>,
    pub(crate) payload: Option<&'static str>,
    pub(crate) headers: &'static [&'static str],
    pub(crate) run: fn(&Sandbox, &Caller, &Params) -> Ended<Body>,
    /// Carries it out past the gate, on a world that is held already.
    pub(crate) act: fn(&mut World, &Ctx, &Params) -> Result<(), Fault>,
}

/// Where a REST service has an operation: its method, and its path with labels such as `/rules/{identifier}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
}

impl Route {
    /// The labels of a path that this route matches, still escaped.
    fn labels<'a>(&self, method: &str, path: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
        if method != self.method {
            return None;
        }
        let mut labels = Vec::new();
        // botocore sends the slash at the end of a path, the SDKs made from Smithy models leave it out.
        let mut parts = path.strip_suffix('/').unwrap_or(path).split('/');
        for pattern in self.path.strip_suffix('/').unwrap_or(self.path).split('/') {
            let part = parts.next()?;
            match pattern.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(_) if part.is_empty() => return None,
                Some(label) => labels.push((label, part)),
                None if pattern != part => return None,
                None => {}
            }
        }
        parts.next().is_none().then_some(labels)
    }
}

/// Every operation there is.
pub(crate) fn all() -> impl Iterator<Item = &'static Entry> {
    super::FOLDERS.iter().copied().flatten()
}

/// The operation of this name.
pub(crate) fn find(service: Service, action: &str) -> Option<&'static Entry> {
    static BY_NAME: LazyLock<HashMap<(Service, &str), &'static Entry>> =
        LazyLock::new(|| all().map(|entry| ((entry.spec.service, entry.spec.name), entry)).collect());
    BY_NAME.get(&(service, action)).copied()
}

/// A REST service's operation at this method and path, and the labels of the path.
pub(crate) fn find_route<'a>(
    service: Service,
    method: &str,
    path: &'a str,
) -> Option<(&'static Entry, Vec<(&'static str, &'a str)>)> {
    all()
        .filter(|entry| entry.spec.service == service)
        .find_map(|entry| Some((entry, entry.route?.labels(method, path)?)))
}

impl Entry {
    /// The entry of an operation.
    pub(crate) const fn of<O: Op>() -> Self {
        Self { spec: O::SPEC, route: O::ROUTE, payload: O::PAYLOAD, headers: O::HEADERS, run: run::<O>, act: act::<O> }
    }
}

fn act<O: Op>(world: &mut World, ctx: &Ctx, params: &Params) -> Result<(), Fault> {
    let input = O::decode(params)?;
    O::run(world, ctx, input).map(drop)
}

fn run<O: Op>(sandbox: &Sandbox, caller: &Caller, params: &Params) -> Ended<Body> {
    let service = O::SPEC.service;
    let mut ended = match read::<O>(caller, params) {
        Ok((asked, once)) => sandbox.answer::<O>(caller, asked, once),
        Err(fault) => Ended::from(Outcome::Fault(fault)),
    };
    if let Outcome::Fault(fault) = ended.outcome {
        ended.outcome = Outcome::Fault(in_dialect(service, fault));
    }
    ended
}

/// Reads a call's parameters: what it asks for, and its client token.
fn read<O: Op>(caller: &Caller, params: &Params) -> Result<(Asked<O::Input>, Option<Once>), Fault> {
    check_members(O::SPEC.service, O::SPEC.name, params)?;
    let is_of_ec2 = O::SPEC.service == Service::Ec2;
    let dry_run = is_of_ec2 && params.flag("DryRun")?;
    let tags =
        is_of_ec2 && params.structures("TagSpecification")?.iter().any(|tagged| tagged.structure("Tag").is_some());
    let asked = Asked { input: O::decode(params)?, dry_run, tags };
    Ok((asked, Once::of(&O::SPEC, caller, params)?))
}

/// The other services call bad parameters by another name than EC2.
fn in_dialect(service: Service, fault: Fault) -> Fault {
    match fault.code.as_ref() {
        _ if service == Service::Ec2 => fault,
        "InvalidParameterValue" | "MissingParameter" | "FilterLimitExceeded" => {
            Fault::new(validation_code(service, fault.code == "MissingParameter"), fault.message)
        }
        _ => fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_match_whole_paths_and_give_their_labels() {
        let route = Route { method: "GET", path: "/rules/{identifier}" };
        assert_eq!(route.labels("GET", "/rules/abc"), Some(vec![("identifier", "abc")]));
        assert_eq!(route.labels("GET", "/rules/abc/"), Some(vec![("identifier", "abc")]));
        for (method, path) in [("POST", "/rules/abc"), ("GET", "/rules"), ("GET", "/rules/"), ("GET", "/rules/a/b")] {
            assert_eq!(route.labels(method, path), None, "{method} {path}");
        }
    }

    #[test]
    fn no_two_operations_have_one_name_or_one_route() {
        let mut names: Vec<_> = all().map(|entry| (entry.spec.service, entry.spec.name)).collect();
        let mut routes: Vec<_> =
            all().filter_map(|entry| Some((entry.spec.service, entry.route?))).map(|r| format!("{r:?}")).collect();
        let (name_count, route_count) = (names.len(), routes.len());
        names.sort_unstable();
        names.dedup();
        routes.sort_unstable();
        routes.dedup();
        assert_eq!((names.len(), routes.len()), (name_count, route_count));
    }
}
