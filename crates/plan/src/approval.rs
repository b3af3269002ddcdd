//! Approvals: who has looked at a plan and says that it may be carried out. Pure.
//!
//! An approval is of a digest, so it is of exactly what was looked at. It keeps people from acting alone and from mistakes; it is no signature: who
//! may write the state may write approvals.

use amictl_model::Moment;
use serde::{Deserialize, Serialize};

use crate::Plan;

/// The most characters of a comment.
pub const APPROVAL_COMMENT_MAX: usize = 1000;

/// That somebody approves a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// [`Plan::plan_id`].
    pub plan_id: String,
    /// [`Plan::digest`] of what was looked at.
    pub digest: String,
    /// The ARN of whoever approves it.
    pub approver: Box<str>,
    /// When.
    pub approved_at: Moment,
    /// What they had to say. Text from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Box<str>>,
}

/// How far a plan is approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    /// The ARNs of those whose approvals count, each person once, in the order of the approvals.
    pub by: Vec<Box<str>>,
    /// So many are needed.
    pub needed: usize,
}

impl Approved {
    /// Whether they are enough.
    #[must_use]
    pub fn is_enough(&self) -> bool {
        self.by.len() >= self.needed
    }
}

impl Plan {
    /// How many approvals it needs. Where it is not known who made it, that may be any one of those who approve it, so it takes one more.
    #[must_use]
    pub fn approvals_needed(&self) -> usize {
        let asked = self.approvals.map_or(0, |asked| usize::try_from(asked.get()).unwrap_or(usize::MAX));
        if asked > 0 && self.planned_by.is_none() { asked.saturating_add(1) } else { asked }
    }

    /// How far these approvals go: those that are of this very plan, by others than whoever made it, one a person.
    #[must_use]
    pub fn approved(&self, approvals: &[Approval]) -> Approved {
        let planner = self.planned_by.as_deref().map(person);
        let mut people: Vec<String> = Vec::new();
        let mut by: Vec<Box<str>> = Vec::new();
        for approval in approvals {
            let who = person(&approval.approver);
            let is_of_this = approval.plan_id == self.plan_id && approval.digest == self.digest;
            if is_of_this && planner.as_ref() != Some(&who) && !people.contains(&who) {
                people.push(who);
                by.push(approval.approver.clone());
            }
        }
        Approved { by, needed: self.approvals_needed() }
    }
}

/// How the roles begin that IAM Identity Center makes of its permission sets.
const IDENTITY_CENTER_ROLE: &str = "awsreservedsso_";

/// The SDKs end session names that nobody has chosen with the time, in so many digits at least.
const TIME_DIGITS_MIN: usize = 10;

/// The person behind an ARN: who may not approve twice.
///
/// The whole ARN, without the difference of capitals: of an assumed role that is its account, its name and the name of its session. Of a role
/// of IAM Identity Center it is the user's name alone, which no user chooses, whatever the account and the permission set. A session whose
/// name an SDK has made up of the time (`botocore-session-1764000000`) says nothing of a person, so it is the role alone.
#[must_use]
pub fn person(arn: &str) -> String {
    let arn = arn.to_ascii_lowercase();
    let of_role = arn.split_once(":assumed-role/").and_then(|(_, rest)| rest.split_once('/'));
    match of_role {
        Some((role, user)) if role.starts_with(IDENTITY_CENTER_ROLE) => format!("identity-center/{user}"),
        Some((_, session)) if is_made_up(session) => arn.strip_suffix(session).unwrap_or(&arn).to_owned(),
        _ => arn,
    }
}

fn is_made_up(session: &str) -> bool {
    let end = session.rsplit_once('-').map_or(session, |(_, end)| end);
    end.len() >= TIME_DIGITS_MIN && end.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_is_told_from_another() {
        let role = |name: &str| format!("arn:aws:sts::111122223333:assumed-role/{name}");
        for (one, other, is_same) in [
            ("arn:aws:iam::111122223333:user/ann", "arn:aws:iam::111122223333:user/Ann", true),
            ("arn:aws:iam::111122223333:user/ann", "arn:aws:iam::111122223333:user/bob", false),
            ("arn:aws:iam::111122223333:user/ann", "arn:aws:iam::444455556666:user/ann", false),
            (&role("Admin/ann"), &role("Admin/bob"), false),
            (&role("Admin/ann"), &role("Reader/ann"), false),
            (
                &role("AWSReservedSSO_Admin_0123456789abcdef/ann@example.com"),
                "arn:aws:sts::444455556666:assumed-role/AWSReservedSSO_Reader_fedcba9876543210/ann@example.com",
                true,
            ),
            (
                &role("AWSReservedSSO_Admin_0123456789abcdef/ann@example.com"),
                &role("AWSReservedSSO_Admin_0123456789abcdef/bob@example.com"),
                false,
            ),
            (&role("Admin/botocore-session-1764000000"), &role("Admin/assume-role-from-profile-1764000000123"), true),
            (&role("Admin/1764000000123456789"), &role("Admin/aws-go-sdk-1764000000123456789"), true),
            (&role("Admin/botocore-session-1764000000"), &role("Reader/botocore-session-1764000000"), false),
            (&role("Admin/ann-1"), &role("Admin/ann-2"), false),
            // No role of another name is taken for one of Identity Center.
            (&role("AWSReservedSSO_Admin_0123456789abcdef/ann"), &role("MyAWSReservedSSO_/ann"), false),
        ] {
            assert_eq!(person(one) == person(other), is_same, "{one} {other}");
        }
    }
}
