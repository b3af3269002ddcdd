//! The caps of one plan.

/// The caps of one plan (`limits`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Images that one plan may retire.
    pub max_actions: u64,
    /// Percentage of the inventory's images that one plan may retire.
    pub max_percent: f64,
    /// Images that the inventory must hold at least.
    pub min_images: u64,
    /// How many times as many images a plan may retire as the last run that retired any did; no cap where there is none.
    pub max_jump: Option<u64>,
    /// Caps of each family.
    pub per_family: Caps,
    /// Caps of each account.
    pub per_account: Caps,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_actions: 100,
            max_percent: 20.0,
            min_images: 1,
            max_jump: None,
            per_family: Caps::default(),
            per_account: Caps::default(),
        }
    }
}

/// How many images of a part of the inventory one plan may retire; no cap where there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Caps {
    /// Images.
    pub max_actions: Option<u64>,
    /// Percentage of the part's images.
    pub max_percent: Option<f64>,
}

impl Caps {
    /// Whether it caps nothing.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}
