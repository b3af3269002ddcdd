//! `amictl rollout`: which templates and groups get which image, and how.

mod groups;

use std::collections::{BTreeMap, BTreeSet};

use amictl_cloud::ops::{AutoScalingGroup, LaunchTemplate};
use amictl_model::{Image, ImageState, Scope};
use amictl_plan::{Change, GroupVersion, RefreshSettings, Rollout, RolloutGroup, RolloutVersion};

use super::carry_out::{Wanted, carry_out};
use super::change::step_of;
use super::cut_off;
use super::resolve::{parameter_in, resolve_in};
use super::targets::{Target, find_launchable};
use super::templates::{of_family, template, versions};
use crate::args::{Global, ImageRef, RefreshArgs, RolloutArgs, RolloutImage};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::session::Session;

/// What begins the name of a parameter in place of an image's id.
const ALIAS: &str = "resolve:ssm:";

/// Lets launch templates launch an image, and replaces the instances of their groups.
pub(crate) async fn rollout(global: &Global, args: &RolloutArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let session = Session::open(global, terminal).await?;
    let mut rollouts: Vec<(Target, Rollout)> = Vec::new();
    for Named { scope, image, text } in named(&session, args, terminal).await? {
        let groups = groups::all(&session, &scope).await?;
        let mut left: BTreeSet<&str> = args.group.iter().map(String::as_str).collect();
        for template in templates(&session, &scope, args).await? {
            if let Some(text) = &text
                && let Some(run) = cut_off::rollout(global, &scope, &template.id, text).await
            {
                return Err(cut_off::refused(global, &format!("rolls {text} out to {}", template.name), &run));
            }
            let of_template = groups::of_template(&template, &groups, &args.group)?;
            for group in &of_template {
                left.remove(&*group.name);
            }
            let place = Place { session: &session, scope: &scope, template: &template, groups: of_template, args };
            let (image, rollout) = place.rollout(image.as_ref(), text.as_deref(), terminal).await?;
            rollouts.push((Target { scope: scope.clone(), image }, rollout));
        }
        if let Some(unknown) = left.first() {
            return Err(Failure::error(format!("no group {unknown} uses the launch template in {scope}"))
                .hint("nothing was changed"));
        }
    }
    let names: Vec<&str> = rollouts.iter().flat_map(|(_, rollout)| &rollout.groups).map(|group| &*group.name).collect();
    let question = (!names.is_empty()).then(|| {
        let groups = if names.len() == 1 { "1 group".to_owned() } else { format!("{} groups", names.len()) };
        format!("the instances of {groups} will be replaced, unless they are as they should be ({})", names.join(", "))
    });
    let change = |rollout: &Rollout| Change::Rollout(Box::new(rollout.clone()));
    let steps = rollouts.iter().map(|(target, rollout)| step_of(target, change(rollout))).collect();
    carry_out(global, &args.change, Wanted { steps, question }, terminal).await
}

/// The templates that are meant in one account and Region.
async fn templates(session: &Session, scope: &Scope, args: &RolloutArgs) -> Result<Vec<LaunchTemplate>, Failure> {
    let Some(family) = &args.family else {
        let mut templates = Vec::with_capacity(args.template.len());
        for name in &args.template {
            templates.push(template(session, scope, name).await?);
        }
        return Ok(templates);
    };
    let templates = of_family(session, scope, family).await?;
    if templates.is_empty() {
        let why = format!("no launch template in {scope} launches an image of the family by default");
        return Err(Failure::error(why).hint("--template names one; nothing was changed"));
    }
    Ok(templates)
}

/// What is rolled out in one account and Region.
struct Named {
    scope: Scope,
    /// The image; `None` where a version says it.
    image: Option<Image>,
    /// What a version of the template is to name.
    text: Option<String>,
}

