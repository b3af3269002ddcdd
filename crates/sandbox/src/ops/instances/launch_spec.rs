//! What a request, a launch template or a launch configuration says about instances to start: all of them use the same
//! parameters, so that one reader reads them.

use amictl_model::Tags;
use compact_str::{CompactString, format_compact};

use crate::Fault;
use crate::ops::input::{mappings, tag_specification};
use crate::wire::Params;
use crate::world::{InstanceSettings, Mapping, MetadataOptions};

/// What is said about instances to start.
#[derive(Debug, Clone, Default)]
pub(crate) struct LaunchSpec {
    /// `ImageId`, as written.
    pub(crate) image: Option<String>,
    /// `InstanceType`.
    pub(crate) instance_type: Option<String>,
    /// `KeyName`.
    pub(crate) key_name: Option<CompactString>,
    /// `Placement.AvailabilityZone`.
    pub(crate) zone: Option<CompactString>,
    /// Names of security groups; ids stand in the settings.
    pub(crate) group_names: Vec<String>,
    /// Laid over the image's block devices.
    pub(crate) mappings: Vec<Mapping>,
    /// Tags of the instances, of their volumes, and of their Spot requests.
    pub(crate) tags: Tags,
    pub(crate) volume_tags: Tags,
    pub(crate) spot_tags: Tags,
    /// `InstanceMarketOptions.SpotOptions` of Spot Instances.
    pub(crate) spot: Option<Params>,
    /// Everything that goes into the instance as it is.
    pub(crate) settings: InstanceSettings,
}

/// Resources that tags may be given to when instances are started.
const TAGGED: &[&str] = &["instance", "volume", "network-interface", "spot-instances-request", "elastic-gpu"];

impl LaunchSpec {
    /// Reads the parameters of `RunInstances`, `LaunchTemplateData` and the like.
    pub(crate) fn decode(params: &Params) -> Result<Self, Fault> {
        for specification in params.structures("TagSpecification")? {
            let resource_type = specification.required("ResourceType")?;
            if !TAGGED.contains(&resource_type) {
                let resource_type: String = resource_type.chars().take(60).collect();
                let message = format!("'{resource_type}' is not a valid taggable resource type for this operation.");
                return Err(Fault::new("InvalidParameterValue", message));
            }
        }
        let (subnet, security_groups) = network(params)?;
        let placement = |name: &str| params.structure("Placement").and_then(|placement| placement.string(name));
        let spot = params.structure("InstanceMarketOptions").and_then(|options| {
            let is_spot = options.text("MarketType") == Some("spot");
            is_spot.then(|| options.structure("SpotOptions").cloned().unwrap_or_default())
        });
        let nested = |name: &str, member: &str| params.structure(name).map_or(Ok(false), |nested| nested.flag(member));
        let shutdown_behavior = params.string("InstanceInitiatedShutdownBehavior").unwrap_or_else(|| "stop".to_owned());
        if !["stop", "terminate"].contains(&shutdown_behavior.as_str()) {
            return Err(Fault::invalid_value("instanceInitiatedShutdownBehavior", &shutdown_behavior));
        }
        let settings = InstanceSettings {
            disable_api_termination: params.flag("DisableApiTermination")?,
            disable_api_stop: params.flag("DisableApiStop")?,
            shutdown_behavior: shutdown_behavior.into(),
            user_data: user_data(params.string("UserData"))?,
            ebs_optimized: params.flag("EbsOptimized")?,
            monitoring: nested("Monitoring", "Enabled")?,
            hibernation: nested("HibernationOptions", "Configured")?,
            enclave: nested("EnclaveOptions", "Enabled")?,
            profile_arn: params.structure("IamInstanceProfile").and_then(profile_arn),
            metadata: metadata(params.structure("MetadataOptions"))?,
            security_groups,
            subnet,
            tenancy: placement("Tenancy").map_or_else(|| "default".into(), CompactString::from),
            placement_group: placement("GroupName").map(CompactString::from),
            client_token: params.string("ClientToken").map(CompactString::from),
            cpu_credits: params
                .structure("CreditSpecification")
                .and_then(|credits| credits.string("CpuCredits"))
                .map(CompactString::from),
            ..InstanceSettings::default()
        };
        Ok(Self {
            image: params.string("ImageId"),
            instance_type: params.string("InstanceType"),
            key_name: params.string("KeyName").map(CompactString::from),
            zone: placement("AvailabilityZone").map(CompactString::from),
            group_names: params.texts("SecurityGroup")?,
            mappings: mappings(params)?,
            tags: tag_specification(params, "instance")?,
            volume_tags: tag_specification(params, "volume")?,
            spot_tags: tag_specification(params, "spot-instances-request")?,
            spot,
            settings,
        })
    }
}

