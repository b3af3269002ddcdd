//! A source as it was listed: what its resources name, before that has been followed to images.

use amictl_cloud::ops::{AllRequest, AutoScalingGroup, LaunchTemplateUse, Launcher, LauncherPage};
use amictl_cloud::{Call, Cloud, Paged};
use amictl_model::Source;
use compact_str::{CompactString, format_compact};

use crate::Reader;
use crate::reader::Tally;

/// The books of a source, and what its resources name.
pub(crate) struct Listed {
    pub(crate) source: Source,
    pub(crate) tally: Tally,
    pub(crate) named: Vec<Named>,
}

/// What a resource names.
pub(crate) struct Named {
    /// The resource.
    pub(crate) resource: CompactString,
    /// What it is and in which state, such as `EC2 Fleet, active`.
    pub(crate) what: CompactString,
    /// Where in the resource it stands.
    pub(crate) place: &'static str,
    /// What is named.
    pub(crate) target: Target,
}

/// What leads to an image.
pub(crate) enum Target {
    /// An image id, or an alias of one.
    Image(String),
    /// A launch template's version.
    Template(LaunchTemplateUse),
    /// A launch configuration, by its name.
    Configuration(String),
    /// An instance that was started, by its id.
    Instance(String),
}

impl Listed {
    /// Begins to read a source.
    pub(crate) fn begin(reader: Reader<'_>, source: Source) -> Self {
        Self { source, tally: reader.begin(source), named: Vec::new() }
    }

    /// Lists all launchers of an operation but those whose state is one of `over`: they launch nothing any more. A state that is not
    /// known counts.
    pub(crate) async fn read<O>(&mut self, reader: Reader<'_>, kind: &str, over: &[&str])
    where
        O: Paged<Request = AllRequest, Reply = LauncherPage>,
        for<'c> dyn Cloud + 'c: Call<O>,
    {
        let mut launchers = Vec::new();
        let each = |page: LauncherPage| launchers.extend(page.launchers);
        reader.pages::<O>(&mut self.tally, AllRequest::default(), each).await;
        for launcher in launchers.into_iter().filter(|launcher| !over.contains(&launcher.state.as_str())) {
            self.launcher(kind, launcher);
        }
    }

    /// Enters what a launcher names.
    pub(crate) fn launcher(&mut self, kind: &str, launcher: Launcher) {
        let what = match launcher.state.as_str() {
            "" => CompactString::from(kind),
            state => format_compact!("{kind}, {state}"),
        };
        let resource = CompactString::from(launcher.id);
        self.tally.items += 1;
        for used in launcher.images {
            self.name(&resource, &what, used.place, Target::Image(used.image));
        }
        for used in launcher.templates {
            self.name(&resource, &what, used.place, Target::Template(used));
        }
    }

    /// Enters what a group, or a warm pool, names.
    pub(crate) fn group(&mut self, kind: &str, group: &AutoScalingGroup) {
        let (resource, what) = (CompactString::from(group.name.as_str()), CompactString::from(kind));
        self.tally.items += 1;
        for name in &group.launch_configurations {
            self.name(&resource, &what, "launch configuration", Target::Configuration(name.clone()));
        }
        for used in &group.templates {
            self.name(&resource, &what, used.place, Target::Template(used.clone()));
        }
        for used in &group.images {
            self.name(&resource, &what, used.place, Target::Image(used.image.clone()));
        }
    }

    /// Enters one thing that a resource names.
    pub(crate) fn name(&mut self, resource: &CompactString, what: &CompactString, place: &'static str, target: Target) {
        self.named.push(Named { resource: resource.clone(), what: what.clone(), place, target });
    }
}
