//! Approvals are kept once a person and found by their plan.

use amictl_plan::Approval;
use amictl_state::StateError;

use crate::bench::{Bench, now};
use crate::unsteady::Fault;

fn approval(name: &str, digest: &str) -> Approval {
    Approval {
        plan_id: "plan-1".into(),
        digest: digest.into(),
        approver: format!("arn:aws:sts::123456789012:assumed-role/ops/{name}").into(),
        approved_at: now(),
        comment: Some("looked at every image".into()),
    }
}

#[tokio::test]
async fn an_approval_is_kept_once_and_never_changed() {
    for bench in Bench::both() {
        let store = bench.store();
        assert!(store.approvals("plan-1").await.unwrap().is_empty());
        let [ann, bob] = ["ann", "bob"].map(|name| approval(name, "sha256:a"));
        assert!(store.save_approval(&bob).await.unwrap());
        let later = |approval: &Approval| Approval { approved_at: now().plus_secs(60), ..approval.clone() };
        assert!(store.save_approval(&later(&ann)).await.unwrap());
        // The same person again, also spelt otherwise.
        let again = Approval { approver: bob.approver.to_uppercase().into(), ..later(&bob) };
        assert!(!store.save_approval(&again).await.unwrap());
        // What was looked at is another plan of the same name.
        assert!(store.save_approval(&later(&approval("bob", "sha256:b"))).await.unwrap());
        let kept = store.approvals("plan-1").await.unwrap();
        assert_eq!(kept.len(), 3);
        assert_eq!(kept[0], bob);
        assert!(store.approvals("plan-2").await.unwrap().is_empty());
        assert!(matches!(store.approvals("../plans").await, Err(StateError::Name(_))));
        let elsewhere = Approval { plan_id: "../runs/x".into(), ..ann };
        assert!(matches!(store.save_approval(&elsewhere).await, Err(StateError::Name(_))));
    }
}

#[tokio::test]
async fn an_approval_whose_answer_is_lost_is_kept_once() {
    let bench = Bench::bucket();
    bench.unsteady().expect([Fault::AnswerLost]);
    assert!(bench.store().save_approval(&approval("ann", "sha256:a")).await.unwrap());
    assert_eq!(bench.store().approvals("plan-1").await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_file_that_is_no_approval_of_this_plan_is_told() {
    for bench in Bench::both() {
        let store = bench.store();
        store.save_approval(&approval("ann", "sha256:a")).await.unwrap();
        bench.put("approvals/plan-1/0.json", "{}").await;
        let error = store.approvals("plan-1").await.unwrap_err().to_string();
        assert!(error.contains("0.json") && error.contains("not an approval"), "{error}");
        // Copied to where another plan's are.
        let copied = serde_json::to_string(&approval("ann", "sha256:a")).unwrap();
        bench.put("approvals/plan-2/1.json", &copied).await;
        let error = store.approvals("plan-2").await.unwrap_err().to_string();
        assert!(error.contains("of another plan or person"), "{error}");
    }
}