/// A template's data with a request laid over it: what the request names wins; block devices and tags add up.
pub(crate) fn over_template(data: &Params, request: &Params) -> Params {
    let mut merged = data.overlaid(request);
    for name in ["BlockDeviceMapping", "TagSpecification"] {
        let (Ok(base), Ok(over)) = (data.structures(name), request.structures(name)) else { continue };
        if base.is_empty() || over.is_empty() {
            continue;
        }
        let mut list = Params::default();
        for (at, member) in base.into_iter().chain(over).enumerate() {
            list.put(&(at + 1).to_string(), member.clone());
        }
        merged.put(name, list);
    }
    merged
}

/// The subnet and the security groups, which stand at the instance or at its first network interface, never at both.
fn network(params: &Params) -> Result<(Option<CompactString>, Vec<CompactString>), Fault> {
    let compact = |texts: Vec<String>| texts.into_iter().map(CompactString::from).collect();
    let subnet = params.string("SubnetId");
    let groups = params.texts("SecurityGroupId")?;
    let interfaces = params.structures("NetworkInterface")?;
    let Some(interface) = interfaces.first() else {
        return Ok((subnet.map(CompactString::from), compact(groups)));
    };
    if subnet.is_some() || !groups.is_empty() {
        let what = if subnet.is_some() { "subnet ID" } else { "security groups" };
        let message =
            format!("Network interfaces and an instance-level {what} may not be specified on the same request");
        return Err(Fault::new("InvalidParameterCombination", message));
    }
    Ok((interface.string("SubnetId").map(CompactString::from), compact(interface.texts("SecurityGroupId")?)))
}

/// The ARN of an instance profile; one that is only named is taken to be the caller's, whose account is filled in later.
fn profile_arn(params: &Params) -> Option<Box<str>> {
    let named = |name: String| format!(":instance-profile/{name}");
    Some(params.string("Arn").or_else(|| params.string("Name").map(named))?.into_boxed_str())
}

fn metadata(params: Option<&Params>) -> Result<MetadataOptions, Fault> {
    let Some(params) = params else { return Ok(MetadataOptions::default()) };
    let default = MetadataOptions::default();
    let one_of = |name: &str, known: [&str; 2], default: &CompactString| match params.string(name) {
        None => Ok(default.clone()),
        Some(text) if known.contains(&text.as_str()) => Ok(CompactString::from(text)),
        Some(text) => Err(Fault::invalid_value(name, &text)),
    };
    let hop_limit = params.unsigned("HttpPutResponseHopLimit")?.unwrap_or(default.hop_limit);
    if !(1..=64).contains(&hop_limit) {
        return Err(Fault::invalid_value("HttpPutResponseHopLimit", &hop_limit.to_string()));
    }
    let enabled = ["enabled", "disabled"];
    Ok(MetadataOptions {
        http_tokens: one_of("HttpTokens", ["optional", "required"], &default.http_tokens)?,
        hop_limit,
        http_endpoint: one_of("HttpEndpoint", enabled, &default.http_endpoint)?,
        http_protocol_ipv6: one_of("HttpProtocolIpv6", enabled, &default.http_protocol_ipv6)?,
        instance_metadata_tags: one_of("InstanceMetadataTags", enabled, &default.instance_metadata_tags)?,
    })
}

/// User data in Base64, at most 16 KiB of it when decoded.
pub(crate) fn user_data(text: Option<String>) -> Result<Option<Box<str>>, Fault> {
    let Some(text) = text else { return Ok(None) };
    let digits = text.trim_end_matches('=');
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/\r\n".contains(&byte);
    if !digits.bytes().all(is_base64) || text.len() - digits.len() > 2 {
        return Err(Fault::new("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data."));
    }
    if digits.len() * 3 / 4 > 16 * 1024 {
        return Err(Fault::new("InvalidParameterValue", "User data is limited to 16384 bytes"));
    }
    Ok(Some(text.into_boxed_str()))
}

