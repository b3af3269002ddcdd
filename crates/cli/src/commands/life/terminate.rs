//! `amictl terminate`: the instances that were launched from images.

use std::collections::BTreeSet;

use amictl_cloud::ops::{
    DescribeInstanceAttribute, DescribeInstances, DescribeInstancesRequest, Instance, InstanceRequest,
};
use amictl_cloud::{Call, Clouds, PageError, for_each_page};
use amictl_model::{Image, ImageId, InstanceId, Scope};
use amictl_plan::{Change, CommandStep, Termination};

use super::carry_out::{Wanted, carry_out};
use super::create::origin;
use super::targets::IDS_PER_CALL_MAX;
use crate::args::{ChangeArgs, Global, TerminateArgs};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::session::{Session, of_cloud};

/// The tag by which Auto Scaling knows its instances.
const GROUP_TAG: &str = "aws:autoscaling:groupName";

/// Terminates what was launched from images.
pub(crate) async fn terminate(global: &Global, args: &TerminateArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let ids = args.targets.ids()?;
    let session = Session::open(global, terminal).await?;
    let launched = launched_from(&session, &ids).await?;
    end(global, &args.change, launched, args.skip_protected, terminal).await
}

/// An instance that is to end, and why it must not, if so.
pub(super) struct Launched {
    scope: Scope,
    instance: InstanceId,
    image: Image,
    found: Instance,
    pub(super) refused: Option<String>,
}

impl Launched {
    /// Its id.
    pub(super) fn id(&self) -> &str {
        self.instance.as_str()
    }

    /// Where it is and what it was launched from, for a person.
    pub(super) fn describe(&self) -> String {
        let name = self.found.tags.get("Name").map(|name| format!(" {name}")).unwrap_or_default();
        format!("{}{name} in {} ({}), of {}", self.instance, self.scope, self.found.state, self.found.image)
    }
}

/// The instances that were launched from these images, in the accounts and Regions of the session, that have not ended.
pub(super) async fn launched_from(session: &Session, images: &[ImageId]) -> Result<Vec<Launched>, Failure> {
    let mut launched = Vec::new();
    for scope in session.scopes() {
        let Some(cloud) = session.of(scope.account) else { continue };
        let mut found = Vec::new();
        for images in images.chunks(IDS_PER_CALL_MAX) {
            let request = DescribeInstancesRequest {
                images: images.to_vec(),
                details: true,
                ..DescribeInstancesRequest::default()
            };
            let (_, result) =
                for_each_page::<DescribeInstances>(cloud, &scope.region, request, |page| found.extend(page.instances))
                    .await;
            match result {
                Ok(()) => {}
                Err(PageError::Call(error)) => return Err(of_cloud(&error, &scope.region, None)),
                Err(other) => return Err(Failure::error(format!("{scope}: {other}"))),
            }
        }
        for found in found.into_iter().filter(|instance| !matches!(instance.state.as_str(), "terminated")) {
            let instance: InstanceId = found.id.parse().map_err(|error| Failure::error(format!("{scope}: {error}")))?;
            let request = InstanceRequest { instance: instance.clone() };
            let is_protected = Call::<DescribeInstanceAttribute>::call(cloud, &scope.region, request).await;
            let is_protected = is_protected.map_err(|error| of_cloud(&error, &scope.region, None))?;
            let group = found.tags.get(GROUP_TAG);
            let refused = match (is_protected, group) {
                (true, _) => Some("it is protected from termination".to_owned()),
                (false, Some(group)) => Some(format!("Auto Scaling group {group} would launch another in its place")),
                (false, None) => None,
            };
            launched.push(Launched { image: origin(&scope, &found)?, scope: scope.clone(), instance, found, refused });
        }
    }
    Ok(launched)
}

/// Tells them, asks, and terminates them.
pub(super) async fn end(
    global: &Global,
    args: &ChangeArgs,
    launched: Vec<Launched>,
    skip_protected: bool,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let (refused, going): (Vec<Launched>, Vec<Launched>) =
        launched.into_iter().partition(|launched| launched.refused.is_some());
    for launched in &refused {
        let why = launched.refused.as_deref().unwrap_or_default();
        terminal.say(&format!("{} stays: {why}", launched.describe()));
    }
    for launched in &going {
        terminal.note(&format!("{} will end", launched.describe()));
    }
    if !refused.is_empty() && (!skip_protected || going.is_empty()) {
        let why = format!("{} of {} instances stay, as was said above", refused.len(), refused.len() + going.len());
        let hint = "--skip-protected goes on with the others, if there are any; nothing was changed";
        return Err(Failure::refused(why).hint(hint));
    }
    if going.is_empty() {
        terminal.note("nothing was launched from these images that is still there");
    }
    let images: BTreeSet<&str> = going.iter().map(|launched| launched.found.image.as_str()).collect();
    let question = (!going.is_empty()).then(|| {
        let instances = if going.len() == 1 { "1 instance".to_owned() } else { format!("{} instances", going.len()) };
        let images: Vec<&str> = images.into_iter().collect();
        format!("{instances} of {} will be terminated, which cannot be taken back", images.join(", "))
    });
    let steps = going.iter().map(|launched| CommandStep {
        account: launched.scope.account,
        region: launched.scope.region.clone(),
        image: &launched.image,
        change: Change::Terminate(Box::new(Termination {
            instance: launched.instance.clone(),
            image: launched.image.id.clone(),
            name: launched.found.tags.get("Name").unwrap_or_default().into(),
            state: launched.found.state.clone(),
        })),
    });
    let exit = carry_out(global, args, Wanted { steps: steps.collect(), question }, terminal).await?;
    Ok(if refused.is_empty() { exit } else { exit.or(Exit::Partial) })
}
