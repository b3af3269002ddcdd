//! The grammar of test files: `policy`, `now`, and `tests` with their images and what is expected of them.

use amictl_model::{Inventory, Moment};

use super::fixture_images;
use super::keys;
use super::reader::{Fields, Reader, shown};
use crate::error::{PolicyErrors, SourceFile};
use crate::fixture::{Expected, ExpectedVerdict, PolicyTest, PolicyTests, TestWorld};
use crate::node::{self, Key, Node, Value};
use crate::{ReasonCode, Stage};

const TIME_ALLOWED: &str = "a time in RFC 3339 form, such as `2026-11-21T09:30:00Z`";
const VERDICTS: &[&str] = &["keep", "retire", "deprecate", "disable", "deregister", "blocked"];

impl PolicyTests {
    /// Reads a test file's text; `file_name` is shown in errors.
    ///
    /// # Errors
    /// Everything that is wrong in it at once, as for a policy file.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, PolicyErrors> {
        let mut reader = Reader::new(SourceFile::new(file_name, text));
        let tests = match node::parse(reader.file()) {
            Ok(root) => tests(&mut reader, &root),
            Err(error) => {
                reader.push(error);
                None
            }
        };
        reader.finish(tests)
    }
}

fn tests(reader: &mut Reader, root: &Node) -> Option<PolicyTests> {
    let fields = reader.fields(root, "a test file", keys::TESTS)?;
    let policy = fields.get("policy").and_then(|node| reader.text(node, "policy", "the path of a policy file"));
    let policy = policy.map(str::to_owned);
    let now = now(reader, &fields, None);
    let node = reader.required(&fields, "tests")?;
    if matches!(&node.value, Value::List(items) if items.is_empty()) {
        reader.error(node.spot, "`tests` is empty", "one test or more");
    }
    let tests = reader.list(node, "tests").iter().filter_map(|item| test(reader, item, now)).collect();
    Some(PolicyTests { policy, tests, file: reader.file().clone() })
}

/// The `now` of a test or of the whole file. One that is wrong has been told and is replaced, so that what comes after it is read.
fn now(reader: &mut Reader, fields: &Fields<'_>, of_file: Option<Moment>) -> Option<Moment> {
    let Some(node) = fields.get("now") else { return of_file };
    let Some(text) = reader.text(node, "now", TIME_ALLOWED) else { return Some(Moment::from_secs(0)) };
    let moment = text.parse().ok();
    if moment.is_none() {
        reader.error(node.spot, format!("`now` cannot be `{}`", shown(text)), TIME_ALLOWED);
    }
    Some(moment.unwrap_or(Moment::from_secs(0)))
}

fn test(reader: &mut Reader, node: &Node, of_file: Option<Moment>) -> Option<PolicyTest> {
    let fields = reader.fields(node, "a test", keys::TEST)?;
    let name = reader.required(&fields, "name").and_then(|node| reader.text(node, "name", "text"));
    let name = name.map(str::to_owned);
    let now = now(reader, &fields, of_file);
    let world = world(reader, &fields, node, now);
    let expected = reader.required(&fields, "expect").map(|node| expectations(reader, node))?;
    let world = world?;
    let listed = fields.get("images").map(|node| reader.list(node, "images").len());
    // An image that is wrong has been told, and is not missing.
    if let TestWorld::Images(inventory) = &world
        && listed == Some(inventory.image_count())
    {
        are_known(reader, &fields, inventory);
    }
    Some(PolicyTest { name: name?, now, world, expected })
}

fn world(reader: &mut Reader, fields: &Fields<'_>, test: &Node, now: Option<Moment>) -> Option<TestWorld> {
    const ALLOWED: &str = "`inventory` with the path of an inventory, or `images` with a list of images";
    match (fields.get("inventory"), fields.get("images")) {
        (Some(node), None) => reader.text(node, "inventory", ALLOWED).map(|path| TestWorld::File(path.to_owned())),
        (None, Some(node)) => {
            let Some(now) = now else {
                reader.error(node.spot, "a test with `images` needs `now`", TIME_ALLOWED);
                return None;
            };
            let inventory = fixture_images::inventory(reader, node, fields.get("unread"), now);
            Some(TestWorld::Images(Box::new(inventory)))
        }
        _ => {
            reader.error(test.spot, "a test has one thing to judge", ALLOWED);
            None
        }
    }
}

fn expectations(reader: &mut Reader, node: &Node) -> Vec<Expected> {
    const ALLOWED: &str = "a mapping of image ids or names to verdicts, such as {web-1: keep}";
    let Value::Map(entries) = &node.value else {
        reader.error(node.spot, format!("`expect` cannot be {}", node.value.kind()), ALLOWED);
        return Vec::new();
    };
    if entries.is_empty() {
        reader.error(node.spot, "`expect` expects nothing", ALLOWED);
    }
    entries.iter().filter_map(|(key, node)| expectation(reader, key, node)).collect()
}

fn expectation(reader: &mut Reader, key: &Key, node: &Node) -> Option<Expected> {
    let image = key.name.clone();
    if !node.is_map() {
        let verdict = verdict(reader, node)?;
        return Some(Expected { image, verdict, because: None, family: None, spot: key.spot });
    }
    let fields = reader.fields(node, "an expectation", keys::EXPECTATION)?;
    let verdict = reader.required(&fields, "verdict").and_then(|node| verdict(reader, node));
    let codes: Vec<&str> = ReasonCode::ALL.iter().map(|code| code.as_str()).collect();
    let because = fields.get("because").and_then(|node| reader.word(node, "because", &codes));
    let because = because.and_then(|word| ReasonCode::ALL.iter().find(|code| code.as_str() == word).copied());
    let family = fields.get("family").and_then(|node| reader.text(node, "family", "the name of a family"));
    let family = family.map(str::to_owned);
    Some(Expected { image, verdict: verdict?, because, family, spot: key.spot })
}

fn verdict(reader: &mut Reader, node: &Node) -> Option<ExpectedVerdict> {
    Some(match reader.word(node, "verdict", VERDICTS)? {
        "keep" => ExpectedVerdict::Keep,
        "retire" => ExpectedVerdict::Retire,
        "deprecate" => ExpectedVerdict::Stage(Stage::Deprecate),
        "disable" => ExpectedVerdict::Stage(Stage::Disable),
        "deregister" => ExpectedVerdict::Stage(Stage::Deregister),
        _ => ExpectedVerdict::Blocked,
    })
}

/// Tells of expectations of images that the test does not list.
fn are_known(reader: &mut Reader, fields: &Fields<'_>, inventory: &Inventory) {
    let Some(Node { value: Value::Map(entries), .. }) = fields.get("expect") else { return };
    let images = || inventory.scopes.iter().flat_map(|scope| &scope.images);
    for (key, _) in entries {
        if !images().any(|image| *image.name == *key.name || image.id.as_str() == key.name) {
            let names: Vec<&str> = images().flat_map(|image| [&*image.name, image.id.as_str()]).collect();
            reader.unknown(key, "the test lists no image", names);
        }
    }
}
