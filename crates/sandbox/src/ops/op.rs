//! What an operation is made of, and in what circumstances it runs.

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{AccountId, Moment, Region};
use compact_str::CompactString;

use super::Route;
use crate::gate::Within;
use crate::wire::{Encode, Params, Reply};
use crate::{Caller, Fault, World};

/// The circumstances of one call.
#[derive(Debug, Clone)]
pub(crate) struct Ctx {
    /// Who calls.
    pub(crate) account: AccountId,
    /// The Region that is called.
    pub(crate) region: Region,
    /// The access key id; empty for a call in process.
    pub(crate) access_key: CompactString,
    /// The time.
    pub(crate) now: Moment,
    /// `DryRun`.
    pub(crate) dry_run: bool,
    /// The service that is called.
    pub(crate) service: Service,
    /// What stands before the operations that it carries out as part of its own.
    pub(crate) within: Within,
}

impl Ctx {
    /// The circumstances of something that the sandbox itself does.
    pub(crate) fn at(account: AccountId, region: Region, now: Moment) -> Self {
        Self {
            account,
            region,
            access_key: CompactString::default(),
            now,
            dry_run: false,
            service: Service::Ec2,
            within: Within::default(),
        }
    }

    /// Lets an operation in that this call carries out as part of its own; a fault of `Ok` comes after its effect.
    pub(crate) fn enter(&self, spec: &OperationSpec) -> Result<Option<Fault>, Fault> {
        let Self { account, region, access_key, .. } = self;
        let caller = Caller { account: *account, region: region.clone(), access_key: access_key.clone() };
        self.within.enter(spec, &caller)
    }

    /// Stands between checking and changing in every operation that changes something: a dry run ends here.
    pub(crate) fn commit(&self) -> Result<(), Fault> {
        if self.dry_run {
            return Err(Fault::new("DryRunOperation", "Request would have succeeded, but DryRun flag is set."));
        }
        Ok(())
    }

    /// The ARN of the caller when no role was assumed.
    pub(crate) fn user_arn(&self) -> String {
        format!("arn:aws:iam::{}:user/sandbox", self.account)
    }
}

/// One operation of AWS in the sandbox.
pub(crate) trait Op: 'static {
    /// Its declaration.
    const SPEC: OperationSpec;
    /// Its method and path, if its service is a REST service.
    const ROUTE: Option<Route> = None;
    /// The member that is the body itself, if it is not a document.
    const PAYLOAD: Option<&'static str> = None;
    /// The headers that are members, in lower case.
    const HEADERS: &'static [&'static str] = &[];
    /// What is asked.
    type Input: Send;
    /// What is answered.
    type Output: Reply + Send;

    /// Reads the parameters.
    fn decode(params: &Params) -> Result<Self::Input, Fault>;

    /// Carries it out.
    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault>;

    /// The page token of a request, if this operation has pages.
    fn token(_: &mut Self::Input) -> Option<&mut Option<String>> {
        None
    }

    /// The page token of a reply, if this operation has pages.
    fn next_token(_: &mut Self::Output) -> Option<&mut Option<String>> {
        None
    }

    /// The type of resource that the request is about, if its service has resources of many types.
    fn resource_type(_: &Self::Input) -> Option<&str> {
        None
    }

    /// IAM actions that this request needs beside the operation's own.
    fn further_actions(_: &Self::Input) -> Vec<&'static str> {
        Vec::new()
    }

    /// Whether the request is neither filtered nor paginated, which for some operations has a token bucket of its own.
    fn is_unbounded(_: &Self::Input) -> bool {
        false
    }
}

/// Declares that an operation's input and output carry `token` and `next_token`.
macro_rules! paged {
    () => {
        fn token(input: &mut Self::Input) -> Option<&mut Option<String>> {
            Some(&mut input.token)
        }

        fn next_token(output: &mut Self::Output) -> Option<&mut Option<String>> {
            Some(&mut output.next_token)
        }
    };
}
pub(crate) use paged;

/// The reply of an operation that only says that it is done: EC2's `<return>true</return>`.
#[derive(Debug)]
pub(crate) struct Done;

impl Encode for Done {
    fn encode(&self, xml: &mut crate::wire::Xml) {
        xml.value("return", true);
    }
}

/// The reply of an operation that has nothing to say.
#[derive(Debug)]
pub(crate) struct Nothing;

impl Encode for Nothing {
    fn encode(&self, _: &mut crate::wire::Xml) {}
}
