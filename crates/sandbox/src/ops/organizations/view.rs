//! The organization as a caller may see it, and how its parts look on the wire.

use amictl_model::AccountId;
use serde_json::{Value, json};

use crate::ops::Ctx;
use crate::wire::epoch_secs;
use crate::world::{Member, Membership, Organization};
use crate::{Fault, World};

/// The organization that the caller is in.
pub(super) fn joined(world: &World, ctx: &Ctx) -> Result<Organization, Fault> {
    let organization = world.organization().map(std::borrow::Cow::into_owned);
    let mut organization = organization.ok_or_else(not_in_use)?;
    if world.membership == Membership::Everyone && !organization.accounts.contains_key(&ctx.account) {
        let member = Member::new(&format!("account {}", ctx.account), &organization.root, ctx.now);
        organization.accounts.insert(ctx.account, member);
    }
    if organization.accounts.contains_key(&ctx.account) { Ok(organization) } else { Err(not_in_use()) }
}

/// The same for a caller that manages it, or may read it as a delegate.
pub(super) fn readable(world: &World, ctx: &Ctx) -> Result<Organization, Fault> {
    let organization = joined(world, ctx)?;
    if ctx.account == organization.management || organization.delegated.contains(&ctx.account) {
        return Ok(organization);
    }
    Err(denied())
}

/// The organization that the caller manages, to change it.
pub(super) fn managed<'a>(world: &'a mut World, ctx: &Ctx) -> Result<&'a mut Organization, Fault> {
    if joined(world, ctx)?.management != ctx.account {
        return Err(denied());
    }
    world.organization_mut().ok_or_else(not_in_use)
}

fn not_in_use() -> Fault {
    Fault::new("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
}

fn denied() -> Fault {
    Fault::new("AccessDeniedException", "You don't have permissions to access this resource.")
}

/// `ParentNotFoundException`.
pub(super) fn no_parent() -> Fault {
    Fault::new("ParentNotFoundException", "You specified parent that doesn't exist.")
}

/// `AccountNotFoundException`.
pub(super) fn no_account() -> Fault {
    Fault::new("AccountNotFoundException", "You specified an account that doesn't exist.")
}

/// `InvalidInputException`.
pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("InvalidInputException", message)
}

/// `Account`.
pub(super) fn account(organization: &Organization, id: AccountId, member: &Member) -> Value {
    json!({
        "Id": id.to_string(),
        "Arn": organization.arn_of(&id.to_string()),
        "Email": member.email,
        "Name": member.name,
        "Status": if member.is_suspended { "SUSPENDED" } else { "ACTIVE" },
        "State": if member.is_suspended { "SUSPENDED" } else { "ACTIVE" },
        "JoinedMethod": if member.was_created { "CREATED" } else { "INVITED" },
        "JoinedTimestamp": epoch_secs(member.joined_at),
    })
}

/// `OrganizationalUnit`.
pub(super) fn unit(organization: &Organization, id: &str, name: &str) -> Value {
    json!({"Id": id, "Arn": organization.arn_of(id), "Name": name})
}

/// `Organization`.
pub(super) fn whole(organization: &Organization) -> Value {
    let management = organization.accounts.get(&organization.management);
    json!({
        "Id": organization.id,
        "Arn": organization.arn(),
        "FeatureSet": "ALL",
        "MasterAccountArn": organization.arn_of(&organization.management.to_string()),
        "MasterAccountId": organization.management.to_string(),
        "MasterAccountEmail": management.map_or("root@example.com", |member| member.email.as_str()),
        "AvailablePolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}],
    })
}

#[cfg(test)]
mod tests {
    use amictl_model::Moment;

    use super::*;

    fn ctx(account: &str) -> Ctx {
        Ctx::at(account.parse().unwrap(), "us-east-1".parse().unwrap(), Moment::from_secs(1))
    }

    #[test]
    fn only_who_manages_or_is_delegated_may_read() {
        let mut world = World::new(1);
        let (manager, other) = (ctx("123456789012"), ctx("222222222222"));
        world.scope_mut(manager.account, &manager.region);
        world.scope_mut(other.account, &other.region);
        assert!(readable(&world, &manager).is_ok() && joined(&world, &other).is_ok());
        assert_eq!(readable(&world, &other).unwrap_err().code, "AccessDeniedException");
        assert_eq!(managed(&mut world, &other).unwrap_err().code, "AccessDeniedException");
        managed(&mut world, &manager).unwrap().delegated.insert(other.account);
        assert!(readable(&world, &other).is_ok());
        assert_eq!(joined(&world, &ctx("333333333333")).unwrap_err().code, "AWSOrganizationsNotInUseException");
        world.membership = Membership::Nobody;
        assert_eq!(readable(&world, &manager).unwrap_err().code, "AWSOrganizationsNotInUseException");
    }
}
