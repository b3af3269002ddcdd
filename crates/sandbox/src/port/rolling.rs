//! The port's operations that launch instances and replace those of groups.

use amictl_cloud::ops::{
    CancelInstanceRefresh, CreateLaunchTemplateVersion, CreateLaunchTemplateVersionRequest, EndInstanceRefreshRequest,
    LaunchTemplateUse, ModifyLaunchTemplate, ModifyLaunchTemplateRequest, RefreshPreferences, RollbackInstanceRefresh,
    RunInstances, RunInstancesRequest, StartInstanceRefresh, StartInstanceRefreshRequest,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::Region;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Map, Value, json};

use super::InProcess;
use super::asked::{items, number, said};

type Answer<'a, T> = BoxFuture<'a, Result<T, CloudError>>;

/// An object without the members that are null or empty lists: those are not sent.
fn sent(members: Value) -> Value {
    let is_sent = |value: &Value| !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty());
    match members {
        Value::Object(members) => {
            Value::Object(members.into_iter().filter(|(_, value)| is_sent(value)).collect::<Map<_, _>>())
        }
        other => other,
    }
}

fn template(template: &LaunchTemplateUse) -> Value {
    let name = template.name.as_ref().filter(|_| template.id.is_none());
    sent(json!({ "LaunchTemplateId": template.id, "LaunchTemplateName": name, "Version": template.version }))
}

fn preferences(asked: &RefreshPreferences) -> Value {
    let alarms = (!asked.alarms.is_empty()).then(|| json!({ "Alarms": asked.alarms }));
    sent(json!({
        "MinHealthyPercentage": asked.min_healthy,
        "MaxHealthyPercentage": asked.max_healthy,
        "InstanceWarmup": asked.warmup_seconds,
        "CheckpointPercentages": asked.checkpoints,
        "CheckpointDelay": asked.checkpoint_delay_seconds,
        "BakeTime": asked.bake_seconds,
        "AlarmSpecification": alarms,
        "SkipMatching": asked.skip_matching,
        "AutoRollback": asked.auto_rollback.then_some(true),
    }))
}

impl Call<CreateLaunchTemplateVersion> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: CreateLaunchTemplateVersionRequest) -> Answer<'a, u64> {
        async move {
            let members = sent(json!({
                "LaunchTemplateId": request.template_id,
                "SourceVersion": request.source_version.to_string(),
                "VersionDescription": request.description,
                "LaunchTemplateData": sent(json!({ "ImageId": request.image })),
                "ClientToken": request.client_token,
            }));
            let reply = self.ask::<CreateLaunchTemplateVersion>(region, members).await?;
            Ok(number(&reply["launchTemplateVersion"], "versionNumber"))
        }
        .boxed()
    }
}

impl Call<ModifyLaunchTemplate> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: ModifyLaunchTemplateRequest) -> Answer<'a, ()> {
        async move {
            let members = json!({
                "LaunchTemplateId": request.template_id,
                "SetDefaultVersion": request.default_version.to_string(),
            });
            self.ask::<ModifyLaunchTemplate>(region, members).await.map(|_| ())
        }
        .boxed()
    }
}

impl Call<StartInstanceRefresh> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: StartInstanceRefreshRequest) -> Answer<'a, String> {
        async move {
            let desired = request.desired.as_ref().map(|desired| json!({ "LaunchTemplate": template(desired) }));
            let members = sent(json!({
                "AutoScalingGroupName": request.group,
                "DesiredConfiguration": desired,
                "Preferences": preferences(&request.preferences),
            }));
            let reply = self.ask::<StartInstanceRefresh>(region, members).await?;
            Ok(said(&reply, "InstanceRefreshId"))
        }
        .boxed()
    }
}

impl Call<CancelInstanceRefresh> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: EndInstanceRefreshRequest) -> Answer<'a, ()> {
        async move {
            let members = json!({ "AutoScalingGroupName": request.group });
            self.ask::<CancelInstanceRefresh>(region, members).await.map(|_| ())
        }
        .boxed()
    }
}

impl Call<RollbackInstanceRefresh> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: EndInstanceRefreshRequest) -> Answer<'a, ()> {
        async move {
            let members = json!({ "AutoScalingGroupName": request.group });
            self.ask::<RollbackInstanceRefresh>(region, members).await.map(|_| ())
        }
        .boxed()
    }
}

impl Call<RunInstances> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: RunInstancesRequest) -> Answer<'a, Vec<String>> {
        async move {
            let tags: Vec<Value> =
                request.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
            let tagged = |kind: &str| json!({ "ResourceType": kind, "Tag": tags });
            let tagged = if tags.is_empty() { Vec::new() } else { vec![tagged("instance"), tagged("volume")] };
            let profile = request.instance_profile.map(|profile| {
                let member = if profile.starts_with("arn:") { "Arn" } else { "Name" };
                json!({ member: profile })
            });
            let user_data = request.user_data.map(|text| STANDARD.encode(text));
            let members = sent(json!({
                "MinCount": request.count,
                "MaxCount": request.count,
                "ImageId": request.image,
                "LaunchTemplate": request.template.as_ref().map(template),
                "InstanceType": request.instance_type,
                "SubnetId": request.subnet,
                "SecurityGroupId": request.security_groups,
                "KeyName": request.key_name,
                "IamInstanceProfile": profile,
                "UserData": user_data,
                "MetadataOptions": request.requires_imds_v2.then(|| json!({ "HttpTokens": "required" })),
                "TagSpecification": tagged,
                "ClientToken": request.client_token,
            }));
            let reply = self.ask::<RunInstances>(region, members).await?;
            Ok(items(&reply, "instancesSet").iter().map(|instance| said(instance, "instanceId")).collect())
        }
        .boxed()
    }
}
