//! Families of images, as pipelines leave them behind over the years.

use amictl_model::ImageId;

use super::maker::{Maker, NewImage};

/// How the images of a family are named.
#[derive(Clone, Copy)]
pub(super) enum Naming {
    /// `web-2026.11.03-1`.
    DottedDate,
    /// `base-al2023-x86_64-20261101`.
    CompactDate,
    /// `api-1.42.0`.
    Version,
    /// `checkout-feature-x-test-3`.
    Number,
}

/// A family to make.
pub(super) struct Family {
    pub(super) name: &'static str,
    pub(super) naming: Naming,
    pub(super) count: u32,
    /// Age of the newest and of the oldest image.
    pub(super) ages_days: (i64, i64),
    /// GiB of each device.
    pub(super) sizes: &'static [u32],
    pub(super) env: &'static str,
    pub(super) architecture: &'static str,
}

const fn family(
    name: &'static str,
    naming: Naming,
    count: u32,
    ages_days: (i64, i64),
    sizes: &'static [u32],
) -> Family {
    Family { name, naming, count, ages_days, sizes, env: "prod", architecture: "x86_64" }
}

/// The families of the main Region.
pub(super) const MAIN: &[Family] = &[
    family("web", Naming::DottedDate, 32, (3, 900), &[8, 20]),
    family("api", Naming::Version, 28, (6, 760), &[8, 30]),
    family("base-al2023-x86_64", Naming::CompactDate, 18, (4, 1080), &[8]),
    family("worker", Naming::DottedDate, 22, (9, 700), &[8, 50]),
    family("ml-train", Naming::Version, 12, (12, 640), &[60, 250, 500]),
    family("batch-etl", Naming::DottedDate, 12, (20, 980), &[8, 100]),
    Family { architecture: "arm64", ..family("gateway", Naming::Version, 14, (2, 500), &[8, 8]) },
    Family { env: "dev", ..family("checkout-feature-x-test", Naming::Number, 9, (130, 420), &[8, 20]) },
    Family { env: "dev", ..family("search-spike", Naming::Number, 5, (210, 760), &[8]) },
    family("bastion", Naming::CompactDate, 6, (60, 1090), &[8]),
];

/// The families of the second Region.
pub(super) const EUROPE: &[Family] = &[
    family("web", Naming::DottedDate, 12, (3, 420), &[8, 20]),
    family("api", Naming::Version, 10, (6, 330), &[8, 30]),
    family("worker", Naming::DottedDate, 8, (9, 380), &[8, 50]),
];

/// The families of the third Region.
pub(super) const PACIFIC: &[Family] = &[
    family("web", Naming::DottedDate, 8, (3, 300), &[8, 20]),
    family("legacy-portal", Naming::Version, 6, (400, 1080), &[40, 80]),
];

/// The families of the second account.
pub(super) const SECOND_ACCOUNT: &[Family] = &[
    family("data-platform", Naming::Version, 9, (5, 400), &[16, 100]),
    Family { env: "dev", ..family("sandbox-test", Naming::Number, 5, (90, 500), &[8]) },
];

impl Maker<'_> {
    /// Makes a family; the newest image comes first.
    pub(super) fn family(&mut self, family: &Family) -> Vec<ImageId> {
        let (newest, oldest) = family.ages_days;
        let last = f64::from(family.count.saturating_sub(1).max(1));
        (0..family.count)
            .map(|index| {
                // Newer images lie closer together than older ones.
                let share = (f64::from(index) / last).powf(1.5);
                #[expect(clippy::cast_possible_truncation, reason = "days within a few years")]
                let age_days = newest + (share * f64_of(oldest - newest)) as i64;
                self.member(family, index, age_days)
            })
            .collect()
    }

    fn member(&mut self, family: &Family, index: u32, age_days: i64) -> ImageId {
        let number = family.count - index;
        let date = self.ago(age_days).to_timestamp();
        let name = match family.naming {
            Naming::DottedDate => format!("{}-{}-1", family.name, date.strftime("%Y.%m.%d")),
            Naming::CompactDate => format!("{}-{}", family.name, date.strftime("%Y%m%d")),
            Naming::Version => format!("{}-1.{}.0", family.name, number + 12),
            Naming::Number => format!("{}-{number}", family.name),
        };
        let tags = [("app", family.name), ("env", family.env), ("team", team_of(family.name))];
        // New ones are in use, most old ones were used for a while, and some never were.
        let launched = match index {
            0..=2 => Some(age_days.min(2)),
            _ if index % 5 == 3 => None,
            _ => Some((age_days - 21).max(2)),
        };
        self.image(NewImage {
            name,
            age_days,
            sizes: family.sizes,
            tags: tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
            description: Some(format!("{} built by the pipeline", family.name)),
            launched,
            architecture: Some(family.architecture),
        })
    }
}

fn f64_of(days: i64) -> f64 {
    f64::from(i32::try_from(days).unwrap_or(i32::MAX))
}

fn team_of(family: &str) -> &'static str {
    match family {
        "web" | "gateway" | "checkout-feature-x-test" => "storefront",
        "ml-train" | "data-platform" | "batch-etl" => "data",
        "base-al2023-x86_64" | "bastion" => "platform",
        _ => "backend",
    }
}
