//! How a plan looks in every format.

use amictl_plan::Plan;
use amictl_report::{CommandLine, Format, Output, PlanReport, Style, plan};

use crate::common::{self, assert_harmless, inventory, large_plan, output};

fn render(of: &Plan, all: bool, output: Output) -> String {
    let inventory = inventory();
    let caps = ["2 images are to be retired, 1 is allowed".to_owned()];
    let report = PlanReport {
        plan: of,
        inventory: Some(&inventory),
        all,
        caps_exceeded: &caps,
        next: Some(CommandLine::new(["amictl", "apply", "my plan.json"])),
    };
    let mut text = String::new();
    plan(&mut text, &report, output).unwrap();
    if !output.style.color {
        assert_harmless(&text);
    }
    text
}

#[test]
fn table_on_a_wide_terminal() {
    insta::assert_snapshot!(render(&common::plan(), false, output(Format::Table, 160)));
}

#[test]
fn table_on_a_narrow_terminal() {
    let text = render(&common::plan(), false, output(Format::Table, 80));
    insta::assert_snapshot!(text);
}

#[test]
fn table_in_a_pipe() {
    insta::assert_snapshot!(render(&common::plan(), false, output(Format::Table, 0)));
}

#[test]
fn color_is_used_only_when_asked_for() {
    let style = Style { width: 120, color: true };
    let text = render(&common::plan(), false, Output { format: Format::Table, style });
    assert!(text.contains("\u{1b}[31mblocked\u{1b}[0m"));
    assert!(text.contains("\u{1b}[32mkeep\u{1b}[0m"));
    assert!(!text.contains("\u{1b}[2J"), "the name's own codes stay escaped");
    let plain = render(&common::plan(), false, output(Format::Table, 120));
    assert_eq!(anstyle_free(&text), plain);
}

/// The text without the colours that amictl uses.
fn anstyle_free(text: &str) -> String {
    ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[33m"]
        .iter()
        .fold(text.to_owned(), |text, code| text.replace(code, ""))
}

#[test]
fn markdown() {
    insta::assert_snapshot!(render(&common::plan(), false, output(Format::Markdown, 0)));
}

#[test]
fn csv() {
    insta::assert_snapshot!(render(&common::plan(), false, output(Format::Csv, 0)));
}

#[test]
fn ndjson() {
    insta::assert_snapshot!(render(&common::plan(), false, output(Format::Ndjson, 0)));
}

#[test]
fn json_is_the_plan_itself() {
    let text = render(&common::plan(), false, output(Format::Json, 0));
    assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), common::plan());
}

#[test]
fn many_kept_images_are_counted_by_reason() {
    insta::assert_snapshot!(render(&large_plan(1_000), false, output(Format::Table, 140)));
}

#[test]
fn all_lists_every_kept_image() {
    let text = render(&large_plan(1_000), true, output(Format::Table, 140));
    assert!((0..1_000).all(|at| text.contains(&format!("ami-{at:017x}"))));
}

#[test]
fn markdown_fits_a_step_summary_and_says_what_it_left_out() {
    let text = render(&large_plan(20_000), true, output(Format::Markdown, 0));
    assert!(text.len() < 1 << 20, "{} bytes", text.len());
    assert!(text.contains("rows more of 20,002"), "the cut is said");
    assert!(text.contains("amictl apply 'my plan.json'"), "what comes after the table is still there");
    assert!(text.contains("UnauthorizedOperation"), "so is what could not be read");
}

#[test]
fn ids_are_whole_at_any_width() {
    for width in [1, 20, 40, 60, 80, 100, 120, 140, 200] {
        let text = render(&common::plan(), false, output(Format::Table, width));
        for id in ["ami-0aaaaaaaaaaaaaaa1", "ami-0bbbbbbbbbbbbbbb1", "snap-0aaaaaaaaaaaaaaa9", "i-0123456789abcdef0"] {
            assert!(text.contains(id), "{id} at {width}");
        }
    }
}

#[test]
fn a_width_that_can_be_kept_is_kept() {
    for width in 80..200 {
        let text = render(&common::plan(), false, output(Format::Table, width));
        let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= width, "{widest} columns at {width}:\n{text}");
    }
}

#[test]
fn an_empty_plan_says_so() {
    let mut plan = common::plan();
    plan.verdicts.clear();
    plan.steps.clear();
    plan.coverage.clear();
    plan.complete = true;
    let text = render(&plan, false, output(Format::Table, 80));
    assert!(text.contains("Nothing to retire."), "{text}");
}
