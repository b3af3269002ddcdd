//! Eventual consistency: what a call changes is seen later, and mutating calls act on what is there.

use amictl_sandbox::SandboxConfig;

use super::door::{Door, now, still};

fn door(lag: &str) -> Door {
    Door::new(SandboxConfig { lag: lag.parse().unwrap(), ..still() })
}

impl Door {
    fn at(&self, secs: i64) -> &Self {
        self.sandbox.clock().set(now().plus_secs(secs));
        self
    }

    async fn volumes(&self) -> usize {
        self.done("Action=DescribeVolumes").await.text.matches("<volumeId>").count()
    }
}

const CREATE: &str = "Action=CreateVolume&AvailabilityZone=us-east-1a&Size=8";

#[tokio::test]
async fn a_change_is_seen_after_its_lag() {
    let door = door("5s");
    let volume = door.at(0).done(CREATE).await.element("volumeId").to_owned();
    assert_eq!(door.at(4).volumes().await, 0);
    let by_id = format!("Action=DescribeVolumes&VolumeId.1={volume}");
    assert_eq!(door.ec2(&by_id).await.code(), "InvalidVolume.NotFound");
    // Who acts on it finds it there.
    door.done(&format!("Action=CreateTags&ResourceId.1={volume}&Tag.1.Key=app&Tag.1.Value=x")).await;
    let seen = door.at(5).done(&by_id).await;
    assert!(!seen.text.contains("<key>app</key>"), "{}", seen.text);
    assert!(door.at(9).done(&by_id).await.text.contains("<key>app</key>"));
    door.at(20).done(&format!("Action=DeleteVolume&VolumeId={volume}")).await;
    assert_eq!(door.ec2(&format!("Action=DeleteVolume&VolumeId={volume}")).await.code(), "InvalidVolume.NotFound");
    assert_eq!((door.at(24).volumes().await, door.at(25).volumes().await), (1, 0));
}

#[tokio::test]
async fn operations_have_lags_of_their_own() {
    let door = door("CreateVolume=10s,DescribeTags=3s");
    let volume = door.at(0).done(CREATE).await.element("volumeId").to_owned();
    assert_eq!((door.at(9).volumes().await, door.at(10).volumes().await), (0, 1));
    door.at(20).done(&format!("Action=CreateTags&ResourceId.1={volume}&Tag.1.Key=app&Tag.1.Value=x")).await;
    assert!(door.done("Action=DescribeVolumes").await.text.contains("<key>app</key>"));
    let tags = async |secs| door.at(secs).done("Action=DescribeTags").await.text.contains("<key>app</key>");
    assert!(!tags(22).await && tags(23).await);
}

#[tokio::test]
async fn lag_can_be_switched_on_and_off() {
    let door = door("0s");
    door.done(CREATE).await;
    assert_eq!(door.volumes().await, 1);
    door.sandbox.set_lag("5s".parse().unwrap());
    door.done(CREATE).await;
    assert_eq!(door.volumes().await, 1);
    door.sandbox.set_lag("0s".parse().unwrap());
    assert_eq!(door.volumes().await, 2);
}

#[tokio::test]
async fn a_repeated_request_changes_nothing_and_delays_nothing() {
    let door = door("5s");
    let form = format!("{CREATE}&ClientToken=t");
    let first = door.at(0).done(&form).await;
    assert_eq!(door.at(4).done(&form).await.element("volumeId"), first.element("volumeId"));
    assert_eq!((door.at(4).volumes().await, door.at(5).volumes().await), (0, 1));
}
