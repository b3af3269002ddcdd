//! STS `GetCallerIdentity`, `AssumeRole`, `AssumeRoleWithWebIdentity` and `GetSessionToken`.

use amictl_cloud::{Operation, OperationSpec, Service, ops};
use amictl_model::AccountId;

use super::sessions::{Credentials, credentials};
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
            None => CallerIdentity { account: ctx.account, arn: ctx.user_arn(), user_id: user_id(ctx.account) },
        })
    }
}

fn user_id(account: AccountId) -> String {
    format!("AIDA{account}SBOX")
}

impl Encode for CallerIdentity {
    fn encode(&self, xml: &mut Xml) {
        xml.text("Arn", &self.arn);
        xml.text("UserId", &self.user_id);
        xml.value("Account", self.account);
    }
}

/// A refused parameter, as STS says it.
fn invalid(parameter: &str, constraint: &str) -> Fault {
    let message =
        format!("1 validation error detected: Value at '{parameter}' failed to satisfy constraint: {constraint}");
    Fault::validation(message)
}

/// `DurationSeconds` within its bounds.
fn duration(params: &Params, default_secs: i64, most_secs: i64) -> Result<i64, Fault> {
    let secs = params.integer("DurationSeconds")?.unwrap_or(default_secs);
    if (900..=most_secs).contains(&secs) {
        return Ok(secs);
    }
    Err(invalid("durationSeconds", &format!("Member must have value between 900 and {most_secs}")))
}

/// What is asked of a role.
pub(crate) struct RoleInput {
    account: AccountId,
    role: String,
    session: String,
    duration_secs: i64,
    source_identity: Option<String>,
    provider: Option<String>,
}

fn role_input(params: &Params) -> Result<RoleInput, Fault> {
    let arn = params.required("RoleArn")?;
    let (account, role) = role_of(arn)
        .ok_or_else(|| Fault::validation(format!("{} is invalid", arn.chars().take(200).collect::<String>())))?;
    let session = params.required("RoleSessionName")?;
    let is_allowed = |character: char| character.is_ascii_alphanumeric() || "=,.@-_".contains(character);
    let is_name = |name: &str| (2..=64).contains(&name.len()) && name.chars().all(is_allowed);
    if !is_name(session) {
        return Err(invalid("roleSessionName", "Member must satisfy regular expression pattern: [\\w+=,.@-]*"));
    }
    let source_identity = params.string("SourceIdentity");
    if source_identity.as_deref().is_some_and(|identity| !is_name(identity)) {
        return Err(invalid("sourceIdentity", "Member must satisfy regular expression pattern: [\\w+=,.@-]*"));
    }
    if let Some(id) = params.string("ExternalId")
        && !((2..=1224).contains(&id.len())
            && id.chars().all(|character| character.is_ascii_alphanumeric() || "_+=,.@:/-".contains(character)))
    {
        return Err(invalid("externalId", "Member must satisfy regular expression pattern: [\\w+=,.@:\\/-]*"));
    }
    tags(params)?;
    if let Some(policy) = params.string("Policy")
        && !serde_json::from_str::<serde_json::Value>(&policy).is_ok_and(|policy| policy.is_object())
    {
        return Err(Fault::new("MalformedPolicyDocument", "The policy is not in the valid JSON format."));
    }
    Ok(RoleInput {
        account,
        role,
        session: session.to_owned(),
        duration_secs: duration(params, 3600, 43_200)?,
        source_identity,
        provider: params.string("ProviderId"),
    })
}

/// Session tags, which are checked and then only carried.
fn tags(params: &Params) -> Result<(), Fault> {
    let tags = params.structures("Tags")?;
    if tags.len() > 50 {
        return Err(invalid("tags", "Member must have length less than or equal to 50"));
    }
    for tag in tags {
        let (key, value) = (tag.required("Key")?, tag.text("Value").unwrap_or_default());
        if key.chars().count() > 128 || value.chars().count() > 256 || key.starts_with("aws:") {
            return Err(invalid("tags", "Tag keys are at most 128 characters long and tag values at most 256"));
        }
    }
    Ok(())
}

