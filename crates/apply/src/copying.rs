//! Copies of images that were begun since the plan, in every account and Region of which the plan's evidence has all images.

use amictl_cloud::Clouds;
use amictl_collect::{Copying, read_copies};
use amictl_model::{AccountId, Scope};
use amictl_plan::Step;
use futures::future::join_all;

use crate::sweeps::is_shared;

/// What is being copied, by place.
pub(crate) struct CopySweep {
    own: AccountId,
    /// What is being made there, or why that could not be read.
    places: Vec<(Scope, Result<Vec<Copying>, String>)>,
}

/// Lists what is being made in these places; `own` is the account whose images are worked on.
pub(crate) async fn sweep_copies(clouds: &dyn Clouds, own: AccountId, places: &[Scope]) -> CopySweep {
    let places = join_all(places.iter().map(|place| async move {
        let copies = match clouds.of(place.account) {
            Some(cloud) => read_copies(cloud, &place.region).await,
            None => Err("there are no credentials to look with".to_owned()),
        };
        (place.clone(), copies)
    }));
    CopySweep { own, places: places.await }
}

impl CopySweep {
    /// What is made of the image of this step, before the places where that could not be read.
    pub(crate) fn of_step(&self, step: &Step) -> impl Iterator<Item = String> {
        let made = self.places.iter().flat_map(|(place, copies)| {
            let of_image = |copying: &&Copying| step.target.as_str() == &*copying.source;
            let copies = copies.iter().flatten().filter(of_image);
            copies.map(|copying| self.at(place, format!("being copied now: {} in {}", copying.copy, place.region)))
        });
        // An account that may not launch the image cannot copy it either.
        let may_copy = |place: &Scope| place.account == self.own || is_shared(step);
        let unread = self.places.iter().filter(move |(place, _)| may_copy(place)).filter_map(|(place, copies)| {
            let why = copies.as_ref().err()?;
            let region = &place.region;
            Some(self.at(place, format!("whether it is being copied to {region} could not be read: {why}")))
        });
        made.chain(unread)
    }

    fn at(&self, place: &Scope, what: String) -> String {
        if place.account == self.own { what } else { format!("account {}: {what}", place.account) }
    }
}
