//! The image that is registered of an imported disk.

use amictl_model::{AccountId, NewDevice, NewImageTraits, Region};
use amictl_plan::{Added, Change, Plan, RegisteredOf, Registration, RootSnapshot, StepId, Then, add_steps};

use super::super::copy::then;
use super::super::onward::Onward;
use crate::args::{ImportArgs, OnwardArgs, parse_name, versioned};
use crate::exit::Failure;
use crate::output::Terminal;
use crate::session::Session;

/// The device that a root volume has where nothing says another.
const ROOT_DEVICE: &str = "/dev/xvda";

/// An image that was asked for.
pub(super) struct Wanted {
    name: String,
    traits: NewImageTraits,
    onward: OnwardArgs,
}

/// What was asked for; `None` for the snapshot alone.
pub(super) fn wanted(args: &ImportArgs) -> Result<Option<Wanted>, Failure> {
    let Some(name) = &args.name else {
        return match args.says_of_image() {
            true => Err(Failure::usage("--name: what is said of an image needs one, and it is registered by its name")),
            false => Ok(None),
        };
    };
    let name = versioned(name, args.version.as_deref()).and_then(|name| parse_name(&name));
    let name = name.map_err(|error| Failure::usage(format!("--name: {error}")))?;
    if args.traits.architecture.is_none() {
        return Err(Failure::usage("--architecture: for which a disk is cannot be seen in it")
            .hint("EC2 would take i386; nothing was changed"));
    }
    let traits = args.traits.traits(None).map_err(Failure::usage)?;
    Ok(Some(Wanted { name, traits, onward: args.onward() }))
}

/// An image with what was looked up for its copies.
pub(super) struct Image<'a> {
    wanted: &'a Wanted,
    device: NewDevice,
    then: Then,
    onward: Onward<'a>,
}

impl<'a> Image<'a> {
    pub(super) async fn of(
        session: &Session,
        args: &ImportArgs,
        wanted: &'a Wanted,
        terminal: &Terminal,
    ) -> Result<Self, Failure> {
        let mut then_args = args.then.clone();
        if let Some(version) = &args.version {
            then_args.tag.insert(0, ("version".to_owned(), version.clone()));
        }
        let mut then = then(&then_args)?;
        let onward = Onward::of(session, &wanted.onward, &then_args, &mut then, terminal).await?;
        Ok(Self { wanted, device: args.root.device(ROOT_DEVICE), then, onward })
    }

    /// Adds the steps that register it of the snapshot that this step makes, and copy it.
    pub(super) fn add_to(
        self,
        plan: &mut Plan,
        account: AccountId,
        region: &Region,
        made_by: &StepId,
        description: &str,
    ) {
        let Wanted { name, traits, .. } = self.wanted;
        let root = RootSnapshot::OfStep(made_by.clone());
        let registration = Registration {
            of: RegisteredOf::Snapshot { root, device: Box::new(self.device), wait_seconds: 0 },
            name: name.as_str().into(),
            description: Some(description.into()),
            traits: traits.clone(),
            platform: None,
            devices: Vec::new(),
            then: self.then,
        };
        let change = Change::Register(Box::new(registration));
        let registered = add_steps(plan, [Added { account, region: region.clone(), change, after: Vec::new() }]);
        for made_by in &registered {
            let copies = self.onward.copies(made_by, region, name, Some(description));
            let added = copies.into_iter().map(|(region, change)| Added { account, region, change, after: Vec::new() });
            add_steps(plan, added);
        }
    }
}