/// The account and the name of a role's ARN.
fn role_of(arn: &str) -> Option<(AccountId, String)> {
    let (account, path) = arn.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
    let name = path.rsplit('/').next().filter(|name| !name.is_empty())?;
    Some((account.parse().ok()?, name.to_owned()))
}

/// The reply of operations that give out a role.
pub(crate) struct RoleOutput {
    credentials: Credentials,
    source_identity: Option<String>,
    /// `Provider` of a role for a web identity.
    provider: Option<String>,
    is_web: bool,
}

fn assume(world: &mut World, ctx: &Ctx, input: RoleInput, is_web: bool) -> RoleOutput {
    let session = Session {
        arn: format!("arn:aws:sts::{}:assumed-role/{}/{}", input.account, input.role, input.session),
        user_id: format!("AROA{}SBOX:{}", input.account, input.session),
        expires_at: Some(ctx.now.plus_secs(input.duration_secs)),
    };
    RoleOutput {
        credentials: credentials(world, input.account, session),
        source_identity: input.source_identity,
        provider: input.provider,
        is_web,
    }
}

impl Encode for RoleOutput {
    fn encode(&self, xml: &mut Xml) {
        self.credentials.write(xml);
        xml.element("AssumedRoleUser", |xml| {
            xml.text("AssumedRoleId", &self.credentials.session.user_id);
            xml.text("Arn", &self.credentials.session.arn);
        });
        xml.optional("SourceIdentity", self.source_identity.as_ref());
        if self.is_web {
            xml.text("SubjectFromWebIdentityToken", "sandbox");
            xml.text("Audience", "sts.amazonaws.com");
            xml.text("Provider", self.provider.as_deref().unwrap_or("sandbox"));
        }
    }
}

pub(crate) struct AssumeRole;

impl Op for AssumeRole {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Sts, "AssumeRole");
    type Input = RoleInput;
    type Output = RoleOutput;

    fn decode(params: &Params) -> Result<RoleInput, Fault> {
        role_input(params)
    }

    fn run(world: &mut World, ctx: &Ctx, input: RoleInput) -> Result<RoleOutput, Fault> {
        Ok(assume(world, ctx, input, false))
    }
}

pub(crate) struct AssumeRoleWithWebIdentity;

impl Op for AssumeRoleWithWebIdentity {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Sts, "AssumeRoleWithWebIdentity");
    type Input = RoleInput;
    type Output = RoleOutput;

    /// The token is taken as it is: who it stands for is not checked.
    fn decode(params: &Params) -> Result<RoleInput, Fault> {
        params.required("WebIdentityToken")?;
        role_input(params)
    }

    fn run(world: &mut World, ctx: &Ctx, input: RoleInput) -> Result<RoleOutput, Fault> {
        Ok(assume(world, ctx, input, true))
    }
}

pub(crate) struct GetSessionToken;

pub(crate) struct SessionOutput(Credentials);

impl Op for GetSessionToken {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Sts, "GetSessionToken");
    type Input = i64;
    type Output = SessionOutput;

    fn decode(params: &Params) -> Result<i64, Fault> {
        duration(params, 43_200, 129_600)
    }

    fn run(world: &mut World, ctx: &Ctx, duration_secs: i64) -> Result<SessionOutput, Fault> {
        if world.sessions.contains_key(&ctx.access_key) {
            return Err(Fault::new("AccessDenied", "Cannot call GetSessionToken with session credentials"));
        }
        let session = Session {
            arn: ctx.user_arn(),
            user_id: user_id(ctx.account),
            expires_at: Some(ctx.now.plus_secs(duration_secs)),
        };
        Ok(SessionOutput(credentials(world, ctx.account, session)))
    }
}

impl Encode for SessionOutput {
    fn encode(&self, xml: &mut Xml) {
        self.0.write(xml);
    }
}