/// What was named, for each account and Region: one image each.
async fn named(session: &Session, args: &RolloutArgs, terminal: &Terminal) -> Result<Vec<Named>, Failure> {
    if args.to_version.is_some() {
        let of = |scope| Named { scope, image: None, text: None };
        return Ok(session.scopes().into_iter().map(of).collect());
    }
    let mut ids = Vec::new();
    let mut channels = BTreeMap::new();
    for image in &args.images {
        match image {
            RolloutImage::Image(ImageRef::Id(id)) => ids.push(id.clone()),
            RolloutImage::Image(image) => {
                for scope in session.scopes() {
                    ids.push(resolve_in(session, &scope, image).await?);
                }
            }
            RolloutImage::Channel(name) => {
                for scope in session.scopes() {
                    let id = parameter_in(session, &scope, name).await?;
                    channels.insert(id.clone(), name);
                    ids.push(id);
                }
            }
        }
    }
    let mut named: Vec<Named> = Vec::new();
    for Target { scope, image } in find_launchable(session, &ids, terminal).await? {
        if image.state != ImageState::Available {
            let (id, state) = (&image.id, image.state.as_str());
            return Err(Failure::error(format!("{id} is {state}: only an available image can be rolled out"))
                .hint("`amictl wait` waits for it; nothing was changed"));
        }
        if named.iter().any(|other| other.scope == scope) {
            return Err(Failure::usage(format!("{scope}: one image is rolled out, and two were given")));
        }
        let text = match channels.get(&image.id) {
            Some(name) => format!("{ALIAS}{name}"),
            None => image.id.to_string(),
        };
        named.push(Named { scope, image: Some(image), text: Some(text) });
    }
    Ok(named)
}

/// A template in one account and Region, with the groups that use it.
struct Place<'a> {
    session: &'a Session,
    scope: &'a Scope,
    template: &'a LaunchTemplate,
    groups: Vec<RolloutGroup>,
    args: &'a RolloutArgs,
}

