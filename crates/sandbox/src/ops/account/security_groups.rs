//! EC2 `CreateSecurityGroup`, `DescribeSecurityGroups` and `DeleteSecurityGroup`.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{AccountId, Region, Tags};
use compact_str::CompactString;

use crate::filter::Filters;
use crate::ops::input::{resource_id, tag_specification};
use crate::ops::paged;
use crate::ops::{Ctx, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::{InstanceState, SecurityGroup, default_security_group, default_vpc};
use crate::{Fault, World};

fn arn(account: AccountId, region: &Region, id: &str) -> String {
    format!("arn:aws:ec2:{region}:{account}:security-group/{id}")
}

/// The default group as it would be kept.
fn default_group(account: AccountId, region: &Region) -> SecurityGroup {
    SecurityGroup {
        id: default_security_group(account, region),
        name: "default".into(),
        description: "default VPC security group".into(),
        vpc: default_vpc(account, region).into(),
        tags: Tags::default(),
    }
}

pub(crate) struct CreateSecurityGroup;

pub(crate) struct CreateSecurityGroupInput {
    name: String,
    description: String,
    vpc: Option<String>,
    tags: Tags,
}

pub(crate) struct CreateSecurityGroupOutput {
    id: CompactString,
    arn: String,
    tags: Tags,
}

impl Op for CreateSecurityGroup {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CreateSecurityGroup");
    type Input = CreateSecurityGroupInput;
    type Output = CreateSecurityGroupOutput;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let (name, description) = (params.required("GroupName")?, params.required("GroupDescription")?);
        if name.len() > 255 || name.starts_with("sg-") {
            return Err(Fault::invalid_value("GroupName", name));
        }
        Ok(CreateSecurityGroupInput {
            name: name.to_owned(),
            description: description.to_owned(),
            vpc: params.string("VpcId"),
            tags: tag_specification(params, "security-group")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let vpc = default_vpc(ctx.account, &ctx.region);
        if let Some(id) = input.vpc.filter(|id| *id != vpc) {
            let id: String = id.chars().take(100).collect();
            return Err(Fault::new("InvalidVpcID.NotFound", format!("The vpc ID '{id}' does not exist")));
        }
        let scope = world.scope_mut(ctx.account, &ctx.region);
        if input.name == "default" || scope.security_groups.values().any(|group| *group.name == *input.name) {
            let message = format!("The security group '{}' already exists for VPC '{vpc}'", input.name);
            return Err(Fault::new("InvalidGroup.Duplicate", message));
        }
        ctx.commit()?;
        let group = SecurityGroup {
            id: world.new_id("sg-"),
            name: input.name.into(),
            description: input.description.into(),
            vpc: vpc.into(),
            tags: input.tags,
        };
        let output = CreateSecurityGroupOutput {
            id: group.id.clone(),
            arn: arn(ctx.account, &ctx.region, &group.id),
            tags: group.tags.clone(),
        };
        world.scope_mut(ctx.account, &ctx.region).security_groups.insert(group.id.clone(), Arc::new(group));
        Ok(output)
    }
}

impl Encode for CreateSecurityGroupOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.text("groupId", &self.id);
        xml.tag_set(&self.tags);
        xml.text("securityGroupArn", &self.arn);
    }
}

pub(crate) struct DeleteSecurityGroup;

pub(crate) struct DeletedGroup(CompactString);

impl Op for DeleteSecurityGroup {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "DeleteSecurityGroup");
    type Input = (Option<CompactString>, Option<String>);
    type Output = DeletedGroup;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let id = params.string("GroupId").map(|id| group_id(&id)).transpose()?;
        let name = params.string("GroupName");
        if id.is_none() && name.is_none() { Err(Fault::missing("GroupId")) } else { Ok((id, name)) }
    }

    fn run(world: &mut World, ctx: &Ctx, (id, name): Self::Input) -> Result<DeletedGroup, Fault> {
        let default = default_security_group(ctx.account, &ctx.region);
        let scope = world.scope_mut(ctx.account, &ctx.region);
        if id.as_ref() == Some(&default) || (id.is_none() && name.as_deref() == Some("default")) {
            let message = format!("the specified group: \"{default}\" name: \"default\" cannot be deleted by a user");
            return Err(Fault::new("CannotDelete", message));
        }
        let found = scope.security_groups.values().find(|group| match &id {
            Some(id) => group.id == *id,
            None => name.as_deref() == Some(&*group.name),
        });
        let id = found
            .map(|group| group.id.clone())
            .ok_or_else(|| no_group(id.as_deref().or(name.as_deref()).unwrap_or_default()))?;
        let is_used = scope.instances.values().any(|instance| {
            instance.state != InstanceState::Terminated && instance.settings.security_groups.contains(&id)
        });
        if is_used {
            return Err(Fault::new("DependencyViolation", format!("resource {id} has a dependent object")));
        }
        ctx.commit()?;
        scope.security_groups.remove(&id);
        Ok(DeletedGroup(id))
    }
}

