//! From an action's name to the operation that carries it out.

use std::collections::HashMap;
use std::sync::LazyLock;

use amictl_cloud::{OperationSpec, Service};

use super::Op;
use crate::sandbox::Outcome;
use crate::wire::{Encode, Params, Protocol};
use crate::{Caller, Fault, Sandbox};

/// An operation in the dispatch table.
pub(crate) struct Entry {
    pub(crate) spec: OperationSpec,
    pub(crate) run: fn(&Sandbox, &Caller, &Params) -> Outcome<Box<dyn Encode + Send>>,
}

/// The operation of this name.
pub(crate) fn find(service: Service, action: &str) -> Option<&'static Entry> {
    static BY_NAME: LazyLock<HashMap<(Service, &str), &'static Entry>> =
        LazyLock::new(|| super::ALL.iter().map(|entry| ((entry.spec.service, entry.spec.name), entry)).collect());
    BY_NAME.get(&(service, action)).copied()
}

impl Entry {
    /// The entry of an operation.
    pub(crate) const fn of<O: Op>() -> Self {
        Self { spec: O::SPEC, run: run::<O> }
    }
}

fn run<O: Op>(sandbox: &Sandbox, caller: &Caller, params: &Params) -> Outcome<Box<dyn Encode + Send>> {
    let is_ec2 = O::SPEC.service == Service::Ec2;
    let decoded = params.flag("DryRun").and_then(|dry_run| Ok((dry_run && is_ec2, O::decode(params)?)));
    let (dry_run, input) = match decoded {
        Ok(decoded) => decoded,
        Err(fault) => return Outcome::Fault(in_dialect(O::SPEC.service, fault)),
    };
    match sandbox.run::<O>(caller, dry_run, input) {
        Outcome::Reply(output) => Outcome::Reply(Box::new(output)),
        Outcome::Fault(fault) => Outcome::Fault(in_dialect(O::SPEC.service, fault)),
        Outcome::Reset => Outcome::Reset,
    }
}

/// The query services call bad parameters by another name than EC2.
fn in_dialect(service: Service, fault: Fault) -> Fault {
    match (Protocol::of(service), fault.code.as_ref()) {
        (Protocol::AwsQuery, "InvalidParameterValue" | "MissingParameter" | "FilterLimitExceeded") => {
            Fault::validation(fault.message)
        }
        _ => fault,
    }
}
