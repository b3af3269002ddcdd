//! `amictl create`.

use std::collections::BTreeSet;

use amictl_cloud::ops::{DescribeInstances, DescribeInstancesRequest, Instance};
use amictl_cloud::{Clouds, PageError, for_each_page};
use amictl_model::{
    DeregistrationProtection, Image, ImageId, ImageState, LaunchPermissions, RootDeviceType, Scope, Tags,
};
use amictl_plan::{Change, CommandStep, Creation, Then, step_id};

use super::carry_out::{Wanted, carry_out};
use super::copy::then;
use super::onward::Onward;
use super::targets::IDS_PER_CALL_MAX;
use crate::args::{CreateArgs, Global, parse_name};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::session::{Session, of_cloud};

/// States in which EC2 makes no image of an instance.
const GONE: [&str; 2] = ["shutting-down", "terminated"];

/// Makes images of instances.
pub(crate) async fn create(global: &Global, args: &CreateArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let name = args.versioned_name().map_err(|error| Failure::usage(format!("--name: {error}")))?;
    let mut then = then(&args.then)?;
    if let Some(version) = &args.version {
        let own = [("version".to_owned(), version.clone())];
        then.tags = own.into_iter().chain(args.then.tag.iter().cloned()).collect();
    }
    let session = Session::open(global, terminal).await?;
    let onward = Onward::of(&session, &args.onward, &args.then, &mut then, terminal).await?;
    let found = if args.instance_tag.is_empty() {
        find(&session, &args.instances).await?
    } else {
        tagged(&session, &args.instance_tag).await?
    };
    let creations = creations(args, &name, &found, &then)?;
    let origins: Vec<Image> =
        found.iter().map(|(scope, instance)| origin(scope, instance)).collect::<Result<_, _>>()?;
    let mut steps = Vec::with_capacity(found.len());
    for (((scope, _), creation), image) in found.iter().zip(creations).zip(&origins) {
        let name = creation.name.clone();
        let change = Change::Create(creation);
        steps.push(CommandStep { account: scope.account, region: scope.region.clone(), image, change });
        let made_by = step_id(u32::try_from(steps.len()).unwrap_or(u32::MAX));
        let copies = onward.copies(&made_by, &scope.region, &name, args.description.as_deref());
        let copies = copies.into_iter();
        steps.extend(copies.map(|(region, change)| CommandStep { account: scope.account, region, image, change }));
    }
    // A stopped instance is not rebooted.
    let running: Vec<&str> = found.iter().filter(|(_, one)| one.state == "running").map(|(_, one)| &*one.id).collect();
    let question = match &running[..] {
        _ if !args.reboot => None,
        [] => None,
        [one] => Some(format!("{one} is running and will be rebooted")),
        several => {
            Some(format!("{} instances are running and will be rebooted: {}", several.len(), several.join(", ")))
        }
    };
    carry_out(global, &args.change, Wanted { steps, question }, terminal).await
}

/// What is to be made of each instance, with the name that each image gets.
fn creations(
    args: &CreateArgs,
    template: &str,
    found: &[(Scope, Instance)],
    then: &Then,
) -> Result<Vec<Creation>, Failure> {
    let mut names = BTreeSet::new();
    let mut creations = Vec::with_capacity(found.len());
    for (scope, instance) in found {
        if GONE.contains(&instance.state.as_str()) {
            let why = format!("{} is {}: no image can be made of it", instance.id, instance.state);
            return Err(Failure::error(why).hint("nothing was changed"));
        }
        // What a tag holds is text of others: it takes its place last, and braces in it are no placeholders.
        let tag = instance.tags.get("Name").unwrap_or_default();
        let name = template.replace("{instance}", &instance.id).replace("{name}", tag);
        let name = parse_name(&name).map_err(|why| {
            Failure::usage(format!("--name: what it comes to for {} is no name of an image: {why}", instance.id))
        })?;
        if !names.insert((scope.clone(), name.clone())) {
            return Err(Failure::usage(format!("--name: several images in {scope} would be called {name}"))
                .hint("`{instance}` in the name stands for the instance's id; nothing was changed"));
        }
        creations.push(Creation {
            instance: instance.id.clone(),
            name: name.into(),
            description: args.description.as_deref().map(Into::into),
            no_reboot: args.no_reboot,
            exclude_devices: args.exclude_device.iter().map(|device| device.as_str().into()).collect(),
            then: then.clone(),
        });
    }
    Ok(creations)
}

