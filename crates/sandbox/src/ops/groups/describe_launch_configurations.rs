//! Auto Scaling `DescribeLaunchConfigurations`.

use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{Operation, OperationSpec, ops};
use amictl_model::{AccountId, Region};
use compact_str::CompactString;

use super::query_xml::write_as_sent;
use crate::ops::paged;
use crate::ops::{Ctx, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::LaunchConfiguration;
use crate::{Fault, World};

pub(crate) struct DescribeLaunchConfigurations;

#[derive(Default)]
pub(crate) struct DescribeLaunchConfigurationsInput {
    pub(crate) names: Vec<String>,
    pub(crate) limit: Option<usize>,
    pub(crate) token: Option<String>,
}

pub(crate) struct DescribeLaunchConfigurationsOutput {
    pub(crate) configurations: Vec<Arc<LaunchConfiguration>>,
    pub(crate) next_token: Option<String>,
    account: AccountId,
    region: Region,
}

impl Op for DescribeLaunchConfigurations {
    const SPEC: OperationSpec = <ops::DescribeLaunchConfigurations as Operation>::SPEC;
    type Input = DescribeLaunchConfigurationsInput;
    type Output = DescribeLaunchConfigurationsOutput;
    paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        Ok(DescribeLaunchConfigurationsInput {
            names: params.texts("LaunchConfigurationNames")?,
            limit: page::limit("maxRecords", params.integer("MaxRecords")?, 1..=100)?.or(Some(50)),
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let start = after.map_or(Bound::Unbounded, |name| Bound::Excluded(CompactString::from(name)));
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let page = page::fill(scope.configurations.range((start, Bound::Unbounded)), input.limit, |name, entry| {
            let takes = input.names.is_empty() || input.names.iter().any(|wanted| *wanted == ***name);
            takes.then(|| Arc::clone(entry))
        });
        let next_token = page.next.map(|name| page::token_after(ctx, Self::SPEC.name, name));
        Ok(DescribeLaunchConfigurationsOutput {
            configurations: page.items,
            next_token,
            account: ctx.account,
            region: ctx.region.clone(),
        })
    }
}

/// What is written as it was sent when the configuration was made.
const AS_SENT: &[&str] = &[
    "AssociatePublicIpAddress",
    "BlockDeviceMappings",
    "ClassicLinkVPCId",
    "ClassicLinkVPCSecurityGroups",
    "IamInstanceProfile",
    "InstanceMonitoring",
    "KernelId",
    "KeyName",
    "MetadataOptions",
    "PlacementTenancy",
    "RamdiskId",
    "SecurityGroups",
    "SpotPrice",
    "UserData",
];

impl Encode for DescribeLaunchConfigurationsOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("LaunchConfigurations", "member", &self.configurations, |xml, configuration| {
            xml.text("LaunchConfigurationName", &configuration.name);
            xml.text(
                "LaunchConfigurationARN",
                format!(
                    "arn:aws:autoscaling:{}:{}:launchConfiguration:{}:launchConfigurationName/{}",
                    self.region,
                    self.account,
                    configuration.created_at.as_millis(),
                    configuration.name
                ),
            );
            xml.text("ImageId", &configuration.image);
            xml.text("InstanceType", &configuration.instance_type);
            xml.time("CreatedTime", configuration.created_at);
            xml.text("EbsOptimized", configuration.request.text("EbsOptimized").unwrap_or("false"));
            for name in AS_SENT {
                if let Some(member) = configuration.request.structure(name) {
                    write_as_sent(xml, name, member);
                }
            }
        });
        xml.optional("NextToken", self.next_token.as_ref());
    }
}
