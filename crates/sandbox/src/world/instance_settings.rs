//! How an instance was started, and what was changed about it since.

use std::sync::Arc;

use amictl_model::Moment;
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::ImageTraits;

/// How an instance was started, and what was changed about it since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceSettings {
    /// What its image was like.
    pub traits: Arc<ImageTraits>,
    /// `DisableApiTermination`.
    pub disable_api_termination: bool,
    /// `DisableApiStop`.
    pub disable_api_stop: bool,
    /// `InstanceInitiatedShutdownBehavior`: `stop` or `terminate`.
    pub shutdown_behavior: CompactString,
    /// `UserData`, in Base64 as it was sent.
    pub user_data: Option<Box<str>>,
    /// `EbsOptimized`.
    pub ebs_optimized: bool,
    /// `Monitoring.Enabled`.
    pub monitoring: bool,
    /// `SourceDestCheck`.
    pub source_dest_check: bool,
    /// `HibernationOptions.Configured`.
    pub hibernation: bool,
    /// `EnclaveOptions.Enabled`.
    pub enclave: bool,
    /// `IamInstanceProfile`: its ARN.
    pub profile_arn: Option<Box<str>>,
    /// `MetadataOptions`.
    pub metadata: MetadataOptions,
    /// Security group ids; none are the default group.
    pub security_groups: Vec<CompactString>,
    /// `SubnetId`; none is the default subnet of its zone.
    pub subnet: Option<CompactString>,
    /// `Placement.Tenancy`.
    pub tenancy: CompactString,
    /// `Placement.GroupName`.
    pub placement_group: Option<CompactString>,
    /// `ClientToken`.
    pub client_token: Option<CompactString>,
    /// `SpotInstanceRequestId` of a Spot Instance.
    pub spot_request: Option<CompactString>,
    /// `CreditSpecification.CpuCredits`.
    pub cpu_credits: Option<CompactString>,
    /// `MaintenanceOptions.AutoRecovery`.
    pub auto_recovery: CompactString,
    /// When it was first launched, if it has been started again since.
    #[serde(default)]
    pub first_launched_at: Option<Moment>,
    /// `StateTransitionReason` and `StateReason` of an instance that was stopped or terminated.
    pub transition: Option<Transition>,
}

/// Why and when an instance was stopped or terminated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// When it was asked for.
    pub at: Moment,
    /// `StateReason.Code`.
    pub code: CompactString,
    /// `StateReason.Message`.
    pub message: Box<str>,
}

/// `MetadataOptions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataOptions {
    /// `HttpTokens`.
    pub http_tokens: CompactString,
    /// `HttpPutResponseHopLimit`.
    pub hop_limit: u32,
    /// `HttpEndpoint`.
    pub http_endpoint: CompactString,
    /// `HttpProtocolIpv6`.
    pub http_protocol_ipv6: CompactString,
    /// `InstanceMetadataTags`.
    pub instance_metadata_tags: CompactString,
}

impl Default for MetadataOptions {
    fn default() -> Self {
        Self {
            http_tokens: "optional".into(),
            hop_limit: 1,
            http_endpoint: "enabled".into(),
            http_protocol_ipv6: "disabled".into(),
            instance_metadata_tags: "disabled".into(),
        }
    }
}

impl Default for InstanceSettings {
    fn default() -> Self {
        Self {
            traits: Arc::default(),
            disable_api_termination: false,
            disable_api_stop: false,
            shutdown_behavior: "stop".into(),
            user_data: None,
            ebs_optimized: false,
            monitoring: false,
            source_dest_check: true,
            hibernation: false,
            enclave: false,
            profile_arn: None,
            metadata: MetadataOptions::default(),
            security_groups: Vec::new(),
            subnet: None,
            tenancy: "default".into(),
            placement_group: None,
            client_token: None,
            spot_request: None,
            cpu_credits: None,
            auto_recovery: "default".into(),
            first_launched_at: None,
            transition: None,
        }
    }
}
