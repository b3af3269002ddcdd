//! STS `GetCallerIdentity` and `AssumeRole`.

use amictl_cloud::{Operation, OperationSpec, Service, ops};
use amictl_model::{AccountId, Moment};
use compact_str::{CompactString, format_compact};

use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::Session;
use crate::{Fault, World};

pub(crate) struct GetCallerIdentity;

pub(crate) struct CallerIdentity {
    pub(crate) account: AccountId,
    pub(crate) arn: String,
    user_id: String,
}

impl Op for GetCallerIdentity {
    const SPEC: OperationSpec = <ops::GetCallerIdentity as Operation>::SPEC;
    type Input = ();
    type Output = CallerIdentity;

    fn decode(_: &Params) -> Result<(), Fault> {
        Ok(())
    }

    fn run(world: &mut World, ctx: &Ctx, (): ()) -> Result<CallerIdentity, Fault> {
        Ok(match world.sessions.get(&ctx.access_key) {
            Some(session) => {
                CallerIdentity { account: ctx.account, arn: session.arn.clone(), user_id: session.user_id.clone() }
            }
            None => CallerIdentity {
                account: ctx.account,
                arn: ctx.user_arn(),
                user_id: format!("AIDA{}SBOX", ctx.account),
            },
        })
    }
}

impl Encode for CallerIdentity {
    fn encode(&self, xml: &mut Xml) {
        xml.text("Arn", &self.arn);
        xml.text("UserId", &self.user_id);
        xml.value("Account", self.account);
    }
}

pub(crate) struct AssumeRole;

pub(crate) struct AssumeRoleInput {
    account: AccountId,
    role: String,
    session: String,
    duration_secs: i64,
}

pub(crate) struct AssumeRoleOutput {
    access_key: CompactString,
    secret: String,
    session: Session,
    expires_at: Moment,
}

impl Op for AssumeRole {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Sts, "AssumeRole");
    type Input = AssumeRoleInput;
    type Output = AssumeRoleOutput;

    fn decode(params: &Params) -> Result<AssumeRoleInput, Fault> {
        let arn = params.required("RoleArn")?;
        let (account, role) = role_of(arn)
            .ok_or_else(|| Fault::validation(format!("{} is invalid", arn.chars().take(200).collect::<String>())))?;
        let session = params.required("RoleSessionName")?;
        let is_allowed = |character: char| character.is_ascii_alphanumeric() || "=,.@-_".contains(character);
        if !(2..=64).contains(&session.len()) || !session.chars().all(is_allowed) {
            return Err(Fault::validation(
                "1 validation error detected: Value at 'roleSessionName' failed to satisfy constraint",
            ));
        }
        let duration_secs = params.integer("DurationSeconds")?.unwrap_or(3600);
        if !(900..=43_200).contains(&duration_secs) {
            return Err(Fault::validation(
                "1 validation error detected: Value at 'durationSeconds' failed to satisfy constraint",
            ));
        }
        Ok(AssumeRoleInput { account, role, session: session.to_owned(), duration_secs })
    }

    fn run(world: &mut World, ctx: &Ctx, input: AssumeRoleInput) -> Result<AssumeRoleOutput, Fault> {
        let number = world.new_number();
        let letters: String =
            (0..4u32).map(|at| char::from(b'A' + u8::try_from((number >> (at * 8)) % 26).unwrap_or(0))).collect();
        let access_key = format_compact!("ASIA{}{letters}", input.account);
        let session = Session {
            arn: format!("arn:aws:sts::{}:assumed-role/{}/{}", input.account, input.role, input.session),
            user_id: format!("AROA{}SBOX:{}", input.account, input.session),
        };
        world.sessions.insert(access_key.clone(), session.clone());
        Ok(AssumeRoleOutput {
            access_key,
            secret: format!("{number:040x}"),
            session,
            expires_at: ctx.now.plus_secs(input.duration_secs),
        })
    }
}

/// The account and the name of a role's ARN.
fn role_of(arn: &str) -> Option<(AccountId, String)> {
    let (account, path) = arn.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
    let name = path.rsplit('/').next().filter(|name| !name.is_empty())?;
    Some((account.parse().ok()?, name.to_owned()))
}

impl Encode for AssumeRoleOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.element("Credentials", |xml| {
            xml.text("AccessKeyId", &self.access_key);
            xml.text("SecretAccessKey", &self.secret);
            xml.text("SessionToken", format!("sandbox-session-{}", self.secret));
            xml.time("Expiration", self.expires_at);
        });
        xml.element("AssumedRoleUser", |xml| {
            xml.text("AssumedRoleId", &self.session.user_id);
            xml.text("Arn", &self.session.arn);
        });
    }
}
