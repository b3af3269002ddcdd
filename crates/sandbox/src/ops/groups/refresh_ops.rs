//! Auto Scaling `StartInstanceRefresh`, `CancelInstanceRefresh` and `RollbackInstanceRefresh`.

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;

use super::activities::uuid;
use super::create_group::group_of;
use super::group_input::launch_source;
use super::group_start::LaunchSource;
use super::refresh::{advance, roll_back, target, to_replace};
use crate::ops::templates::template_lookup::{TemplateName, TemplateRef, template_version};
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::{DesiredConfiguration, Group, GroupTemplate, Refresh, RefreshPhase};
use crate::{Fault, World};

pub(crate) struct RefreshId(CompactString);

impl Encode for RefreshId {
    fn encode(&self, xml: &mut Xml) {
        xml.text("InstanceRefreshId", &self.0);
    }
}

pub(crate) struct StartInstanceRefresh;

pub(crate) struct StartInstanceRefreshInput {
    group: String,
    desired: Option<Params>,
    preferences: Params,
}

impl Op for StartInstanceRefresh {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::AutoScaling, "StartInstanceRefresh");
    type Input = StartInstanceRefreshInput;
    type Output = RefreshId;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        match params.text("Strategy") {
            None | Some("" | "Rolling") => {}
            Some(other) => return Err(Fault::invalid_value("Strategy", other)),
        }
        let preferences = params.structure("Preferences").cloned().unwrap_or_default();
        for (name, most) in [("MinHealthyPercentage", 100), ("InstanceWarmup", 86_400), ("CheckpointDelay", 172_800)] {
            if let Some(number) = preferences.integer(name)?.filter(|number| !(0..=most).contains(number)) {
                return Err(Fault::invalid_value(name, &number.to_string()));
            }
        }
        if let Some(most) = preferences.integer("MaxHealthyPercentage")?
            && (!(100..=200).contains(&most) || preferences.integer("MinHealthyPercentage")?.is_none())
        {
            return Err(Fault::validation(
                "MaxHealthyPercentage must be between 100 and 200, and requires MinHealthyPercentage.",
            ));
        }
        for percentage in preferences.texts("CheckpointPercentages")? {
            if !percentage.parse::<u32>().is_ok_and(|percentage| (1..=100).contains(&percentage)) {
                return Err(Fault::invalid_value("CheckpointPercentages", &percentage));
            }
        }
        preferences.flag("SkipMatching")?;
        if preferences.flag("AutoRollback")? && params.structure("DesiredConfiguration").is_none() {
            return Err(Fault::validation("A desired configuration is required to use AutoRollback."));
        }
        Ok(StartInstanceRefreshInput {
            group: params.required("AutoScalingGroupName")?.to_owned(),
            desired: params.structure("DesiredConfiguration").cloned(),
            preferences,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<RefreshId, Fault> {
        let mut group = Group::clone(&*group_of(world, ctx, &input.group)?);
        if group.course.refreshes.last().is_some_and(Refresh::is_active) {
            let message = format!("An instance refresh is already in progress for the group {}", group.name);
            return Err(Fault::new("InstanceRefreshInProgress", message));
        }
        let desired = match &input.desired {
            Some(desired) => {
                let source = launch_source(world, ctx, desired)?.filter(|source| source.launch_configuration.is_none());
                let LaunchSource { template, mixed, .. } = source.ok_or_else(|| {
                    Fault::validation(
                        "The desired configuration must have a launch template or a mixed instances policy.",
                    )
                })?;
                Some(DesiredConfiguration { template, mixed })
            }
            None => None,
        };
        if input.preferences.flag("AutoRollback")? {
            require_reversible(world, ctx, &group)?;
        }
        let id = uuid(world);
        let mut refresh = Refresh {
            id: id.clone(),
            started_at: ctx.now,
            ended_at: None,
            preferences: input.preferences,
            desired,
            total: 0,
            waiting: Vec::new(),
            started: Vec::new(),
            batch: 1,
            phase: RefreshPhase::Replacing,
            next_at: ctx.now.plus_secs(world.pace.task_secs.into()),
            reason: None,
            rollback: None,
        };
        let source = target(&group, &refresh);
        refresh.waiting = to_replace(world, ctx, &group, &source, refresh.preferences.flag("SkipMatching")?);
        refresh.total = u32::try_from(refresh.waiting.len()).unwrap_or(u32::MAX);
        refresh.batch = batch(group.instances.len(), &refresh.preferences)?;
        group.course.refreshes.push(refresh);
        let name = group.name.clone();
        world.scope_mut(ctx.account, &ctx.region).put_group(group);
        advance(world, ctx, &name);
        Ok(RefreshId(id))
    }
}

/// Instances that may be out of service at once: at least one.
fn batch(instances: usize, preferences: &Params) -> Result<u32, Fault> {
    let healthy = preferences.unsigned("MinHealthyPercentage")?.unwrap_or(90).min(100);
    let instances = u32::try_from(instances).unwrap_or(u32::MAX);
    Ok((instances.saturating_mul(100 - healthy) / 100).max(1))
}

/// The refresh of a group that goes on.
fn active_of(group: &Group) -> Result<&Refresh, Fault> {
    group.course.refreshes.last().filter(|refresh| refresh.is_active()).ok_or_else(|| {
        let message = format!("No in progress or pending Instance Refresh found for Auto Scaling group {}", group.name);
        Fault::new("ActiveInstanceRefreshNotFound", message)
    })
}

/// A group goes back only to what is certain: no launch template whose version moves, or whose image is what a parameter names.
fn require_reversible(world: &World, ctx: &Ctx, group: &Group) -> Result<(), Fault> {
    let names_parameter = |template: &GroupTemplate| {
        let reference = TemplateRef {
            name: TemplateName::Id(template.id.clone()),
            version: template.version.as_deref().map(Into::into),
        };
        template_version(world, ctx, &reference)
            .is_ok_and(|(_, version)| version.data.image().is_some_and(|image| image.starts_with("resolve:ssm:")))
    };
    let mut all = group.template.iter().chain(group.mixed.as_ref().map(|mixed| &mixed.template));
    if all.any(names_parameter) {
        return Err(Fault::new(
            "IrreversibleInstanceRefresh",
            "The Auto Scaling group uses a launch template with a Systems Manager parameter and cannot be rolled back.",
        ));
    }
    let templates = group.template.iter().chain(group.mixed.as_ref().map(|mixed| &mixed.template));
    let moves = |version: Option<&CompactString>| version.is_none_or(|version| version.starts_with('$'));
    if templates.into_iter().any(|template| moves(template.version.as_ref())) {
        return Err(Fault::new(
            "IrreversibleInstanceRefresh",
            "The Auto Scaling group uses a launch template with the $Latest or $Default version and cannot be rolled back.",
        ));
    }
    Ok(())
}

pub(crate) struct CancelInstanceRefresh;

impl Op for CancelInstanceRefresh {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::AutoScaling, "CancelInstanceRefresh");
    type Input = String;
    type Output = RefreshId;

    fn decode(params: &Params) -> Result<String, Fault> {
        params.flag("WaitForTransitioningInstances")?;
        Ok(params.required("AutoScalingGroupName")?.to_owned())
    }

    fn run(world: &mut World, ctx: &Ctx, name: String) -> Result<RefreshId, Fault> {
        change(world, ctx, &name, |world, _, refresh| {
            refresh.phase = RefreshPhase::Cancelling;
            refresh.reason = Some("Cancelled due to user request.".into());
            refresh.next_at = ctx.now.plus_secs(world.pace.instance_secs.into());
            Ok(())
        })
    }
}

