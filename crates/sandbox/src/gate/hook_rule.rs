//! Hooks as data: after the n-th call of one operation, another one is called.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use amictl_model::{AccountId, Moment, Region};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::HookPoint;
use crate::http::service_of;
use crate::ops::{Ctx, Entry, all, find};
use crate::wire::{Params, decode_form, decode_json};
use crate::{Caller, Sandbox, World};

/// One hook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HookRule {
    /// Before or after the call takes effect.
    pub point: HookPoint,
    /// The operation's name, such as `DisableImage`.
    pub operation: String,
    /// Which of its calls from now on, from 1.
    #[serde(default = "first")]
    pub nth: u64,
    /// What is called then.
    pub call: HookCall,
}

fn first() -> u64 {
    1
}

/// A call that a hook makes: past throttling, faults and other hooks, and under the world's lock, so that nothing comes between.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HookCall {
    /// Who calls; the account of the call that set the hook off if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Where; the Region of the call that set the hook off if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The service as it is named in signatures, such as `ec2`; the one that has the action if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The operation, such as `RunInstances`.
    pub action: String,
    /// Its parameters: an object as the service's JSON would be (for query services with the names of the query protocol), or
    /// a query string.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub params: Value,
}

/// Hooks of a file: `{"hooks": [{"point": "after", "operation": "DisableImage", "call": {"action": "RunInstances", …}}]}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HookRules {
    /// In order.
    pub hooks: Vec<HookRule>,
}

/// Why a hook cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HookError {
    /// An operation that the sandbox does not have.
    #[error("the sandbox has no operation `{0}`")]
    Operation(String),
    /// A service that the sandbox does not have.
    #[error("the sandbox has no service `{0}`")]
    Service(String),
    /// Parameters that are none.
    #[error("the parameters of `{action}` cannot be read: {reason}")]
    Params {
        /// The action.
        action: String,
        /// Why.
        reason: String,
    },
}

/// Why a file of hooks cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HookRulesError {
    /// It cannot be read.
    #[error("cannot read the hooks {path}: {source}")]
    Read {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// It is no file of hooks.
    #[error("{path} is not a file of hooks: {source}")]
    Parse {
        /// The file.
        path: String,
        /// Where and why.
        source: serde_json::Error,
    },
    /// One of its hooks cannot be set.
    #[error("{path}: hook {number}: {source}")]
    Hook {
        /// The file.
        path: String,
        /// Which of its hooks, from 1.
        number: usize,
        /// Why.
        source: HookError,
    },
}

/// What came of a hook's call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HookOutcome {
    /// The operation that it waited for.
    pub operation: String,
    /// What it called.
    pub action: String,
    /// When.
    pub at: Moment,
    /// AWS's code and message when the call was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What hooks have done, the newest last.
#[derive(Debug, Clone, Default)]
pub(crate) struct HookLog(Arc<Mutex<Vec<HookOutcome>>>);

/// Outcomes that are kept.
const OUTCOMES_MAX: usize = 1000;

impl HookLog {
    pub(crate) fn outcomes(&self) -> Vec<HookOutcome> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn note(&self, outcome: HookOutcome) {
        let mut outcomes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if outcomes.len() >= OUTCOMES_MAX {
            outcomes.remove(0);
        }
        outcomes.push(outcome);
    }
}

impl HookRules {
    /// Reads a JSON file of hooks.
    ///
    /// # Errors
    /// When the file cannot be read, is not of this form, or names what the sandbox does not have.
    pub fn load(path: &Path) -> Result<Self, HookRulesError> {
        let shown = path.display().to_string();
        let text =
            std::fs::read_to_string(path).map_err(|source| HookRulesError::Read { path: shown.clone(), source })?;
        let rules: Self =
            serde_json::from_str(&text).map_err(|source| HookRulesError::Parse { path: shown.clone(), source })?;
        for (number, hook) in (1..).zip(&rules.hooks) {
            hook.check().map_err(|source| HookRulesError::Hook { path: shown.clone(), number, source })?;
        }
        Ok(rules)
    }
}

impl HookRule {
    /// Whether it can be set.
    fn check(&self) -> Result<(&'static Entry, Params), HookError> {
        if !all().any(|entry| entry.spec.name == self.operation) {
            return Err(HookError::Operation(shortened(&self.operation)));
        }
        Ok((self.call.entry()?, self.call.params()?))
    }
}

impl Sandbox {
    /// Sets a hook.
    ///
    /// # Errors
    /// When it names an operation that the sandbox does not have, or its parameters cannot be read.
    pub fn set_hook(&self, rule: HookRule) -> Result<(), HookError> {
        let (entry, params) = rule.check()?;
        let log = self.hook_log().clone();
        let HookRule { point, operation, nth, call } = rule;
        self.hook(point, &operation.clone(), nth, move |world: &mut World, caller: &Caller, now| {
            let account = call.account.unwrap_or(caller.account);
            let region = call.region.unwrap_or_else(|| caller.region.clone());
            let ctx = Ctx { service: entry.spec.service, ..Ctx::at(account, region, now) };
            let error = (entry.act)(world, &ctx, &params).err().map(|fault| fault.to_string());
            log.note(HookOutcome { operation, action: call.action, at: now, error });
        });
        Ok(())
    }
}

impl HookCall {
    fn entry(&self) -> Result<&'static Entry, HookError> {
        let unknown = || HookError::Operation(shortened(&self.action));
        match &self.service {
            Some(name) => {
                let service = service_of(name).ok_or_else(|| HookError::Service(shortened(name)))?;
                find(service, &self.action).ok_or_else(unknown)
            }
            None => all().find(|entry| entry.spec.name == self.action).ok_or_else(unknown),
        }
    }

    fn params(&self) -> Result<Params, HookError> {
        let read = match &self.params {
            Value::Null => Ok(Params::default()),
            Value::String(form) => decode_form(form.as_bytes()),
            object => decode_json(object.to_string().as_bytes()),
        };
        read.map_err(|fault| HookError::Params { action: shortened(&self.action), reason: fault.message })
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(100).collect()
}