impl Place<'_> {
    /// What is to be done here.
    async fn rollout(
        mut self,
        image: Option<&Image>,
        text: Option<&str>,
        terminal: &Terminal,
    ) -> Result<(Image, Rollout), Failure> {
        let (template, args) = (self.template, self.args);
        let used: BTreeSet<u64> = self.groups.iter().map(|group| self.number(group.uses)).collect();
        let mut numbers: BTreeSet<u64> = used.clone();
        if !args.keep_default {
            numbers.insert(template.default_version);
        }
        let asked = numbers.iter().copied().chain(args.source_version).chain(args.to_version).collect();
        let found = versions(self.session, self.scope, template, asked, false).await?;
        let image_of: BTreeMap<u64, &str> =
            found.iter().map(|version| (version.number, version.image.as_deref().unwrap_or_default())).collect();
        let (text, version) = match (args.to_version, text) {
            (Some(version), _) => (image_of[&version].to_owned(), RolloutVersion::There(version)),
            (None, Some(text)) => (text.to_owned(), self.version(text, &numbers, &image_of)?),
            (None, None) => return Err(Failure::usage("no image to roll out")),
        };
        let there = match version {
            RolloutVersion::There(version) => Some(version),
            RolloutVersion::New { .. } => None,
        };
        self.require_latest(there)?;
        for group in &mut self.groups {
            let GroupVersion::Pinned(before) = group.uses else { continue };
            let names_no_parameter = |text: &str| !text.starts_with(ALIAS);
            group.is_reversible =
                image_of.get(&before).is_some_and(|before| names_no_parameter(before)) && names_no_parameter(&text);
        }
        if self.groups.is_empty() {
            terminal.note(&format!("no group uses {} in {}: only the template changes", template.name, self.scope));
        } else if text.starts_with(ALIAS) && there.is_some() {
            let parameter = text.trim_start_matches(ALIAS);
            terminal.note(&format!("{} follows {parameter}: nothing changes but the instances", template.name));
        }
        let image = match image {
            Some(image) => image.clone(),
            None => self.image_of_version(args.to_version, terminal).await?,
        };
        let sets_default = !args.keep_default && there != Some(template.default_version);
        let rollout = Rollout {
            template: template.id.as_str().into(),
            template_name: template.name.as_str().into(),
            image: text.into(),
            version,
            default_before: sets_default.then_some(template.default_version),
            groups: self.groups,
            settings: settings(&args.refresh),
            wait_seconds: args.timeout.as_secs().max(1),
            roll_back: !args.no_rollback,
        };
        Ok((image, rollout))
    }

    fn number(&self, uses: GroupVersion) -> u64 {
        match uses {
            GroupVersion::Default => self.template.default_version,
            GroupVersion::Latest => self.template.latest_version,
            GroupVersion::Pinned(version) => version,
        }
    }

    /// The version that names the image: the one in use where it does already, else a new one like it.
    fn version(
        &self,
        text: &str,
        in_use: &BTreeSet<u64>,
        image_of: &BTreeMap<u64, &str>,
    ) -> Result<RolloutVersion, Failure> {
        let name = &self.template.name;
        let numbers: Vec<u64> = in_use.iter().copied().collect();
        let like = match (self.args.source_version, &numbers[..]) {
            (Some(version), _) => version,
            (None, [version]) => *version,
            (None, []) => self.template.default_version,
            (None, several) => {
                let several: Vec<String> = several.iter().map(ToString::to_string).collect();
                let several = several.join(", ");
                return Err(Failure::refused(format!(
                    "versions {several} of {name} are in use in {}, and may differ in more than the image",
                    self.scope
                ))
                .hint("--source-version N says which the new one is like, --to-version N takes one as it is; nothing was changed"));
            }
        };
        let named = image_of.get(&like).copied().unwrap_or_default();
        if named == text {
            return Ok(RolloutVersion::There(like));
        }
        if let Some(parameter) = named.strip_prefix(ALIAS)
            && !text.starts_with(ALIAS)
            && !self.args.replace_channel
        {
            return Err(Failure::refused(format!(
                "version {like} of {name} launches what {parameter} names: a new version would not follow it any more"
            ))
            .hint(format!(
                "`amictl publish {text} --parameter {parameter} --allow-overwrite`, then `amictl rollout {ALIAS}{parameter}`; \
                 or --replace-channel; nothing was changed"
            )));
        }
        let like_image = Some(named).filter(|named| !named.is_empty()).map(Box::from);
        Ok(RolloutVersion::New { like, like_image, client_token: Box::default() })
    }

    /// A group that follows the newest version cannot be led to an older one.
    fn require_latest(&self, there: Option<u64>) -> Result<(), Failure> {
        let follows = self.groups.iter().find(|group| group.uses == GroupVersion::Latest);
        match (there, follows) {
            (Some(version), Some(group)) if version != self.template.latest_version => Err(Failure::refused(format!(
                "group {} uses the newest version of {}, which is {} and not {version}",
                group.name, self.template.name, self.template.latest_version
            ))
            .hint("let the group use $Default or a number, or leave it out with --group; nothing was changed")),
            _ => Ok(()),
        }
    }

    /// The image that a version launches.
    async fn image_of_version(&self, version: Option<u64>, terminal: &Terminal) -> Result<Image, Failure> {
        let (scope, name) = (self.scope, &self.template.name);
        let numbers = version.into_iter().collect();
        let found = versions(self.session, scope, self.template, numbers, true).await?.pop();
        let text = found.and_then(|version| version.image).unwrap_or_default();
        let id = text.parse().map_err(|error| {
            Failure::error(format!("the image of that version of {name}: {error}")).hint("nothing was changed")
        })?;
        let mut targets = find_launchable(self.session, &[id], terminal).await?;
        targets.retain(|target| target.scope == *scope);
        match targets.pop() {
            Some(target) if target.image.state == ImageState::Available => Ok(target.image),
            Some(target) => {
                let (id, state) = (&target.image.id, target.image.state.as_str());
                Err(Failure::error(format!("{id} is {state}: instances of it cannot be launched"))
                    .hint("nothing was changed"))
            }
            None => Err(Failure::error(format!("the image of that version of {name} is not in {scope}"))),
        }
    }
}

fn settings(args: &RefreshArgs) -> RefreshSettings {
    let seconds =
        |time: Option<std::time::Duration>| time.map(|time| u32::try_from(time.as_secs()).unwrap_or(u32::MAX));
    RefreshSettings {
        min_healthy: args.min_healthy,
        max_healthy: args.max_healthy,
        warmup_seconds: seconds(args.warmup),
        checkpoints: args.checkpoint.clone(),
        checkpoint_delay_seconds: seconds(args.checkpoint_delay),
        bake_seconds: seconds(args.bake),
        alarms: args.alarm.iter().map(|name| name.as_str().into()).collect(),
    }
}

/// Auto Scaling groups as they are listed.
type Groups = Vec<AutoScalingGroup>;
