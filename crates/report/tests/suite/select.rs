//! Which images a list has, and in which order.

use amictl_model::{ImageState, Inventory};
use amictl_policy::{Duration, Glob};
use amictl_report::{
    FindError, Format, ImageEntry, ImageFilter, ImageList, ImageOrder, StateFilter, TagFilter, images, limit,
};

use crate::common::{FORMULA, HOSTILE, assert_harmless, inventory, now, output, verdicts};

fn glob(text: &str) -> Glob {
    Glob::parse(text).unwrap()
}

/// The last digits of the ids of what is chosen, and the notes.
fn chosen(filter: &ImageFilter) -> (Vec<String>, Vec<String>) {
    let (inventory, verdicts) = (inventory(), verdicts());
    let selected = filter.select(&inventory, ImageEntry::judged(&inventory, &verdicts), now());
    let short = |entry: &ImageEntry<'_>| entry.image.id.as_str()[18..].to_owned();
    (selected.entries.iter().map(short).collect(), selected.notes)
}

#[test]
fn each_filter_leaves_what_it_asks_for() {
    let all = ImageFilter::default;
    let tag = |key: &str, value: Option<&str>| TagFilter { key: key.to_owned(), value: value.map(glob) };
    for (what, filter, expected) in [
        ("nothing asked", all(), vec!["aa1", "aa2", "aa3", "bb1"]),
        ("name", ImageFilter { names: vec![glob("web-2025*"), glob("nothing")], ..all() }, vec!["aa2"]),
        ("id", ImageFilter { ids: vec!["ami-0bbbbbbbbbbbbbbb1".parse().unwrap()], ..all() }, vec!["bb1"]),
        ("account", ImageFilter { accounts: vec!["999999999999".parse().unwrap()], ..all() }, vec![]),
        ("state", ImageFilter { states: vec![StateFilter::Of(ImageState::Disabled)], ..all() }, vec!["aa3"]),
        (
            "states",
            ImageFilter { states: vec![StateFilter::Of(ImageState::Disabled), StateFilter::Deprecated], ..all() },
            vec!["aa2", "aa3"],
        ),
        ("family", ImageFilter { families: vec![glob("w?b")], ..all() }, vec!["aa1", "aa2", "aa3", "bb1"]),
        ("no such family", ImageFilter { families: vec![glob("db")], ..all() }, vec![]),
        ("decision", ImageFilter { decisions: vec!["retire", "blocked"], ..all() }, vec!["aa2", "bb1"]),
        ("tag", ImageFilter { tags: vec![tag("env", Some("pr*"))], ..all() }, vec!["aa1"]),
        ("tag's key", ImageFilter { tags: vec![tag(FORMULA, None), tag("env", None)], ..all() }, vec!["aa1"]),
        ("part of a tag's key", ImageFilter { tags: vec![tag("en", None)], ..all() }, vec![]),
        ("age", ImageFilter { older_than: Some(Duration::days(600)), ..all() }, vec!["aa2", "bb1"]),
        ("launch", ImageFilter { not_launched_for: Some(Duration::days(10)), ..all() }, vec!["aa2", "bb1"]),
        ("used", ImageFilter { used: Some(true), ..all() }, vec!["aa1"]),
        ("public", ImageFilter { public: true, ..all() }, vec!["aa1"]),
        ("shared", ImageFilter { shared: true, ..all() }, vec!["aa1"]),
        ("deprecated", ImageFilter { deprecated: true, ..all() }, vec!["aa2"]),
    ] {
        assert_eq!(chosen(&filter).0, expected, "{what}");
    }
}

#[test]
fn unknown_is_not_unused() {
    let (ids, notes) = chosen(&ImageFilter { used: Some(false), ..ImageFilter::default() });
    assert_eq!(ids, ["aa2", "aa3"], "instances of the other Region could not be read");
    assert_eq!(notes.len(), 1);
    assert!(notes[0].starts_with("1 image is not listed") && notes[0].contains("unknown is not unused"), "{notes:?}");
}

#[test]
fn images_whose_sharing_was_not_read_are_counted() {
    let (_, notes) = chosen(&ImageFilter { shared: true, ..ImageFilter::default() });
    assert!(notes[0].starts_with("3 images are not listed because the launch permissions were not read"), "{notes:?}");
}

