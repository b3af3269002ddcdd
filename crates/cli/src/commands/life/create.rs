//! `amictl create`.

use amictl_cloud::ops::{DescribeInstances, DescribeInstancesRequest, Instance};
use amictl_cloud::{Clouds, PageError, for_each_page};
use amictl_model::{DeregistrationProtection, Image, ImageState, LaunchPermissions, RootDeviceType, Scope, Tags};
use amictl_plan::{Change, CommandStep, Creation};

use super::carry_out::{Wanted, carry_out};
use super::copy::then;
use crate::args::{CreateArgs, Global};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::session::{Session, of_cloud};

/// States in which EC2 makes no image of an instance.
const GONE: [&str; 2] = ["shutting-down", "terminated"];

/// Makes an image of an instance.
pub(crate) async fn create(global: &Global, args: &CreateArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let name = args.versioned_name().map_err(|error| Failure::usage(format!("--name: {error}")))?;
    let mut then = then(&args.then)?;
    if let Some(version) = &args.version {
        let own = [("version".to_owned(), version.clone())];
        then.tags = own.into_iter().chain(args.then.tag.iter().cloned()).collect();
    }
    let session = Session::open(global, terminal).await?;
    let (scope, instance) = find(&session, &args.instance).await?;
    if GONE.contains(&instance.state.as_str()) {
        let why = format!("{} is {}: no image can be made of it", instance.id, instance.state);
        return Err(Failure::error(why).hint("nothing was changed"));
    }
    let image = origin(&scope, &instance)?;
    let creation = Creation {
        instance: instance.id.clone(),
        name: name.into(),
        description: args.description.as_deref().map(Into::into),
        no_reboot: args.no_reboot,
        then,
    };
    let step =
        CommandStep { account: scope.account, region: scope.region, image: &image, change: Change::Create(creation) };
    // A stopped instance is not rebooted.
    let reboots = args.reboot && instance.state == "running";
    let question = reboots.then(|| format!("{} is running and will be rebooted", instance.id));
    let wanted = Wanted { steps: vec![step], question };
    carry_out(global, &args.change, wanted, terminal).await
}

/// The instance, and where it is.
async fn find(session: &Session, id: &str) -> Result<(Scope, Instance), Failure> {
    for scope in session.scopes() {
        let Some(cloud) = session.of(scope.account) else { continue };
        let request =
            DescribeInstancesRequest { instances: vec![id.to_owned()], ..DescribeInstancesRequest::default() };
        let mut found = None;
        let (_, result) = for_each_page::<DescribeInstances>(cloud, &scope.region, request, |page| {
            found = found.take().or(page.instances.into_iter().find(|instance| instance.id == id));
        })
        .await;
        if let Err(error) = result {
            return Err(match error {
                PageError::Call(error) => of_cloud(&error, &scope.region, None),
                other => Failure::error(format!("{scope}: {other}")),
            });
        }
        if let Some(instance) = found {
            return Ok((scope, instance));
        }
    }
    let scopes: Vec<String> = session.scopes().iter().map(ToString::to_string).collect();
    Err(Failure::error(format!("{id}: no such instance in {}", scopes.join(", ")))
        .hint("look in another Region with --region; nothing was changed"))
}

/// What the instance was launched from, of which no more than the id is known: it may be gone, or another account's.
pub(crate) fn origin(scope: &Scope, instance: &Instance) -> Result<Image, Failure> {
    let id =
        instance.image.parse().map_err(|error| Failure::error(format!("the image of {}: {error}", instance.id)))?;
    Ok(Image {
        id,
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
    })
}