pub(crate) struct RollbackInstanceRefresh;

impl Op for RollbackInstanceRefresh {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::AutoScaling, "RollbackInstanceRefresh");
    type Input = String;
    type Output = RefreshId;

    fn decode(params: &Params) -> Result<String, Fault> {
        Ok(params.required("AutoScalingGroupName")?.to_owned())
    }

    fn run(world: &mut World, ctx: &Ctx, name: String) -> Result<RefreshId, Fault> {
        change(world, ctx, &name, |world, group, refresh| {
            if refresh.desired.is_none() {
                let message = "The instance refresh has no desired configuration and cannot be rolled back.";
                return Err(Fault::new("IrreversibleInstanceRefresh", message));
            }
            require_reversible(world, ctx, group)?;
            if refresh.phase != RefreshPhase::RollingBack {
                roll_back(world, ctx, refresh, "Rollback initiated by user request.");
            }
            Ok(())
        })
    }
}

/// Changes the refresh that goes on, and goes on with it.
fn change(
    world: &mut World,
    ctx: &Ctx,
    name: &str,
    change: impl FnOnce(&World, &Group, &mut Refresh) -> Result<(), Fault>,
) -> Result<RefreshId, Fault> {
    let mut group = Group::clone(&*group_of(world, ctx, name)?);
    let mut refresh = active_of(&group)?.clone();
    change(world, &group, &mut refresh)?;
    let id = refresh.id.clone();
    if let Some(last) = group.course.refreshes.last_mut() {
        *last = refresh;
    }
    let name = group.name.clone();
    world.scope_mut(ctx.account, &ctx.region).put_group(group);
    advance(world, ctx, &name);
    Ok(RefreshId(id))
}