impl Encode for DeletedGroup {
    fn encode(&self, xml: &mut Xml) {
        xml.value("return", true);
        xml.text("groupId", &self.0);
    }
}

fn group_id(id: &str) -> Result<CompactString, Fault> {
    resource_id(id, "sg-", "InvalidGroupId.Malformed")
}

fn no_group(group: &str) -> Fault {
    let group: String = group.chars().take(255).collect();
    Fault::new("InvalidGroup.NotFound", format!("The security group '{group}' does not exist"))
}

pub(crate) struct DescribeSecurityGroups;

pub(crate) struct DescribeSecurityGroupsInput {
    ids: Vec<CompactString>,
    names: Vec<String>,
    filters: Filters,
    limit: Option<usize>,
    token: Option<String>,
}

pub(crate) struct DescribeSecurityGroupsOutput {
    groups: Vec<SecurityGroup>,
    next_token: Option<String>,
    account: AccountId,
    region: Region,
}

impl Op for DescribeSecurityGroups {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeSecurityGroups");
    type Input = DescribeSecurityGroupsInput;
    type Output = DescribeSecurityGroupsOutput;
    paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let names = ["description", "group-id", "group-name", "owner-id", "tag-key", "vpc-id"];
        Ok(DescribeSecurityGroupsInput {
            ids: params.texts("GroupId")?.iter().map(|id| group_id(id)).collect::<Result<_, _>>()?,
            names: params.texts("GroupName")?,
            filters: Filters::decode(params, &names)?,
            limit: page::limit("maxResults", params.integer("MaxResults")?, 5..=1000)?,
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let mut groups: Vec<SecurityGroup> = vec![default_group(ctx.account, &ctx.region)];
        groups.extend(scope.security_groups.values().map(|group| SecurityGroup::clone(group)));
        groups.sort_by(|one, other| one.id.cmp(&other.id));
        if let Some(id) = input.ids.iter().find(|id| !groups.iter().any(|group| group.id == **id)) {
            return Err(no_group(id));
        }
        if let Some(name) = input.names.iter().find(|name| !groups.iter().any(|group| *group.name == ***name)) {
            return Err(no_group(name));
        }
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let later = groups
            .into_iter()
            .filter(|group| after.as_deref().is_none_or(|after| group.id.as_str() > after))
            .map(|group| (group.id.clone(), group));
        let page = page::fill(later, input.limit, |_, group| {
            let is_asked_for = (input.ids.is_empty() && input.names.is_empty())
                || input.ids.contains(&group.id)
                || input.names.iter().any(|name| **name == *group.name);
            let takes = input.filters.matches(&group.tags, |name, filter| match name {
                "description" => filter.takes(&group.description),
                "group-id" => filter.takes(&group.id),
                "group-name" => filter.takes(&group.name),
                "owner-id" => filter.takes_value(ctx.account),
                _ => filter.takes(&group.vpc),
            });
            (is_asked_for && takes).then_some(group)
        });
        Ok(DescribeSecurityGroupsOutput {
            groups: page.items,
            next_token: page.next.map(|id| page::token_after(ctx, Self::SPEC.name, &id)),
            account: ctx.account,
            region: ctx.region.clone(),
        })
    }
}

impl Encode for DescribeSecurityGroupsOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("securityGroupInfo", "item", &self.groups, |xml, group| {
            xml.value("ownerId", self.account);
            xml.text("groupId", &group.id);
            xml.text("groupName", &group.name);
            xml.text("groupDescription", &group.description);
            xml.text("vpcId", &group.vpc);
            xml.element("ipPermissions", |_| {});
            xml.element("ipPermissionsEgress", |_| {});
            xml.tag_set(&group.tags);
            xml.text("securityGroupArn", arn(self.account, &self.region, &group.id));
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}
