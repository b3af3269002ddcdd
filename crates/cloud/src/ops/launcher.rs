//! What many listings have in common: each item is something that can start instances, and what it starts them from.

use amictl_model::Moment;

use super::LaunchTemplateUse;

/// One page of everything there is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllRequest {
    /// `NextToken`.
    pub next_token: Option<String>,
}

/// A page of launchers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LauncherPage {
    /// The items of the page.
    pub launchers: Vec<Launcher>,
    /// `NextToken`.
    pub next_token: Option<String>,
}

/// A resource that names images, or launch templates that do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Launcher {
    /// Its id, name or ARN.
    pub id: String,
    /// Its state as AWS names it; empty where it has none.
    pub state: String,
    /// The images that it names.
    pub images: Vec<ImageUse>,
    /// The launch templates that it names.
    pub templates: Vec<LaunchTemplateUse>,
    /// How far it has come, where it is an instance refresh.
    pub progress: Option<Box<RefreshProgress>>,
}

/// How far an instance refresh has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefreshProgress {
    /// `StatusReason`. Text from outside.
    pub reason: Option<String>,
    /// `StartTime`.
    pub started_at: Option<Moment>,
    /// `PercentageComplete`.
    pub percentage: u32,
    /// `InstancesToUpdate`.
    pub instances_to_update: u32,
}

/// An image as a resource names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ImageUse {
    /// As written: an image id, or `resolve:ssm:…` where the resource takes that.
    pub image: String,
    /// Where in the resource it stands, such as `override`; empty where there is but one place.
    pub place: &'static str,
}

/// Declares an operation that lists launchers in pages, all of them.
macro_rules! lists_launchers {
    ($(#[$doc:meta])* $operation:ident, $service:ident) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $operation;

        impl crate::Operation for $operation {
            type Request = super::AllRequest;
            type Reply = super::LauncherPage;
            const SPEC: crate::OperationSpec = crate::OperationSpec::read(crate::Service::$service, stringify!($operation));
        }

        super::paged!($operation);
    };
}
pub(super) use lists_launchers;