#[cfg(test)]
mod tests {
    use amictl_cloud::Service;

    use crate::account_of_access_key;
    use crate::ops::story::{TestWorld, first};

    const ROLE: &str = "RoleArn=arn:aws:iam::210987654321:role/team/audit&RoleSessionName=story";

    fn assumed(test: &mut TestWorld, form: &str) {
        let reply = test.call(Service::Sts, "AssumeRole", form).unwrap();
        let key = first(&reply, "AccessKeyId").unwrap();
        test.caller.access_key = key.into();
        test.caller.account = account_of_access_key(key);
    }

    #[test]
    fn a_role_acts_in_its_account_until_its_time_is_over() {
        let mut test = TestWorld::new();
        assumed(
            &mut test,
            &format!("{ROLE}&DurationSeconds=900&ExternalId=abc&Tags.member.1.Key=a&Tags.member.1.Value=b"),
        );
        let identity = test.call(Service::Sts, "GetCallerIdentity", "").unwrap();
        assert_eq!(first(&identity, "Arn"), Some("arn:aws:sts::210987654321:assumed-role/audit/story"));
        assert_eq!(first(&identity, "Account"), Some("210987654321"));
        test.ec2("DescribeInstances", "");
        test.pass_secs(900);
        let code = |service, action| test.call(service, action, "").unwrap_err().code.into_owned();
        assert_eq!(code(Service::Sts, "GetCallerIdentity"), "ExpiredToken");
        assert_eq!(code(Service::AutoScaling, "DescribeAutoScalingGroups"), "ExpiredToken");
        assert_eq!(code(Service::Ec2, "DescribeInstances"), "RequestExpired");
    }

    #[test]
    fn temporary_keys_that_were_never_given_out_are_refused() {
        let mut test = TestWorld::new();
        test.caller.access_key = "ASIA123456789012ABCD".into();
        let code = |service, action| test.call(service, action, "").unwrap_err().code.into_owned();
        assert_eq!(code(Service::Sts, "GetCallerIdentity"), "InvalidClientTokenId");
        assert_eq!(code(Service::AutoScaling, "DescribeAutoScalingGroups"), "InvalidClientTokenId");
        assert_eq!(code(Service::Ec2, "DescribeInstances"), "AuthFailure");
    }

    #[test]
    fn a_session_of_a_user_is_the_user() {
        let mut test = TestWorld::new();
        let reply = test.call(Service::Sts, "GetSessionToken", "").unwrap();
        test.caller.access_key = first(&reply, "AccessKeyId").unwrap().into();
        let identity = test.call(Service::Sts, "GetCallerIdentity", "").unwrap();
        assert_eq!(first(&identity, "Arn"), Some("arn:aws:iam::123456789012:user/sandbox"));
        assert_eq!(test.call(Service::Sts, "GetSessionToken", "").unwrap_err().code, "AccessDenied");
    }

    #[test]
    fn what_sts_refuses_is_refused() {
        let test = TestWorld::new();
        for form in [
            "RoleArn=nothing&RoleSessionName=story".to_owned(),
            "RoleArn=arn:aws:iam::210987654321:role/a".to_owned(),
            format!("{ROLE}%20x"),
            format!("{ROLE}&DurationSeconds=899"),
            format!("{ROLE}&DurationSeconds=43201"),
            format!("{ROLE}&ExternalId=x"),
            format!("{ROLE}&Tags.member.1.Key=aws:a"),
        ] {
            assert_eq!(test.call(Service::Sts, "AssumeRole", &form).unwrap_err().code, "ValidationError", "{form}");
        }
        let code = test.call(Service::Sts, "AssumeRole", &format!("{ROLE}&Policy=x")).unwrap_err().code;
        assert_eq!(code, "MalformedPolicyDocument");
        assert_eq!(test.call(Service::Sts, "AssumeRoleWithWebIdentity", ROLE).unwrap_err().code, "ValidationError");
    }
}
