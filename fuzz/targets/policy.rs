#![no_main]

use std::sync::LazyLock;

use amictl_testkit::{image, in_scope, instance, inventory_of};

static INVENTORY: LazyLock<amictl_model::Inventory> = LazyLock::new(|| {
    let images = [image("ami-01", "web-1.2.3", 400), image("ami-02", "web-1.2.4", 300), image("ami-03", "db [x]", 0)];
    inventory_of([in_scope(images, [instance("ami-01", "i-1")])])
});

libfuzzer_sys::fuzz_target!(|input: &str| amictl_policy::fuzzing::policy(input, &INVENTORY));
