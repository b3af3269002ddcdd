//! The port's operations on the account's settings and on the Recycle Bin's rules.

use amictl_cloud::ops::{
    GetAllowedImagesSettings, GetAllowedImagesSettingsRequest, GetImageBlockPublicAccessState,
    GetImageBlockPublicAccessStateRequest, GetRule, GetRuleRequest, ListRules, ListRulesReply, ListRulesRequest,
    RegionSetting, RetentionRule, RuleTag,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::Region;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::InProcess;
use super::asked::{items, number, said, text};

type Answer<'a, T> = BoxFuture<'a, Result<T, CloudError>>;

impl Call<GetAllowedImagesSettings> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, _: GetAllowedImagesSettingsRequest) -> Answer<'a, RegionSetting> {
        async move {
            let reply = self.ask::<GetAllowedImagesSettings>(region, json!({})).await?;
            Ok(RegionSetting { state: said(&reply, "state"), managed_by: text(&reply, "managedBy") })
        }
        .boxed()
    }
}

impl Call<GetImageBlockPublicAccessState> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, _: GetImageBlockPublicAccessStateRequest) -> Answer<'a, RegionSetting> {
        async move {
            let reply = self.ask::<GetImageBlockPublicAccessState>(region, json!({})).await?;
            Ok(RegionSetting {
                state: said(&reply, "imageBlockPublicAccessState"),
                managed_by: text(&reply, "managedBy"),
            })
        }
        .boxed()
    }
}

impl Call<ListRules> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: ListRulesRequest) -> Answer<'a, ListRulesReply> {
        async move {
            let members = json!({
                "ResourceType": request.resource_type,
                "MaxResults": 1000,
                "NextToken": request.next_token,
            });
            let reply = self.ask::<ListRules>(region, members).await?;
            Ok(ListRulesReply {
                rules: items(&reply, "Rules").iter().map(|rule| said(rule, "Identifier")).collect(),
                next_token: text(&reply, "NextToken"),
            })
        }
        .boxed()
    }
}

impl Call<GetRule> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: GetRuleRequest) -> Answer<'a, RetentionRule> {
        async move {
            // A path segment of the URI on the wire; a member with a small letter here.
            let rule = self.ask::<GetRule>(region, json!({ "identifier": request.id })).await?;
            let tags = |name: &str| items(&rule, name).iter().map(tag).collect();
            Ok(RetentionRule {
                id: said(&rule, "Identifier"),
                days: rule.get("RetentionPeriod").map_or(0, |period| number(period, "RetentionPeriodValue")),
                is_available: said(&rule, "Status") == "available",
                tags: tags("ResourceTags"),
                exclude_tags: tags("ExcludeResourceTags"),
                lock_state: text(&rule, "LockState"),
            })
        }
        .boxed()
    }
}

fn tag(tag: &Value) -> RuleTag {
    let value = tag.get("ResourceTagValue").and_then(Value::as_str);
    RuleTag { key: said(tag, "ResourceTagKey"), value: value.map(str::to_owned) }
}
