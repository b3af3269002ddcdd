//! `amictl register`.

mod bundle;
mod snapshot;

use amictl_model::{AccountId, NewImageTraits, Region};
use amictl_plan::{Added, Change, CommandInput, RegisteredOf, Registration, add_steps, build_command};

use super::carry_out::carry_out_built;
use super::copy::then;
use super::onward::Onward;
use super::store::restore_from_s3;
use crate::args::{Global, RegisterArgs, RestoreFromS3Args, parse_name};
use crate::clock::{new_id, wall_clock};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::session::Session;

/// Makes an image of a snapshot, of a bundle or of a stored image.
pub(crate) async fn register(global: &Global, args: &RegisterArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let name = args.versioned_name().and_then(|name| parse_name(&name));
    let name = name.map_err(|error| Failure::usage(format!("--name: {error}")))?;
    let mut then_args = args.then.clone();
    if let Some(version) = &args.version {
        then_args.tag.insert(0, ("version".to_owned(), version.clone()));
    }
    if let Some(object) = &args.stored {
        let args = RestoreFromS3Args { object: object.clone(), name, then: then_args, change: args.change.clone() };
        return restore_from_s3(global, &args, terminal).await;
    }
    let mut then = then(&then_args)?;
    let session = Session::open(global, terminal).await?;
    let onward = Onward::of(&session, &args.onward, &args.then, &mut then, terminal).await?;
    let source = match (&args.snapshot, &args.manifest) {
        (Some(snapshot), _) => snapshot::source(&session, args, snapshot, terminal).await?,
        (None, Some(place)) => bundle::source(&session, args, place).await?,
        (None, None) => return Err(Failure::usage("--snapshot, --manifest or --stored: what is registered?")),
    };
    let Source { account, region, of, traits, platform, question } = source;
    let registration = Registration {
        of,
        name: name.as_str().into(),
        description: args.description.as_deref().map(Into::into),
        traits,
        platform,
        devices: args.device.clone(),
        then,
    };
    let clock = wall_clock();
    let nothing = CommandInput { steps: Vec::new(), created_at: clock.now(), plan_id: new_id(&clock) };
    let mut plan = build_command(nothing);
    let change = Change::Register(Box::new(registration));
    let made_by = add_steps(&mut plan, [Added { account, region: region.clone(), change, after: Vec::new() }]);
    for made_by in &made_by {
        let copies = onward.copies(made_by, &region, &name, args.description.as_deref());
        let added = copies.into_iter().map(|(region, change)| Added { account, region, change, after: Vec::new() });
        add_steps(&mut plan, added);
    }
    carry_out_built(global, &args.change, &plan, question, terminal).await
}

/// What an image is registered of, and what was found out about it.
struct Source {
    account: AccountId,
    region: Region,
    of: RegisteredOf,
    traits: NewImageTraits,
    /// What it is billed as, where that may be lost.
    platform: Option<Box<str>>,
    /// What somebody has to be asked.
    question: Option<String>,
}