#[cfg(test)]
mod tests {
    use amictl_cloud::Service;

    use crate::ops::story::{TestWorld, first};

    /// A group of four instances of a template's first version; its second version has another image.
    fn group_of_four() -> (TestWorld, String, String) {
        let test = TestWorld::new().paced();
        let (old, new) = (test.image("old"), test.image("new"));
        let data = |image: &str| format!("LaunchTemplateName=web&LaunchTemplateData.ImageId={image}");
        test.ec2("CreateLaunchTemplate", &data(&old));
        test.ec2("CreateLaunchTemplateVersion", &data(&new));
        test.group(
            "CreateAutoScalingGroup",
            "AutoScalingGroupName=web&MinSize=4&MaxSize=8&AvailabilityZones.member.1=us-east-1a&\
             AvailabilityZones.member.2=us-east-1b&LaunchTemplate.LaunchTemplateName=web&LaunchTemplate.Version=1",
        );
        (test, old, new)
    }

    const START: &str = "AutoScalingGroupName=web&DesiredConfiguration.LaunchTemplate.LaunchTemplateName=web&\
                         DesiredConfiguration.LaunchTemplate.Version=2&Preferences.MinHealthyPercentage=50";

    fn refresh(test: &TestWorld, element: &str) -> String {
        let reply = test.group("DescribeInstanceRefreshes", "AutoScalingGroupName=web");
        first(&reply, element).unwrap_or_else(|| panic!("no {element}: {reply}")).to_owned()
    }

    fn running(test: &TestWorld, image: &str) -> usize {
        let form = format!(
            "Filter.1.Name=image-id&Filter.1.Value.1={image}&Filter.2.Name=instance-state-name&\
             Filter.2.Value.1=running&Filter.2.Value.2=pending"
        );
        test.ec2("DescribeInstances", &form).matches("<instanceId>").count()
    }

    fn code(test: &TestWorld, action: &str, form: &str) -> String {
        test.call(Service::AutoScaling, action, form).unwrap_err().code.into_owned()
    }

    #[test]
    fn a_refresh_replaces_the_instances_batch_by_batch() {
        let (mut test, old, new) = group_of_four();
        test.pass_secs(30);
        test.group("StartInstanceRefresh", START);
        assert_eq!(refresh(&test, "Status"), "Pending");
        assert_eq!(code(&test, "StartInstanceRefresh", START), "InstanceRefreshInProgress");
        test.pass_secs(59);
        assert_eq!((refresh(&test, "Status").as_str(), running(&test, &new)), ("InProgress", 0));
        test.pass_secs(1);
        assert_eq!((running(&test, &old), running(&test, &new)), (2, 2));
        assert_eq!(
            (refresh(&test, "PercentageComplete").as_str(), refresh(&test, "InstancesToUpdate").as_str()),
            ("50", "2")
        );
        test.pass_secs(60);
        assert_eq!((running(&test, &old), running(&test, &new)), (0, 4));
        assert_eq!(
            (refresh(&test, "Status").as_str(), refresh(&test, "PercentageComplete").as_str()),
            ("Successful", "100")
        );
        let group = test.group("DescribeAutoScalingGroups", "");
        assert!(first(&group, "LaunchTemplate").is_some() && group.contains("<Version>2</Version>"), "{group}");
        assert_eq!(code(&test, "CancelInstanceRefresh", "AutoScalingGroupName=web"), "ActiveInstanceRefreshNotFound");
    }

    #[test]
    fn a_rollback_puts_back_what_was_replaced() {
        let (mut test, old, new) = group_of_four();
        test.group("StartInstanceRefresh", START);
        test.pass_secs(60);
        assert_eq!((running(&test, &old), running(&test, &new)), (2, 2));
        test.group("RollbackInstanceRefresh", "AutoScalingGroupName=web");
        assert_eq!(refresh(&test, "Status"), "RollbackInProgress");
        assert_eq!(refresh(&test, "PercentageCompleteOnRollback"), "50");
        test.pass_secs(60);
        assert_eq!((refresh(&test, "Status").as_str(), running(&test, &old)), ("RollbackSuccessful", 4));
        assert!(!test.group("DescribeAutoScalingGroups", "").contains("<Version>2</Version>"));
    }

