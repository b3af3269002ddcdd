//! The schedules of a policy: makes the images that are due, then the copies of what has been made.

use std::collections::BTreeMap;

use amictl_cloud::ops::{DescribeImages, DescribeImagesRequest, DescribeInstances, DescribeInstancesRequest, Instance};
use amictl_cloud::{Cloud, Clouds, for_each_page};
use amictl_model::{AccountId, Grantee, Image, Moment, Region, Scope};
use amictl_plan::{Change, CommandInput, CommandStep, Copying, Creation, Then, build_command};
use amictl_policy::{CopyTarget, Duration, SCHEDULE_TAG, Schedule, ScheduledInstance};
use amictl_state::Store;

use super::apply::carry_out_plan;
use super::life::{confirm, origin};
use crate::args::{Global, RunArgs};
use crate::clock::{new_id, wall_clock};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::session::Session;

/// How long a run waits for an image that it makes: those of large volumes take long the first time.
const WAIT_SECONDS: u64 = 3600;
const MINUTE_MILLIS: i64 = 60_000;

/// What making needs.
pub(crate) struct Making<'a> {
    pub(crate) global: &'a Global,
    pub(crate) state: &'a Store,
    pub(crate) session: &'a Session,
    pub(crate) schedules: &'a [Schedule],
    pub(crate) args: &'a RunArgs,
    pub(crate) terminal: &'a Terminal,
}

/// What was made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made {
    /// Images that were begun.
    pub(crate) images: u64,
    /// Copies that were begun.
    pub(crate) copies: u64,
    /// What came of all that.
    pub(crate) exit: Exit,
}

/// A change of one image, owned.
struct Due {
    scope: Scope,
    image: Image,
    change: Change,
}

/// The images of schedules, by account and Region.
type Images = BTreeMap<Scope, Vec<Image>>;

