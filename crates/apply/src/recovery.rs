//! Whether what a step deregisters and deletes could be restored for as long as the policy asks.

use amictl_collect::Recovery;
use amictl_model::{Snapshot, Tags};
use amictl_plan::Step;

/// Why it could not be; `None` where the policy does not ask, or the Recycle Bin keeps the image and each snapshot that goes.
pub(crate) fn lacking(
    recovery: Option<&Recovery>,
    step: &Step,
    image_tags: &Tags,
    snapshots: &[Snapshot],
) -> Option<String> {
    let wanted = u64::from(step.require_recycle_bin_days?.get());
    let Some(recovery) = recovery else { return Some("the rules of the Recycle Bin were not read".to_owned()) };
    let of_image = (step.target.as_str(), recovery.days_of_image(image_tags));
    let of_snapshots =
        snapshots.iter().map(|snapshot| (snapshot.id.as_str(), recovery.days_of_snapshot(&snapshot.tags)));
    std::iter::once(of_image).chain(of_snapshots).find_map(|(id, days)| match days {
        Ok(days) if days >= wanted => None,
        Ok(0) => Some(format!("the Recycle Bin would not keep {id}, and the policy asks for {wanted} days")),
        Ok(days) => Some(format!("the Recycle Bin would keep {id} for {days} days, and the policy asks for {wanted}")),
        Err(why) => Some(format!("the rules of the Recycle Bin could not be read: {why}")),
    })
}
