//! Reading memory ahead of its use.
//!
//! A verdict points to an image, that to its name and its block devices, a step to snapshots. Following such pointers one after the other,
//! a processor mostly waits for memory; where those of some items are followed in one short loop first, it waits for all of them at once.

use amictl_model::{BlockDevice, Image, Inventory};
use amictl_policy::Verdict;

use crate::file::Step;

/// Items that are read ahead together: about as many reads as a processor has under way at once.
pub(crate) const AHEAD: usize = 32;

/// Reads a byte of each place; what comes of the bytes means nothing.
fn read_ahead(bytes: impl Iterator<Item = u8>) {
    std::hint::black_box(bytes.fold(0, |all, byte| all ^ byte));
}

/// What moving and hashing these verdicts will read.
pub(crate) fn of_verdicts(inventory: &Inventory, verdicts: &[Verdict]) {
    read_ahead(verdicts.iter().map(|verdict| {
        let image = &inventory.scopes[verdict.scope as usize].images[verdict.image as usize];
        let name = image.name.as_bytes().first().copied().unwrap_or_default();
        let reason = verdict.reasons.first().map_or(0, |reason| reason.code as u8);
        name ^ reason ^ image.id.as_str().len() as u8
    }));
}

/// What hashing these steps will read.
pub(crate) fn of_steps(steps: &[Step]) {
    read_ahead(steps.iter().map(|step| {
        let first = step.snapshots.first().map_or(0, |snapshot| u8::from(snapshot.delete));
        let last = step.snapshots.last().map_or(0, |snapshot| u8::from(snapshot.delete));
        first ^ last ^ of_devices(&step.expects.block_devices)
    }));
}

/// The block devices of these images.
pub(crate) fn of_images<'a>(images: impl Iterator<Item = &'a Image>) {
    read_ahead(images.map(|image| of_devices(&image.block_devices)));
}

fn of_devices(devices: &[BlockDevice]) -> u8 {
    let first = devices.first().map_or(0, |device| u8::from(device.encrypted));
    devices.last().map_or(first, |device| first ^ u8::from(device.encrypted))
}
