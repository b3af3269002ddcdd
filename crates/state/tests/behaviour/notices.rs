//! What was sent is remembered for its target as long as it tells of something to come.

use amictl_policy::Stage;
use amictl_state::{SentNotice, SentStage, StateError};

use crate::bench::{Bench, now};

const DAY: i64 = 86_400;

fn notice(image: &str, in_days: i64) -> SentNotice {
    SentNotice {
        sent_at: now(),
        target: "topic arn:aws:sns:us-east-1:123456789012:amis".into(),
        owner: Some("team/a".into()),
        about: vec![SentStage {
            account: "123456789012".parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
            image_id: image.parse().unwrap(),
            stage: Stage::Disable,
            not_before: now().plus_secs(in_days * DAY),
        }],
    }
}

#[tokio::test]
async fn what_was_sent_is_found_by_its_target_and_its_day() {
    for bench in Bench::both() {
        let store = bench.store();
        let target = "webhook env HOOK/../x";
        assert!(store.sent_notices(target, now()).await.unwrap().is_empty());
        for (id, image, in_days) in [("n1", "ami-1", -10), ("n2", "ami-2", 0), ("n3", "ami-3", 7)] {
            store.save_notice(target, id, &notice(image, in_days)).await.unwrap();
        }
        let since = |days: i64| store.sent_notices(target, now().plus_secs(days * DAY));
        assert_eq!(since(0).await.unwrap(), [notice("ami-2", 0), notice("ami-3", 7)]);
        assert_eq!(since(-10).await.unwrap().len(), 3);
        assert!(since(8).await.unwrap().is_empty());
        assert!(store.sent_notices("webhook env HOOK", now()).await.unwrap().is_empty());
        assert!(store.save_notice(target, "n3", &notice("ami-3", 7)).await.is_err(), "one file is one message");
    }
}

#[tokio::test]
async fn notices_are_sent_by_one_at_a_time() {
    for bench in Bench::both() {
        let store = bench.store();
        let held = store.lock_notices("n1", now()).await.unwrap();
        let error = store.lock_notices("n2", now()).await.unwrap_err();
        assert!(matches!(&error, StateError::Locked { .. }), "{error}");
        assert!(error.to_string().starts_with("the sending of notices is locked by run n1"), "{error}");
        held.release().await.unwrap();
        store.lock_notices("n2", now()).await.unwrap().release().await.unwrap();
    }
}
