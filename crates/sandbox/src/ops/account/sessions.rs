//! Temporary credentials: whether a call's are still good, and making new ones.

use amictl_cloud::{OperationSpec, Service};
use amictl_model::AccountId;
use compact_str::{CompactString, format_compact};

use crate::ops::Ctx;
use crate::wire::{Protocol, Xml};
use crate::world::Session;
use crate::{Fault, World};

/// How the keys of temporary credentials begin.
const TEMPORARY: &str = "ASIA";

/// Refuses temporary credentials that were never given out, or are over. Lasting keys are all good.
pub(crate) fn require_valid(world: &World, ctx: &Ctx, spec: &OperationSpec) -> Result<(), Fault> {
    if !ctx.access_key.starts_with(TEMPORARY) {
        return Ok(());
    }
    let protocol = Protocol::of(spec.service);
    match world.sessions.get(&ctx.access_key) {
        Some(session) if session.expires_at.is_none_or(|at| ctx.now < at) => Ok(()),
        Some(_) => Err(match spec.service {
            Service::Ec2 => Fault::new("RequestExpired", "Request has expired."),
            _ => {
                let code = match protocol {
                    Protocol::AwsJson | Protocol::RestJson => "ExpiredTokenException",
                    _ => "ExpiredToken",
                };
                Fault::new(code, "The security token included in the request is expired")
            }
        }),
        None if spec.service == Service::Ec2 => Err(Fault::auth_failure()),
        None => {
            let code = match protocol {
                Protocol::AwsJson | Protocol::RestJson => "UnrecognizedClientException",
                _ => "InvalidClientTokenId",
            };
            Err(Fault::new(code, "The security token included in the request is invalid."))
        }
    }
}

/// Credentials that were just made.
pub(super) struct Credentials {
    access_key: CompactString,
    secret: String,
    pub(super) session: Session,
}

/// Makes credentials of an account that are good for so long, and remembers whose they are.
pub(super) fn credentials(world: &mut World, account: AccountId, session: Session) -> Credentials {
    let number = world.new_number();
    let letters: String =
        (0..4u32).map(|at| char::from(b'A' + u8::try_from((number >> (at * 8)) % 26).unwrap_or(0))).collect();
    let access_key = format_compact!("{TEMPORARY}{account}{letters}");
    world.sessions.insert(access_key.clone(), session.clone());
    Credentials { access_key, secret: format!("{number:040x}"), session }
}

impl Credentials {
    /// `Credentials`.
    pub(super) fn write(&self, xml: &mut Xml) {
        xml.element("Credentials", |xml| {
            xml.text("AccessKeyId", &self.access_key);
            xml.text("SecretAccessKey", &self.secret);
            xml.text("SessionToken", format!("sandbox-session-{}", self.secret));
            if let Some(at) = self.session.expires_at {
                xml.time("Expiration", at);
            }
        });
    }
}