impl Making<'_> {
    /// Makes what is due at this time. What cannot be looked at, or be made, stops nothing else.
    pub(crate) async fn carry_out(&self, now: Moment) -> Result<Made, Failure> {
        let mut made = Made { images: 0, copies: 0, exit: Exit::Done };
        let scopes = self.session.scopes();
        let images = self.images_of(scopes.iter().cloned(), &mut made).await;
        let mut due = Vec::new();
        for scope in &scopes {
            let Some(of_scope) = images.get(scope) else { continue };
            match self.instances_of(scope).await {
                Ok(instances) => self.due_of(scope, &instances, of_scope, now, &mut due)?,
                Err(why) => self.lacks(&mut made, scope, &why),
            }
        }
        made.images = due.len() as u64;
        self.make(due, &mut made).await?;
        if made.exit == Exit::Interrupted {
            return Ok(made);
        }
        let copies = self.copies_due(&scopes, now, &mut made).await;
        made.copies = copies.len() as u64;
        self.make(copies, &mut made).await?;
        Ok(made)
    }

    /// The images that are due of the instances of one Region.
    fn due_of(
        &self,
        scope: &Scope,
        instances: &[Instance],
        images: &[Image],
        now: Moment,
        due: &mut Vec<Due>,
    ) -> Result<(), Failure> {
        for schedule in self.schedules {
            for instance in instances {
                let facts = ScheduledInstance {
                    id: &instance.id,
                    state: &instance.state,
                    launched_at: instance.launched_at,
                    tags: &instance.tags,
                };
                let Some(image) = schedule.due(&facts, images.iter(), now) else { continue };
                let then = Then {
                    tags: image.tags,
                    wait_seconds: WAIT_SECONDS,
                    share_with: schedule.share_with.iter().copied().map(Grantee::Account).collect(),
                    deprecate_at: schedule.deprecate_after.map(|after| in_time(now, after)),
                    protect: false,
                };
                let creation = Creation {
                    instance: instance.id.clone(),
                    name: image.name.into(),
                    description: None,
                    no_reboot: !schedule.reboot,
                    exclude_devices: Vec::new(),
                    then,
                };
                let change = Change::Create(creation);
                due.push(Due { scope: scope.clone(), image: origin(scope, instance)?, change });
            }
        }
        Ok(())
    }

    /// The copies that are due, of what there is by now.
    async fn copies_due(&self, scopes: &[Scope], now: Moment, made: &mut Made) -> Vec<Due> {
        if self.schedules.iter().all(|schedule| schedule.copy_to.is_empty()) {
            return Vec::new();
        }
        let targets = |schedule: &Schedule, account: AccountId| -> Vec<Scope> {
            schedule.copy_to.iter().map(|target| Scope { account, region: target.region.clone() }).collect()
        };
        let mut wanted: Vec<Scope> = scopes.to_vec();
        wanted.extend(scopes.iter().flat_map(|scope| {
            self.schedules.iter().flat_map(|schedule| targets(schedule, scope.account)).collect::<Vec<_>>()
        }));
        wanted.sort_unstable();
        wanted.dedup();
        let images = self.images_of(wanted.into_iter(), made).await;
        let mut due = Vec::new();
        for scope in scopes {
            let Some(here) = images.get(scope) else { continue };
            for schedule in self.schedules {
                for target in schedule.copy_to.iter().filter(|target| target.region != scope.region) {
                    let there = Scope { account: scope.account, region: target.region.clone() };
                    // What could not be looked at may hold the copy already.
                    let Some(copies) = images.get(&there) else { continue };
                    let of_target = schedule.copies_due(here, copies).into_iter();
                    due.extend(of_target.map(|image| copy(image, scope, target, there.clone(), now)));
                }
            }
        }
        due
    }

    /// The images of schedules in these Regions; one that cannot be looked at is missing.
    async fn images_of(&self, scopes: impl Iterator<Item = Scope>, made: &mut Made) -> Images {
        let mut images = Images::new();
        for scope in scopes {
            let Some(cloud) = self.session.of(scope.account) else { continue };
            match list_images(cloud, &scope.region).await {
                Ok(found) => {
                    images.insert(scope, found);
                }
                Err(why) => self.lacks(made, &scope, &why),
            }
        }
        images
    }

    async fn instances_of(&self, scope: &Scope) -> Result<Vec<Instance>, String> {
        let cloud = self.session.of(scope.account).ok_or("there are no credentials for it")?;
        let mut instances = Vec::new();
        let request = DescribeInstancesRequest { details: true, ..DescribeInstancesRequest::default() };
        let each = |page: amictl_cloud::ops::DescribeInstancesReply| instances.extend(page.instances);
        let (_, result) = for_each_page::<DescribeInstances>(cloud, &scope.region, request, each).await;
        result.map(|()| instances).map_err(|error| error.to_string())
    }

    /// Carries these changes out as one plan.
    async fn make(&self, due: Vec<Due>, made: &mut Made) -> Result<(), Failure> {
        if due.is_empty() {
            return Ok(());
        }
        for Due { scope, change, .. } in &due {
            match change {
                Change::Create(creation) => {
                    self.terminal.note(&format!("{scope}: {} is due of {}", creation.name, creation.instance));
                }
                Change::Copy(copying) => {
                    self.terminal.note(&format!("{scope}: a copy of {} from {} is due", copying.name, copying.from));
                }
                _ => {}
            }
        }
        if !self.args.yes {
            confirm(&format!("{} images will be made", due.len()))?;
        }
        let steps = due.iter().map(|due| CommandStep {
            account: due.scope.account,
            region: due.scope.region.clone(),
            image: &due.image,
            change: due.change.clone(),
        });
        let clock = wall_clock();
        let input = CommandInput { steps: steps.collect(), created_at: clock.now(), plan_id: new_id(&clock) };
        let plan = build_command(input);
        self.state.save_plan(&plan).await?;
        let args = RunArgs { yes: true, ..self.args.clone() };
        let applied = carry_out_plan(self.global, self.state, self.session, &plan, &args, self.terminal).await?;
        if applied.exit != Exit::Done {
            made.exit = applied.exit;
        }
        Ok(())
    }

    fn lacks(&self, made: &mut Made, scope: &Scope, why: &str) {
        self.terminal.note(&format!("{scope}: nothing is made there, as it could not be looked at: {why}"));
        made.exit = Exit::Partial;
    }
}

fn copy(image: &Image, from: &Scope, target: &CopyTarget, there: Scope, now: Moment) -> Due {
    let own = |(key, value): (&str, &str)| (!key.starts_with("aws:")).then(|| (key.to_owned(), value.to_owned()));
    let then = Then {
        tags: image.tags.iter().filter_map(own).collect(),
        wait_seconds: if target.deprecate_after.is_some() { WAIT_SECONDS } else { 0 },
        share_with: Vec::new(),
        deprecate_at: target.deprecate_after.map(|after| in_time(now, after)),
        protect: false,
    };
    let copying = Copying {
        of_step: None,
        from: from.region.clone(),
        name: (*image.name).into(),
        description: None,
        encrypted: target.encrypted,
        kms_key: target.kms_key.clone(),
        within_minutes: None,
        copy_tags: false,
        client_token: Box::default(),
        then,
    };
    Due { scope: there, image: image.clone(), change: Change::Copy(copying) }
}

async fn list_images(cloud: &dyn Cloud, region: &Region) -> Result<Vec<Image>, String> {
    let mut images = Vec::new();
    let request = DescribeImagesRequest::default();
    let (_, result) = for_each_page::<DescribeImages>(cloud, region, request, |page| {
        images.extend(page.images.into_iter().filter(|image| image.tags.get(SCHEDULE_TAG).is_some()));
    })
    .await;
    result.map(|()| images).map_err(|error| error.to_string())
}

/// A whole minute, as EC2 counts deprecations.
fn in_time(now: Moment, after: Duration) -> Moment {
    let at = now.plus_secs(after.as_secs()).as_millis();
    Moment::from_millis((at.div_euclid(MINUTE_MILLIS) + 1) * MINUTE_MILLIS)
}