/// The instances that were named, and where they are.
async fn find(session: &Session, ids: &[String]) -> Result<Vec<(Scope, Instance)>, Failure> {
    let mut all = Vec::with_capacity(ids.len());
    for ids in ids.chunks(IDS_PER_CALL_MAX) {
        let request =
            DescribeInstancesRequest { instances: ids.to_vec(), details: true, ..DescribeInstancesRequest::default() };
        all.extend(look(session, &request).await?);
    }
    let scopes: Vec<String> = session.scopes().iter().map(ToString::to_string).collect();
    let mut found: Vec<(Scope, Instance)> = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(one) = all.iter().find(|(_, instance)| instance.id == *id) else {
            return Err(Failure::error(format!("{id}: no such instance in {}", scopes.join(", ")))
                .hint("look in another Region with --region; nothing was changed"));
        };
        if !found.iter().any(|(_, instance)| instance.id == *id) {
            found.push(one.clone());
        }
    }
    Ok(found)
}

/// The instances that have all of these tags, in all accounts and Regions.
async fn tagged(session: &Session, tags: &[(String, String)]) -> Result<Vec<(Scope, Instance)>, Failure> {
    let request = DescribeInstancesRequest { details: true, ..DescribeInstancesRequest::default() };
    let mut all = look(session, &request).await?;
    all.retain(|(_, instance)| {
        let has = |(key, value): &(String, String)| instance.tags.get(key) == Some(value.as_str());
        !GONE.contains(&instance.state.as_str()) && tags.iter().all(has)
    });
    if all.is_empty() {
        let scopes: Vec<String> = session.scopes().iter().map(ToString::to_string).collect();
        return Err(
            Failure::error(format!("no instance in {} has these tags", scopes.join(", "))).hint("nothing was changed")
        );
    }
    Ok(all)
}

async fn look(session: &Session, request: &DescribeInstancesRequest) -> Result<Vec<(Scope, Instance)>, Failure> {
    let mut found = Vec::new();
    for scope in session.scopes() {
        let Some(cloud) = session.of(scope.account) else { continue };
        let (_, result) = for_each_page::<DescribeInstances>(cloud, &scope.region, request.clone(), |page| {
            let wanted =
                |one: &Instance| request.instances.is_empty() || request.instances.iter().any(|id| one.id == *id);
            found.extend(page.instances.into_iter().filter(wanted).map(|instance| (scope.clone(), instance)));
        })
        .await;
        result.map_err(|error| match error {
            PageError::Call(error) => of_cloud(&error, &scope.region, None),
            other => Failure::error(format!("{scope}: {other}")),
        })?;
    }
    Ok(found)
}

/// What the instance was launched from, of which no more than the id is known: it may be gone, or another account's.
pub(crate) fn origin(scope: &Scope, instance: &Instance) -> Result<Image, Failure> {
    let id =
        instance.image.parse().map_err(|error| Failure::error(format!("the image of {}: {error}", instance.id)))?;
    Ok(Image { id, ..unknown_image(scope) })
}

/// An image of which nothing is known.
pub(crate) fn unknown_image(scope: &Scope) -> Image {
    Image {
        id: ImageId::NONE.clone(),
        name: "".into(),
        owner: scope.account,
        state: ImageState::Unknown,
        public: false,
        root_device_type: RootDeviceType::Unknown,
        created_at: None,
        deprecation_at: None,
        last_launched_at: None,
        protection: DeregistrationProtection::Disabled,
        description: None,
        location: None,
        architecture: Default::default(),
        platform_details: Default::default(),
        source_image: None,
        block_devices: [].into(),
        tags: Tags::default(),
        launch_permissions: LaunchPermissions::Unread,
    }
}
