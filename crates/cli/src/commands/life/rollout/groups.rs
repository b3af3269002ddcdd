//! The Auto Scaling groups that use a launch template, and how.

use amictl_cloud::ops::{
    AutoScalingGroup, DescribeAutoScalingGroups, DescribeAutoScalingGroupsRequest, LaunchTemplate, LaunchTemplateUse,
};
use amictl_cloud::{Clouds, for_each_page};
use amictl_model::Scope;
use amictl_plan::{GroupVersion, RolloutGroup};

use super::Groups;
use crate::commands::life::templates::of_page;
use crate::exit::Failure;
use crate::session::Session;

/// All groups of an account and Region.
pub(super) async fn all(session: &Session, scope: &Scope) -> Result<Groups, Failure> {
    let mut groups = Vec::new();
    if let Some(cloud) = session.of(scope.account) {
        let request = DescribeAutoScalingGroupsRequest::default();
        let (_, result) = for_each_page::<DescribeAutoScalingGroups>(cloud, &scope.region, request, |page| {
            groups.extend(page.groups);
        })
        .await;
        result.map_err(|error| of_page(error, scope))?;
    }
    Ok(groups)
}

/// Those that use a template; where some were named, those of them.
pub(super) fn of_template(
    template: &LaunchTemplate,
    groups: &[AutoScalingGroup],
    names: &[String],
) -> Result<Vec<RolloutGroup>, Failure> {
    let mut found = Vec::new();
    for group in groups.iter().filter(|group| names.is_empty() || names.contains(&group.name)) {
        let uses = group
            .templates
            .iter()
            .filter(|used| used.place != LaunchTemplateUse::OF_INSTANCE && used.names(&template.id, &template.name));
        let uses: Vec<&LaunchTemplateUse> = uses.collect();
        if let Some(uses) = how(group, &uses)? {
            found.push(RolloutGroup { name: group.name.as_str().into(), uses, is_reversible: false });
        }
    }
    Ok(found)
}

/// Which version a group uses; a mixed instances policy must follow the template, as its version cannot be changed alone.
fn how(group: &AutoScalingGroup, uses: &[&LaunchTemplateUse]) -> Result<Option<GroupVersion>, Failure> {
    let mut found = None;
    for used in uses {
        let version = match used.version.as_deref() {
            None | Some("$Default") => GroupVersion::Default,
            Some("$Latest") => GroupVersion::Latest,
            Some(number) => match number.parse() {
                Ok(number) => GroupVersion::Pinned(number),
                Err(_) => {
                    let why = format!("group {} uses version {number:?} of the launch template", group.name);
                    return Err(Failure::error(why).hint("nothing was changed"));
                }
            },
        };
        if used.place != LaunchTemplateUse::OF_GROUP
            && let GroupVersion::Pinned(number) = version
        {
            return Err(Failure::refused(format!(
                "the mixed instances policy of group {} names version {number}, which a refresh would replace as a whole",
                group.name
            ))
            .hint("let it name $Default, or leave the group out with --group; nothing was changed"));
        }
        if found.is_some_and(|found| found != version) {
            let why = format!("the mixed instances policy of group {} names several versions", group.name);
            return Err(Failure::refused(why)
                .hint("let it name $Default, or leave the group out with --group; nothing was changed"));
        }
        found = Some(version);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(version: Option<&str>, place: &'static str) -> LaunchTemplateUse {
        LaunchTemplateUse {
            id: Some("lt-1".to_owned()),
            name: Some("web".to_owned()),
            version: version.map(str::to_owned),
            place,
        }
    }

    fn found(templates: Vec<LaunchTemplateUse>) -> Result<Vec<GroupVersion>, Failure> {
        let template =
            LaunchTemplate { id: "lt-1".to_owned(), name: "web".to_owned(), default_version: 1, latest_version: 2 };
        let group = AutoScalingGroup { name: "a".to_owned(), templates, ..AutoScalingGroup::default() };
        Ok(of_template(&template, &[group], &[])?.into_iter().map(|group| group.uses).collect())
    }

    #[test]
    fn a_group_uses_one_version_and_a_mixed_policy_must_follow_the_template() {
        let group = LaunchTemplateUse::OF_GROUP;
        for (version, expected) in [
            (None, GroupVersion::Default),
            (Some("$Default"), GroupVersion::Default),
            (Some("$Latest"), GroupVersion::Latest),
            (Some("7"), GroupVersion::Pinned(7)),
        ] {
            assert_eq!(found(vec![used(version, group)]).unwrap(), [expected]);
        }
        let mixed = "mixed instances policy";
        assert_eq!(found(vec![used(None, mixed), used(Some("$Default"), "x")]).unwrap(), [GroupVersion::Default]);
        // Its instances alone do not make it a user of the template.
        assert_eq!(found(vec![used(Some("1"), LaunchTemplateUse::OF_INSTANCE)]).unwrap(), []);
        for bad in [
            vec![used(Some("7"), mixed)],
            vec![used(None, mixed), used(Some("$Latest"), mixed)],
            vec![used(Some("seven"), group)],
        ] {
            assert!(found(bad).is_err());
        }
    }
}
