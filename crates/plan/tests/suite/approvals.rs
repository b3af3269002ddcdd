//! Approvals: what a plan carries of them, and which of them count.

use amictl_model::Moment;
use amictl_plan::{Approval, Plan, PlanInput, build};
use amictl_policy::{Policy, judge};
use amictl_testkit::{NOW, image, in_scope, inventory_of};

const ANN: &str = "arn:aws:iam::111122223333:user/ann";
const BOB: &str = "arn:aws:iam::111122223333:user/bob";
const EVE: &str = "arn:aws:sts::111122223333:assumed-role/ops/eve";

fn plan(approvals: &str, planned_by: Option<&str>) -> Plan {
    let text = format!(
        "version: 1\n{approvals}\nfamilies:\n  - {{name: web, match: {{name: \"web-*\"}}, keep: {{newest: 0}}, retire: [deregister]}}\n"
    );
    let policy = Policy::parse(&text, "test").unwrap();
    let inventory = inventory_of([in_scope([image("ami-a", "web-1", 400)], [])]);
    let now = Moment::from_secs(NOW);
    build(PlanInput {
        policy: &policy,
        policy_digest: policy.digest(),
        inventory: &inventory,
        verdicts: judge(&policy, &inventory, now),
        created_at: now,
        now,
        plan_id: "p1".into(),
        planned_by: planned_by.map(Into::into),
    })
}

fn by(plan: &Plan, approver: &str) -> Approval {
    Approval {
        plan_id: plan.plan_id.clone(),
        digest: plan.digest.clone(),
        approver: approver.into(),
        approved_at: Moment::from_secs(NOW),
        comment: None,
    }
}

fn written(plan: &Plan) -> String {
    let mut bytes = Vec::new();
    plan.write_to(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn what_is_asked_for_and_who_planned_are_in_the_file_and_in_its_digest() {
    let plan = plan("approvals: 2", Some(ANN));
    let text = written(&plan);
    assert_eq!(Plan::read(text.as_bytes()).unwrap(), plan);
    for (said, forged) in [("\"approvals\":2", "\"approvals\":1"), (ANN, BOB)] {
        assert_eq!(text.matches(said).count(), 1, "{said} in {text}");
        assert!(Plan::read(text.replace(said, forged).as_bytes()).unwrap_err().to_string().contains("was edited"));
    }
    let none = self::plan("", None);
    assert!(!written(&none).contains("approvals") && !written(&none).contains("planned_by"));
    assert_eq!(none.approvals_needed(), 0);
    assert!(none.approved(&[]).is_enough());
}

#[test]
fn only_approvals_of_this_plan_by_others_than_the_planner_count_one_a_person() {
    let plan = plan("approvals: 2", Some(ANN));
    let of_another_digest = Approval { digest: "sha256:0".into(), ..by(&plan, BOB) };
    let of_another_plan = Approval { plan_id: "p2".into(), ..by(&plan, BOB) };
    let again = Approval { comment: Some("twice".into()), ..by(&plan, &BOB.replace("bob", "BOB")) };
    for (approvals, count) in [
        (vec![], 0),
        (vec![by(&plan, ANN), of_another_digest, of_another_plan], 0),
        (vec![by(&plan, ANN), by(&plan, BOB)], 1),
        (vec![by(&plan, BOB), again], 1),
        (vec![by(&plan, BOB), by(&plan, EVE)], 2),
    ] {
        let approved = plan.approved(&approvals);
        assert_eq!((approved.by.len(), approved.needed), (count, 2), "{approvals:?}");
        assert_eq!(approved.is_enough(), count == 2);
    }
}

#[test]
fn where_the_planner_is_not_known_one_of_those_who_approve_may_be_it() {
    let plan = plan("approvals: 1", None);
    assert_eq!(plan.approvals_needed(), 2);
    assert!(!plan.approved(&[by(&plan, BOB)]).is_enough());
    assert!(plan.approved(&[by(&plan, BOB), by(&plan, EVE)]).is_enough());
}