    #[test]
    fn a_cancelled_refresh_leaves_what_it_did() {
        let (mut test, old, new) = group_of_four();
        test.group("StartInstanceRefresh", START);
        test.pass_secs(60);
        test.group("CancelInstanceRefresh", "AutoScalingGroupName=web");
        assert_eq!(refresh(&test, "Status"), "Cancelling");
        test.pass_secs(600);
        assert_eq!(
            (refresh(&test, "Status").as_str(), running(&test, &old), running(&test, &new)),
            ("Cancelled", 2, 2)
        );
    }

    #[test]
    fn a_refresh_to_an_image_that_is_disabled_fails_or_rolls_back() {
        let (mut test, old, new) = group_of_four();
        test.group("StartInstanceRefresh", &format!("{START}&Preferences.AutoRollback=true"));
        test.pass_secs(60);
        test.ec2("DisableImage", &format!("ImageId={new}"));
        test.pass_secs(60);
        assert_eq!(refresh(&test, "Status"), "RollbackInProgress");
        assert!(refresh(&test, "StatusReason").contains("disabled"), "{}", refresh(&test, "StatusReason"));
        test.pass_secs(60);
        assert_eq!((refresh(&test, "Status").as_str(), running(&test, &old)), ("RollbackSuccessful", 4));
        // Without a desired configuration there is nothing to go back to.
        test.ec2("DisableImage", &format!("ImageId={old}"));
        test.group("StartInstanceRefresh", "AutoScalingGroupName=web");
        assert_eq!(code(&test, "RollbackInstanceRefresh", "AutoScalingGroupName=web"), "IrreversibleInstanceRefresh");
        test.pass_secs(60);
        assert_eq!(refresh(&test, "Status"), "Failed");
        let activities = test.group("DescribeScalingActivities", "AutoScalingGroupName=web");
        assert_eq!(first(&activities, "StatusCode"), Some("Failed"), "{activities}");
    }

    #[test]
    fn a_refresh_waits_at_its_checkpoints() {
        let (mut test, _, new) = group_of_four();
        let form = "Preferences.CheckpointPercentages.member.1=25&Preferences.CheckpointDelay=600";
        test.group("StartInstanceRefresh", &format!("{START}&{form}"));
        test.pass_secs(60);
        assert_eq!((refresh(&test, "PercentageComplete").as_str(), running(&test, &new)), ("25", 1));
        test.pass_secs(600);
        assert_eq!(running(&test, &new), 1);
        test.pass_secs(60);
        assert_eq!(running(&test, &new), 3);
        test.pass_secs(60);
        assert_eq!(refresh(&test, "Status"), "Successful");
    }

    #[test]
    fn matching_instances_are_skipped() {
        let (mut test, old, _) = group_of_four();
        test.group("StartInstanceRefresh", "AutoScalingGroupName=web&Preferences.SkipMatching=true");
        test.pass_secs(60);
        assert_eq!(
            (refresh(&test, "Status").as_str(), refresh(&test, "InstancesToUpdate").as_str()),
            ("Successful", "0")
        );
        assert_eq!(running(&test, &old), 4);
    }

    #[test]
    fn what_a_parameter_decides_on_is_not_rolled_back() {
        let (test, old, _) = group_of_four();
        test.change(|scope| {
            scope.put_parameter("/golden", &old);
        });
        let data = "LaunchTemplateName=web&LaunchTemplateData.ImageId=resolve:ssm:/golden";
        test.ec2("CreateLaunchTemplateVersion", data);
        test.group(
            "UpdateAutoScalingGroup",
            "AutoScalingGroupName=web&LaunchTemplate.LaunchTemplateName=web&LaunchTemplate.Version=3",
        );
        let rolling_back = format!("{START}&Preferences.AutoRollback=true");
        assert_eq!(code(&test, "StartInstanceRefresh", &rolling_back), "IrreversibleInstanceRefresh");
        test.group("StartInstanceRefresh", START);
        assert_eq!(code(&test, "RollbackInstanceRefresh", "AutoScalingGroupName=web"), "IrreversibleInstanceRefresh");
    }

    #[test]
    fn wrong_preferences_are_refused() {
        let (test, ..) = group_of_four();
        for form in [
            "Strategy=Blue",
            "Preferences.MinHealthyPercentage=101",
            "Preferences.AutoRollback=true",
            "Preferences.MaxHealthyPercentage=110",
            "DesiredConfiguration.LaunchTemplate.LaunchTemplateName=none",
        ] {
            assert_eq!(
                code(&test, "StartInstanceRefresh", &format!("AutoScalingGroupName=web&{form}")),
                "ValidationError"
            );
        }
        assert_eq!(code(&test, "StartInstanceRefresh", "AutoScalingGroupName=none"), "ValidationError");
    }
}
