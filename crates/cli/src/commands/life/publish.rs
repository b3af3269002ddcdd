//! `amictl publish`, `promote` and `rollback`.

use std::collections::BTreeSet;

use amictl_cloud::ops::{GetParameterHistory, GetParameterHistoryRequest, GetParameters, GetParametersRequest};
use amictl_cloud::{Call, Clouds, ErrorClass, PageError, for_each_page};
use amictl_model::{ImageId, ImageState, Scope};
use amictl_plan::{Change, Publishing};

use super::carry_out::{Wanted, carry_out};
use super::change::step_of;
use super::history::{Back, back};
use super::targets::{Target, find};
use crate::args::{ChangeArgs, Global, PromoteArgs, PublishArgs, RollbackArgs};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::session::{Session, of_cloud};

/// Lets a parameter name an image in each Region.
pub(crate) async fn publish(global: &Global, args: &PublishArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let session = Session::open(global, terminal).await?;
    let ids = args.targets.resolved(&session).await?;
    let channel = Channel { session: &session, parameter: &args.parameter, may_overwrite: args.allow_overwrite };
    channel.name(global, &args.change, &ids, terminal).await
}

/// Lets a parameter name what another one names.
pub(crate) async fn promote(global: &Global, args: &PromoteArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    if args.from == args.to {
        return Err(Failure::usage("a channel cannot be promoted to itself"));
    }
    let session = Session::open(global, terminal).await?;
    let from = Channel { session: &session, parameter: &args.from, may_overwrite: false };
    let mut ids = Vec::new();
    for scope in session.scopes() {
        match from.value(&scope).await? {
            Some(value) => ids.push(from.image(&scope, &value)?),
            None => return Err(from.nothing(&scope)),
        }
    }
    let channel = Channel { session: &session, parameter: &args.to, may_overwrite: args.allow_overwrite };
    channel.name(global, &args.change, &ids, terminal).await
}

/// Lets a parameter name again what it named before.
pub(crate) async fn rollback(global: &Global, args: &RollbackArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let session = Session::open(global, terminal).await?;
    let channel = Channel { session: &session, parameter: &args.parameter, may_overwrite: true };
    let mut ids = Vec::new();
    for scope in session.scopes() {
        ids.push(channel.image_before(&scope, terminal).await?);
    }
    channel.name(global, &args.change, &ids, terminal).await
}

/// A parameter of one name in every account and Region of the session.
struct Channel<'a> {
    session: &'a Session,
    parameter: &'a str,
    may_overwrite: bool,
}

impl Channel<'_> {
    /// Lets it name these images, one in each Region, once all of them can be launched.
    async fn name(
        &self,
        global: &Global,
        args: &ChangeArgs,
        ids: &[ImageId],
        terminal: &Terminal,
    ) -> Result<Exit, Failure> {
        let targets = find(self.session, ids, false, terminal).await?;
        let mut taken = BTreeSet::new();
        for Target { scope, image } in &targets {
            if image.state != ImageState::Available {
                let why =
                    format!("{} is {}: all must be available before any is published", image.id, image.state.as_str());
                return Err(Failure::error(why).hint("`amictl wait` waits for it; nothing was changed"));
            }
            if !taken.insert(scope) {
                return Err(Failure::usage(format!("{scope}: a parameter names one image, and two were given")));
            }
        }
        let mut steps = Vec::with_capacity(targets.len());
        for target in &targets {
            let before = self.value(&target.scope).await?;
            if let Some(before) = before.as_deref().filter(|before| *before != target.image.id.as_str())
                && !self.may_overwrite
            {
                let why = format!("{} names {before} in {} already", self.parameter, target.scope);
                return Err(Failure::refused(why).hint("--allow-overwrite lets it name another; nothing was changed"));
            }
            let publishing = Publishing { parameter: self.parameter.into(), before: before.map(Into::into) };
            steps.push(step_of(target, Change::Publish(publishing)));
        }
        carry_out(global, args, Wanted { steps, question: None }, terminal).await
    }

    /// What it names.
    async fn value(&self, scope: &Scope) -> Result<Option<String>, Failure> {
        let Some(cloud) = self.session.of(scope.account) else { return Ok(None) };
        let request = GetParametersRequest { names: vec![self.parameter.to_owned()] };
        let reply = Call::<GetParameters>::call(cloud, &scope.region, request).await;
        let reply = reply.map_err(|error| of_cloud(&error, &scope.region, None))?;
        Ok(reply.parameters.into_iter().find(|one| one.name == self.parameter).map(|one| one.value))
    }

    fn image(&self, scope: &Scope, value: &str) -> Result<ImageId, Failure> {
        value.parse().map_err(|error| Failure::error(format!("{} in {scope}: {error}", self.parameter)))
    }

    fn nothing(&self, scope: &Scope) -> Failure {
        Failure::error(format!("there is no parameter {} in {scope}", self.parameter)).hint("nothing was changed")
    }

    /// The image that it named before the one that it names now; that one, where it went back already.
    async fn image_before(&self, scope: &Scope, terminal: &Terminal) -> Result<ImageId, Failure> {
        let Some(cloud) = self.session.of(scope.account) else { return Err(self.nothing(scope)) };
        let request = GetParameterHistoryRequest { name: self.parameter.to_owned(), next_token: None };
        let mut versions = Vec::new();
        let (_, result) = for_each_page::<GetParameterHistory>(cloud, &scope.region, request, |page| {
            versions.extend(page.versions);
        })
        .await;
        match result {
            Ok(()) => {}
            Err(PageError::Call(error)) if error.class == ErrorClass::NotFound => return Err(self.nothing(scope)),
            Err(PageError::Call(error)) => return Err(of_cloud(&error, &scope.region, None)),
            Err(other) => return Err(Failure::error(format!("{scope}: {other}"))),
        }
        versions.sort_by_key(|version| version.version);
        let values: Vec<&str> = versions.iter().map(|version| version.value.as_str()).collect();
        match back(&values) {
            Back::To(before) => self.image(scope, before),
            Back::Already { now, from } => {
                let name = self.parameter;
                terminal.note(&format!(
                    "{name} in {scope} names {now} again already, in place of {from}: nothing changes there; \
                     `amictl publish AMI --parameter {name} --allow-overwrite` lets it name any other"
                ));
                self.image(scope, now)
            }
            Back::Nowhere => {
                let now = values.last().copied().unwrap_or_default();
                let why = format!("{} in {scope} has named nothing else than {now}", self.parameter);
                Err(Failure::error(why).hint("nothing was changed"))
            }
        }
    }
}