/// An image of one account, used by another account of the same Region.
fn two_accounts() -> Inventory {
    let mut both = inventory();
    both.scopes[1].scope.region = both.scopes[0].scope.region.clone();
    both.scopes[1].scope.account = "444455556666".parse().unwrap();
    let mut reference = both.scopes[0].references[0].clone();
    reference.image = both.scopes[0].images[1].id.clone();
    both.scopes[1].references = vec![reference];
    both
}

#[test]
fn a_use_by_another_account_counts() {
    let both = two_accounts();
    let filter = ImageFilter { used: Some(true), ..ImageFilter::default() };
    let used = filter.select(&both, ImageEntry::all(&both), now()).entries;
    assert!(used.iter().any(|entry| entry.image.id.as_str() == "ami-0aaaaaaaaaaaaaaa2"));
    let mut text = String::new();
    let entry = ImageEntry::find(&both, "ami-0aaaaaaaaaaaaaaa2").unwrap();
    amictl_report::refs(&mut text, &both, &entry, output(Format::Table, 140)).unwrap();
    insta::assert_snapshot!(text);
}

#[test]
fn what_others_may_launch_is_unused_only_when_a_report_says_so() {
    let unused = |inventory: &Inventory| {
        let filter = ImageFilter { used: Some(false), ..ImageFilter::default() };
        let selected = filter.select(inventory, ImageEntry::all(inventory), now());
        selected.entries.iter().map(|entry| entry.image.id.as_str()[18..].to_owned()).collect::<Vec<_>>()
    };
    let mut shared = inventory();
    let before = unused(&shared);
    assert!(before.contains(&"aa2".to_owned()), "{before:?}");
    shared.scopes[0].images[1].public = true;
    assert!(!unused(&shared).contains(&"aa2".to_owned()), "anybody may use it, and no report says who does");
    let usage = serde_json::json!([
        {"image": "ami-0aaaaaaaaaaaaaaa2", "report": {"read": {"made_at": now(), "uses": []}}},
    ]);
    shared.scopes[0].usage = serde_json::from_value(usage).unwrap();
    assert_eq!(unused(&shared), before);
}

#[test]
fn lists_are_put_in_order_and_cut() {
    let inventory = inventory();
    let order = |order: ImageOrder, reverse: bool| {
        let mut entries = ImageEntry::all(&inventory);
        order.sort(&mut entries, reverse);
        entries.iter().map(|entry| entry.image.id.as_str()[18..].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(order(ImageOrder::Age, false), ["bb1", "aa2", "aa1", "aa3"], "the oldest first, unknown at the end");
    assert_eq!(order(ImageOrder::Launched, true)[0], "aa1", "launched last of all");
    assert_eq!(order(ImageOrder::Name, false), ["aa3", "bb1", "aa2", "aa1"]);
    assert_eq!(order(ImageOrder::Size, false), order(ImageOrder::Size, true), "equal ones stay in their order");

    let mut selected = ImageFilter::default().select(&inventory, ImageEntry::all(&inventory), now());
    limit(&mut selected, Some(1));
    let list = ImageList { inventory: &inventory, now: now(), entries: selected.entries, notes: selected.notes };
    let mut text = String::new();
    images(&mut text, &list, output(Format::Table, 140)).unwrap();
    assert_harmless(&text);
    insta::assert_snapshot!(text);
}

#[test]
fn an_image_is_found_by_its_id_or_its_only_name() {
    let mut inventory = inventory();
    let found =
        |inventory: &Inventory, text: &str| ImageEntry::find(inventory, text).map(|entry| entry.image.id.to_string());
    assert_eq!(found(&inventory, "ami-0bbbbbbbbbbbbbbb1").as_deref(), Ok("ami-0bbbbbbbbbbbbbbb1"));
    assert_eq!(found(&inventory, HOSTILE).as_deref(), Ok("ami-0aaaaaaaaaaaaaaa3"));
    assert_eq!(found(&inventory, "web"), Err(FindError::Nowhere("web".to_owned())), "no part of a name");
    inventory.scopes[0].images[0].name = FORMULA.into();
    let Err(FindError::Several { ids, .. }) = found(&inventory, FORMULA) else { panic!("two have that name") };
    assert_eq!(ids.len(), 2);
    inventory.scopes[0].images[0].name = "ami-0bbbbbbbbbbbbbbb1".into();
    assert_eq!(
        found(&inventory, "ami-0bbbbbbbbbbbbbbb1").as_deref(),
        Ok("ami-0bbbbbbbbbbbbbbb1"),
        "the id comes first"
    );
}
