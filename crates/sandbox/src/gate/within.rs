//! What an operation meets that is carried out within another one, such as `DeleteSnapshot` within `DeregisterImage`.

use amictl_cloud::OperationSpec;

use crate::{Caller, Fault, Sandbox};

/// The gate as a call sees it that has passed it. What the sandbox itself does meets none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Within(Option<(Sandbox, Caller)>);

impl Within {
    /// The gate of this sandbox, for a call of this caller.
    pub(crate) fn new(sandbox: &Sandbox, caller: &Caller) -> Self {
        Self(Some((sandbox.clone(), caller.clone())))
    }

    /// Lets an operation in that the call carries out as part of its own.
    ///
    /// # Errors
    /// The fault that it ends with, without effect. A fault of `Ok` is one that it ends with after its effect.
    pub(crate) fn enter(&self, spec: &OperationSpec) -> Result<Option<Fault>, Fault> {
        match &self.0 {
            Some((sandbox, caller)) => sandbox.gate().enter_within(spec, caller),
            None => Ok(None),
        }
    }
}
