//! Snapshots, volumes and the Recycle Bin.

use amictl_cloud::Service;
use serde_json::json;

use super::Story;

pub(super) fn tell(story: &mut Story) {
    retention_rules(story);
}

fn retention_rules(story: &mut Story) {
    let period = |days: u32| json!({"RetentionPeriodValue": days, "RetentionPeriodUnit": "DAYS"});
    let lock = json!({"UnlockDelay": {"UnlockDelayValue": 7, "UnlockDelayUnit": "DAYS"}});
    let rule = story.json(
        Service::Rbin,
        "CreateRule",
        &json!({"ResourceType": "EBS_SNAPSHOT", "RetentionPeriod": period(7), "Tags": [{"Key": "a", "Value": "b"}],
                "ExcludeResourceTags": [{"ResourceTagKey": "scratch"}]}),
    );
    assert_eq!(rule["Status"], "available");
    story.names.insert("rule", rule["Identifier"].as_str().unwrap().to_owned());
    story.names.insert("arn", rule["RuleArn"].as_str().unwrap().to_owned());
    let tags = story.json(Service::Rbin, "ListTagsForResource", &json!({"resourceArn": "$arn"}));
    assert_eq!(tags["Tags"], json!([{"Key": "a", "Value": "b"}]));
    story.json(Service::Rbin, "TagResource", &json!({"resourceArn": "$arn", "Tags": [{"Key": "c", "Value": ""}]}));
    story.json(Service::Rbin, "UntagResource", &json!({"resourceArn": "$arn", "tagKeys": ["a"]}));
    story.json(Service::Rbin, "UpdateRule", &json!({"identifier": "$rule", "RetentionPeriod": period(9)}));
    let listed = story.json(Service::Rbin, "ListRules", &json!({"ResourceType": "EBS_SNAPSHOT"}));
    assert_eq!(listed["Rules"][0]["RetentionPeriod"], period(9));
    story.json(Service::Rbin, "LockRule", &json!({"identifier": "$rule", "LockConfiguration": lock}));
    assert_eq!(story.json(Service::Rbin, "GetRule", &json!({"identifier": "$rule"}))["LockState"], "locked");
    let unlocked = story.json(Service::Rbin, "UnlockRule", &json!({"identifier": "$rule"}));
    assert_eq!(unlocked["LockState"], "pending_unlock");
    let other =
        json!({"ResourceType": "EC2_IMAGE", "RetentionPeriod": period(1), "ResourceTags": [{"ResourceTagKey": "k"}]});
    let other = story.json(Service::Rbin, "CreateRule", &other);
    story.json(Service::Rbin, "DeleteRule", &json!({"identifier": other["Identifier"]}));
}