/// The parameters of a launch configuration as a launch template would have them.
pub(crate) fn of_configuration(request: &Params) -> Result<Params, Fault> {
    let mut data = Params::default();
    for name in ["ImageId", "InstanceType", "KeyName", "EbsOptimized", "UserData", "MetadataOptions"] {
        if let Some(member) = request.structure(name) {
            data.put(name, member.clone());
        }
    }
    for (sent, name) in [("BlockDeviceMappings", "BlockDeviceMapping"), ("InstanceMonitoring", "Monitoring")] {
        if let Some(member) = request.structure(sent) {
            data.put(name, member.structure("member").unwrap_or(member).clone());
        }
    }
    let groups = request.texts("SecurityGroups")?;
    let (ids, names): (Vec<String>, Vec<String>) = groups.into_iter().partition(|group| group.starts_with("sg-"));
    for (name, groups) in [("SecurityGroupId", ids), ("SecurityGroup", names)] {
        if !groups.is_empty() {
            data.set_all(name, &groups);
        }
    }
    if let Some(profile) = request.string("IamInstanceProfile") {
        let mut structure = Params::default();
        structure.set(if profile.starts_with("arn:") { "Arn" } else { "Name" }, &profile);
        data.put("IamInstanceProfile", structure);
    }
    if let Some(tenancy) = request.string("PlacementTenancy") {
        let mut placement = Params::default();
        placement.set("Tenancy", &tenancy);
        data.put("Placement", placement);
    }
    if let Some(price) = request.string("SpotPrice") {
        data.put("InstanceMarketOptions", spot_market(&price));
    }
    Ok(data)
}

/// `InstanceMarketOptions` of a Spot Instance at most at this price.
pub(crate) fn spot_market(price: &str) -> Params {
    let (mut options, mut market) = (Params::default(), Params::default());
    options.set("MaxPrice", price);
    market.set("MarketType", "spot");
    market.put("SpotOptions", options);
    market
}

/// The ARN of an instance profile with its account filled in.
pub(super) fn full_profile_arn(account: amictl_model::AccountId, arn: &str) -> CompactString {
    if arn.starts_with("arn:") { arn.into() } else { format_compact!("arn:aws:iam::{account}{arn}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::decode_form;

    fn params(form: &str) -> Params {
        decode_form(form.as_bytes()).unwrap()
    }

    #[test]
    fn a_request_wins_over_a_template_and_devices_and_tags_add_up() {
        let data = params(
            "ImageId=ami-00000001&InstanceType=t3.micro&BlockDeviceMapping.1.DeviceName=/dev/xvda&\
             TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=1",
        );
        let request = params(
            "InstanceType=m6i.large&BlockDeviceMapping.1.DeviceName=/dev/sdf&TagSpecification.1.ResourceType=instance&\
             TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=2",
        );
        let spec = LaunchSpec::decode(&over_template(&data, &request)).unwrap();
        assert_eq!((spec.image.as_deref(), spec.instance_type.as_deref()), (Some("ami-00000001"), Some("m6i.large")));
        assert_eq!(spec.mappings.len(), 2);
        assert_eq!(spec.tags.get("a"), Some("2"));
    }

    #[test]
    fn what_cannot_be_started_is_refused() {
        for (form, code) in [
            ("UserData=%25%25", "InvalidUserData.Malformed"),
            ("InstanceInitiatedShutdownBehavior=sleep", "InvalidParameterValue"),
            ("MetadataOptions.HttpTokens=maybe", "InvalidParameterValue"),
            ("MetadataOptions.HttpPutResponseHopLimit=65", "InvalidParameterValue"),
            ("SubnetId=subnet-1&NetworkInterface.1.DeviceIndex=0", "InvalidParameterCombination"),
            ("TagSpecification.1.ResourceType=image", "InvalidParameterValue"),
        ] {
            assert_eq!(LaunchSpec::decode(&params(form)).unwrap_err().code, code, "{form}");
        }
    }

    #[test]
    fn a_launch_configuration_reads_as_a_template() {
        let request = params(
            "ImageId=ami-00000001&SecurityGroups.member.1=sg-1&SecurityGroups.member.2=web&IamInstanceProfile=app&\
             BlockDeviceMappings.member.1.DeviceName=/dev/sdf&InstanceMonitoring.Enabled=true&SpotPrice=0.1",
        );
        let spec = LaunchSpec::decode(&of_configuration(&request).unwrap()).unwrap();
        assert_eq!((spec.settings.security_groups.len(), spec.group_names.len(), spec.mappings.len()), (1, 1, 1));
        assert!(spec.settings.monitoring && spec.spot.is_some());
        assert_eq!(spec.settings.profile_arn.as_deref(), Some(":instance-profile/app"));
    }
}
