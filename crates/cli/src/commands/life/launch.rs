//! `amictl launch`.

use amictl_model::{Image, ImageState, Scope};
use amictl_plan::{Change, Launching, LaunchingTemplate};

use super::carry_out::{Wanted, carry_out};
use super::change::step_of;
use super::resolve::{resolve, resolve_in};
use super::targets::{Target, find_launchable};
use super::templates::{template, versions};
use crate::args::{Global, ImageRef, LaunchArgs};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::session::Session;

/// EC2 takes so much user data (EC2 User Guide, "Run commands at launch").
const USER_DATA_BYTES_MAX: u64 = 16 << 10;

/// Launches instances.
pub(crate) async fn launch(global: &Global, args: &LaunchArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    if args.template.is_none() && args.instance_type.is_none() {
        return Err(Failure::usage("without a launch template, --instance-type has to be said"));
    }
    let user_data = args.user_data.as_deref().map(read).transpose()?;
    let session = Session::open(global, terminal).await?;
    let mut wanted: Vec<(Target, Launching)> = Vec::new();
    for scope in scopes(&session, args, terminal).await? {
        let (target, image, template) = what(&session, &scope, args, terminal).await?;
        require_available(&target.image)?;
        let text = |text: &Option<String>| text.as_deref().map(Into::into);
        let launching = Launching {
            count: args.count,
            image,
            template,
            instance_type: text(&args.instance_type),
            subnet: text(&args.subnet),
            security_groups: args.security_group.iter().map(|id| id.as_str().into()).collect(),
            key_name: text(&args.key_name),
            instance_profile: text(&args.instance_profile),
            user_data: text(&user_data),
            requires_imds_v2: args.imds_v2,
            tags: args.tag.iter().cloned().collect(),
            client_token: args.client_token.as_deref().unwrap_or_default().into(),
            wait_seconds: if args.no_wait { 0 } else { args.timeout.as_secs().max(1) },
        };
        wanted.push((target, launching));
    }
    let change = |launching: &Launching| Change::Launch(Box::new(launching.clone()));
    let steps = wanted.iter().map(|(target, launching)| step_of(target, change(launching))).collect();
    carry_out(global, &args.change, Wanted { steps, question: None }, terminal).await
}

/// Where instances are launched: where the image is, or in every account and Region that was named.
async fn scopes(session: &Session, args: &LaunchArgs, terminal: &Terminal) -> Result<Vec<Scope>, Failure> {
    match &args.image {
        Some(image @ ImageRef::Id(_)) => {
            let ids = resolve(session, std::slice::from_ref(image)).await?;
            Ok(find_launchable(session, &ids, terminal).await?.into_iter().map(|target| target.scope).collect())
        }
        _ => Ok(session.scopes()),
    }
}

/// The image that is launched, what EC2 is told of it, and the template.
async fn what(
    session: &Session,
    scope: &Scope,
    args: &LaunchArgs,
    terminal: &Terminal,
) -> Result<(Target, Option<Box<str>>, Option<LaunchingTemplate>), Failure> {
    let template = match &args.template {
        Some(name) => Some(template(session, scope, name).await?),
        None => None,
    };
    let mut of_template = None;
    if let Some(template) = &template {
        let number = args.template_version.unwrap_or(template.default_version);
        of_template = versions(session, scope, template, vec![number], true).await?.pop();
    }
    let id = match (&args.image, of_template.as_ref().and_then(|version| version.image.as_deref())) {
        (Some(image), _) => resolve_in(session, scope, image).await?,
        (None, Some(image)) => {
            image.parse().map_err(|error| Failure::error(format!("the image of the launch template: {error}")))?
        }
        (None, None) => return Err(Failure::usage("the launch template names no image: give --image")),
    };
    let named = of_template.map(|version| LaunchingTemplate {
        id: version.template_id.into(),
        name: version.template_name.into(),
        version: version.number,
    });
    let image = args.image.as_ref().map(|_| Box::from(id.as_str()));
    let mut found = find_launchable(session, &[id], terminal).await?;
    found.retain(|target| target.scope == *scope);
    let target = found.pop().ok_or_else(|| Failure::error(format!("the image is not in {scope}")))?;
    Ok((target, image, named))
}

fn require_available(image: &Image) -> Result<(), Failure> {
    if image.state == ImageState::Available {
        return Ok(());
    }
    let (id, state) = (&image.id, image.state.as_str());
    Err(Failure::error(format!("{id} is {state}: only an available image can be launched")).hint("nothing was changed"))
}

fn read(file: &std::path::Path) -> Result<String, Failure> {
    let failure = |error: std::io::Error| Failure::usage(format!("cannot read {}: {error}", file.display()));
    let size = std::fs::metadata(file).map_err(failure)?.len();
    if size > USER_DATA_BYTES_MAX {
        return Err(Failure::usage(format!("{} has {size} bytes: EC2 takes 16 KB of user data", file.display())));
    }
    std::fs::read_to_string(file).map_err(failure)
}
