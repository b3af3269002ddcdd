//! How the end of the demo looks.

use amictl_report::{
    CommandLine, DemoCleaned, DemoFound, DemoReturned, DemoSummary, Format, Output, demo, kept_by_reason,
};

use crate::common::{HOSTILE, assert_harmless, large_plan, output};

fn render(output: Output) -> String {
    let summary = DemoSummary {
        found: DemoFound {
            accounts: vec!["111122223333".parse().unwrap(), "444455556666".parse().unwrap()],
            regions: vec!["eu-west-1".parse().unwrap(), "us-east-1".parse().unwrap()],
            images: 184,
            families: vec![("web".to_owned(), 96), ("api".to_owned(), 60), (HOSTILE.to_owned(), 28)],
            snapshots: 412,
            snapshots_gib: 13_312,
        },
        kept: kept_by_reason(&large_plan(100)),
        blocked: 2,
        cleaned: DemoCleaned {
            images: 61,
            snapshots: 118,
            snapshots_bytes: 4_200_000_000_000,
            snapshots_kept: 4,
            not_done: 1,
            monthly_usd_upper_bound: 195.4,
        },
        returned: Some(DemoReturned {
            image: "ami-0123456789abcdef0".parse().unwrap(),
            name: "api-2025.03.02".to_owned(),
            detail: "enabled and shared with 444455556666 again".to_owned(),
        }),
        files: vec![("State folder", "/tmp/.amictl".to_owned()), ("Plan", "/tmp/.amictl/plans/plan-1.json".to_owned())],
        next: vec![
            (
                "See what a careful policy would retire in your account; nothing is changed",
                CommandLine::new(["amictl", "plan", "--profile", "my profile"]),
            ),
            ("Ask why one image stays", CommandLine::new(["amictl", "explain", "ami-0123456789abcdef0"])),
        ],
        took_ms: 4_321,
    };
    let mut text = String::new();
    demo(&mut text, &summary, output).unwrap();
    assert_harmless(&text);
    text
}

#[test]
fn table() {
    insta::assert_snapshot!(render(output(Format::Table, 120)));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(render(output(Format::Markdown, 0)));
}
