//! `ClientToken`: the same request once, another one with the same token refused.

use crate::ops::Ctx;
use crate::wire::Params;
use crate::world::Scope;
use crate::{Fault, World};

/// A client token with a fingerprint of the request that it came with.
pub(crate) struct Once {
    token: String,
    fingerprint: u64,
}

impl Once {
    /// The token of a request, if it has one.
    pub(crate) fn decode(params: &Params) -> Option<Self> {
        let token = params.string("ClientToken")?;
        // FNV-1a over the parameters as they are written for debugging: only equality counts.
        let fingerprint = format!("{params:?}")
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        Some(Self { token, fingerprint })
    }
}

/// The id that was answered to this request before.
pub(crate) fn answered(
    world: &World,
    ctx: &Ctx,
    operation: &str,
    once: Option<&Once>,
) -> Result<Option<String>, Fault> {
    let (Some(once), Some(scope)) = (once, world.scope(ctx.account, &ctx.region)) else { return Ok(None) };
    match scope.answered(operation, &once.token, once.fingerprint) {
        Ok(Some(_)) if ctx.dry_run => ctx.commit().map(|()| None),
        Ok(id) => Ok(id.map(str::to_owned)),
        Err(_) => Err(Fault::new(
            "IdempotentParameterMismatch",
            "The client token was used before with a request that had other parameters.",
        )),
    }
}

/// Keeps what is answered to this request.
pub(crate) fn note_answer(scope: &mut Scope, operation: &str, once: Option<&Once>, id: &str) {
    if let Some(once) = once {
        scope.note_answer(operation, &once.token, once.fingerprint, id);
    }
}
