//! What an operation meets that is carried out within another one, such as `DeleteSnapshot` within `DeregisterImage`.

use amictl_cloud::OperationSpec;

use crate::{Caller, Fault, Sandbox};

/// The gate as a call sees it that has passed it. What the sandbox itself does meets none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Within(Option<Sandbox>);

impl Within {
    /// The gate of this sandbox.
    pub(crate) fn new(sandbox: &Sandbox) -> Self {
        Self(Some(sandbox.clone()))
    }

    /// Lets an operation in that a call of this caller carries out as part of its own.
    ///
    /// # Errors
    /// The fault that it ends with, without effect. A fault of `Ok` is one that it ends with after its effect.
    pub(crate) fn enter(&self, spec: &OperationSpec, caller: &Caller) -> Result<Option<Fault>, Fault> {
        self.0.as_ref().map_or(Ok(None), |sandbox| sandbox.gate().enter_within(spec, caller))
    }
}
