//! A caller in process, and how its calls are carried out.

use std::time::Duration;

use amictl_cloud::{Cloud, CloudError, Clouds, Effect, ErrorClass, OperationSpec};
use amictl_model::{AccountId, Region};

use crate::ops::Op;
use crate::sandbox::{Ended, Outcome};
use crate::{Caller, Fault, Sandbox};

/// One account's credentials in a sandbox: the whole port, any Region, the same throttling, faults, hooks and latency as
/// over HTTP, with tokio's time, which a test may pause.
#[derive(Debug, Clone)]
pub struct InProcess {
    sandbox: Sandbox,
    account: AccountId,
    attempts: u32,
}

impl InProcess {
    /// An account's door. It does not retry.
    #[must_use]
    pub fn new(sandbox: Sandbox, account: AccountId) -> Self {
        Self { sandbox, account, attempts: 1 }
    }

    /// The same, making up to so many attempts where the port promises retries: at throttled calls and failed reads.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// What it is a door to.
    #[must_use]
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Carries out a call; `input` makes its input anew for every attempt.
    pub(super) async fn run<O: Op>(
        &self,
        region: &Region,
        input: impl Fn() -> O::Input + Send + Sync,
    ) -> Result<O::Output, CloudError> {
        self.attempt(&O::SPEC, region, |caller| self.sandbox.run::<O>(caller, input())).await
    }

    /// Makes up to so many attempts at a call.
    pub(super) async fn attempt<T>(
        &self,
        spec: &OperationSpec,
        region: &Region,
        call: impl Fn(&Caller) -> Ended<T> + Send + Sync,
    ) -> Result<T, CloudError> {
        let caller = Sandbox::caller(self.account, region);
        let mut attempt = 1;
        loop {
            self.sandbox.travel().await;
            let ended = call(&caller);
            if !ended.delay.is_zero() {
                tokio::time::sleep(ended.delay).await;
            }
            let error = match ended.outcome {
                Outcome::Reply(_) if ended.is_truncated => no_answer(spec, "reply truncated by a fault rule"),
                Outcome::Reply(output) => return Ok(output),
                Outcome::Fault(fault) => of_fault(spec, fault),
                Outcome::Reset => no_answer(spec, "connection reset before an answer"),
                Outcome::Silence => std::future::pending().await,
            };
            let is_read = spec.effect == Effect::Read;
            let is_retried = error.class == ErrorClass::Throttled || (is_read && error.class.is_retryable());
            if !is_retried || attempt >= self.attempts {
                return Err(error);
            }
            tokio::time::sleep(Duration::from_millis(100 << attempt.min(7))).await;
            attempt += 1;
        }
    }
}

impl Clouds for InProcess {
    fn of(&self, account: AccountId) -> Option<&dyn Cloud> {
        (account == self.account).then_some(self)
    }
}

fn of_fault(spec: &OperationSpec, fault: Fault) -> CloudError {
    CloudError {
        class: class_of(&fault),
        operation: spec.name,
        code: Some(fault.code.into_owned()),
        message: fault.message,
        request_id: None,
    }
}

/// The class of a code; an unknown code with a server's status is a server's fault.
fn class_of(fault: &Fault) -> ErrorClass {
    match ErrorClass::of_code(&fault.code, &fault.message) {
        ErrorClass::Other if fault.status >= 500 => ErrorClass::Server,
        class => class,
    }
}

fn no_answer(spec: &OperationSpec, why: &str) -> CloudError {
    CloudError {
        class: ErrorClass::Ambiguous,
        operation: spec.name,
        code: None,
        message: why.to_owned(),
        request_id: None,
    }
}
