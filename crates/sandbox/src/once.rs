//! Client tokens: the same request again changes nothing and gets the same answer.

use amictl_cloud::{Effect, OperationSpec};

use crate::dialect::token_mismatch;
use crate::ops::Ctx;
use crate::wire::{Body, Params, is_common, token_member};
use crate::world::Recall;
use crate::{Caller, Fault, World};

/// Characters that a client token may have; some operations take fewer.
const TOKEN_CHARACTERS_MAX: usize = 128;

/// A request's client token with what it is bound to.
#[derive(Debug)]
pub(crate) struct Once {
    key: String,
    /// A digest of all other parameters.
    parameters: u64,
}

impl Once {
    /// The client token of a request, if its operation takes one and it has one.
    pub(crate) fn of(spec: &OperationSpec, caller: &Caller, params: &Params) -> Result<Option<Self>, Fault> {
        if spec.effect == Effect::Read {
            return Ok(None);
        }
        let Some(member) = token_member(spec.service, spec.name) else { return Ok(None) };
        let Some(token) = params.text(member).filter(|token| !token.is_empty()) else { return Ok(None) };
        if token.len() > TOKEN_CHARACTERS_MAX || !token.is_ascii() {
            return Err(Fault::invalid_value(member, token));
        }
        let key = format!(
            "{}:{} {} {} {token}",
            spec.service.iam_prefix(),
            spec.name,
            caller.account,
            caller.region.as_str()
        );
        let parameters = params.digest(|name| name != member && !is_common(name));
        Ok(Some(Self { key, parameters }))
    }

    /// Does what has not been done under this token, else answers what was answered then.
    pub(crate) fn ensure(
        self,
        world: &mut World,
        ctx: &Ctx,
        act: impl FnOnce(&mut World) -> Result<Body, Fault>,
    ) -> Result<Body, Fault> {
        if ctx.dry_run {
            return act(world);
        }
        match world.replies.recall(&self.key, self.parameters, ctx.now) {
            Recall::Same(reply) => Ok(Body::from_written(reply)),
            Recall::Other => Err(token_mismatch(ctx.service)),
            Recall::New => {
                let body = act(world)?;
                if let Some(written) = body.written() {
                    world.replies.remember(self.key, self.parameters, ctx.now, written);
                }
                Ok(body)
            }
        }
    }
}
