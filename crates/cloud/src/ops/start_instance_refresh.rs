use super::LaunchTemplateUse;
use crate::{Operation, OperationSpec, Service};

/// Auto Scaling `StartInstanceRefresh`. There is no client token; a group has one refresh at a time. Whoever names a launch template needs
/// what that template needs to launch (Auto Scaling User Guide, "Launch template support").
#[derive(Debug)]
pub struct StartInstanceRefresh;

/// The group and how its instances are replaced.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StartInstanceRefreshRequest {
    /// `AutoScalingGroupName`.
    pub group: String,
    /// `DesiredConfiguration.LaunchTemplate`: what the group starts instances from once the refresh has succeeded; `None` as it is.
    pub desired: Option<LaunchTemplateUse>,
    /// `Preferences`.
    pub preferences: RefreshPreferences,
}

/// `RefreshPreferences`; what is `None` or empty is not sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefreshPreferences {
    /// `MinHealthyPercentage`, 0 to 100.
    pub min_healthy: Option<u8>,
    /// `MaxHealthyPercentage`, 100 to 200; not without the former.
    pub max_healthy: Option<u8>,
    /// `InstanceWarmup`, in seconds.
    pub warmup_seconds: Option<u32>,
    /// `CheckpointPercentages`, ascending.
    pub checkpoints: Vec<u8>,
    /// `CheckpointDelay`, in seconds.
    pub checkpoint_delay_seconds: Option<u32>,
    /// `BakeTime`, in seconds.
    pub bake_seconds: Option<u32>,
    /// `AlarmSpecification.Alarms`: CloudWatch alarms that fail the refresh.
    pub alarms: Vec<String>,
    /// `SkipMatching`: instances that are as they should be already are not replaced.
    pub skip_matching: bool,
    /// `AutoRollback`: only with a desired configuration, and where neither version moves nor names a parameter.
    pub auto_rollback: bool,
}

impl Operation for StartInstanceRefresh {
    type Request = StartInstanceRefreshRequest;
    /// `InstanceRefreshId`.
    type Reply = String;
    const SPEC: OperationSpec = OperationSpec::mutating(Service::AutoScaling, "StartInstanceRefresh");
}
