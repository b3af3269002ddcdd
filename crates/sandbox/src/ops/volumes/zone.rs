//! Availability Zones by name and by id.

use amictl_model::Region;

use crate::world::zones;

/// The id of a zone of a Region.
pub(crate) fn zone_id(region: &Region, zone: &str) -> String {
    let number = zones(region).iter().position(|name| name == zone).map_or(1, |at| at + 1);
    format!("{region}-az{number}")
}

/// The zone of this id.
pub(crate) fn zone_of_id(region: &Region, id: &str) -> Option<String> {
    zones(region).into_iter().find(|zone| zone_id(region, zone) == id)
}
