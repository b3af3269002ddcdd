//! What most families do not keep by: versions, channels, and the newest counted over Regions.

use super::channels::Channel;
use super::over_regions::{self, OverRegions, Stays};
use super::retention::Keeping;
use super::words::Words;
use super::{Reasons, reason, say};
use crate::version;
use crate::{NewestIn, ReasonCode};

/// One image before the further rules of its family.
pub(super) struct Further<'a> {
    pub(super) keeping: &'a Keeping<'a>,
    /// The number of its group.
    pub(super) group: u32,
}

impl Further<'_> {
    /// Adds every reason that these rules give to keep the image.
    pub(super) fn tell(
        &self,
        is_usable: bool,
        channel: Channel,
        over_regions: &OverRegions<'_>,
        reasons: &mut Reasons,
        scratch: &mut String,
    ) {
        let keep = &self.keeping.family.keep;
        if keep.newest > 0 && keep.newest_in != NewestIn::EachRegion && is_usable {
            self.newest(over_regions, reasons, scratch);
        }
        if !keep.versions.is_empty() {
            self.version(reasons, scratch);
        }
        self.channel(channel, reasons, scratch);
    }

    fn newest(&self, over_regions: &OverRegions<'_>, reasons: &mut Reasons, scratch: &mut String) {
        let Keeping { family, subject, of_group } = self.keeping;
        let words = |scratch| Words::new(scratch);
        let newest = family.keep.newest;
        let Some(version) = over_regions::version(family, subject.image) else {
            let message = words(scratch).text("it has no version to count over Regions by").done();
            reasons.push(reason(ReasonCode::Newest, message));
            return;
        };
        let message = match over_regions.stays(subject.scope.account, self.group, version) {
            None => return,
            Some(Stays::Unsure) => {
                let message = words(scratch)
                    .text("which versions are the newest cannot be told: an older image may be of one")
                    .done();
                reasons.push(reason(ReasonCode::Newest, message));
                return;
            }
            Some(Stays::Counted(rank)) => {
                words(scratch).text("number ").number(rank + 1).text(" of the ").number(newest)
            }
            Some(Stays::Missing(region)) => words(scratch)
                .text("not in ")
                .text(region.as_str())
                .text(", and newer than the oldest of the ")
                .number(newest),
        };
        let message = message.text(" newest that are in all Regions").of_group(*of_group).done();
        reasons.push(reason(ReasonCode::Newest, message));
    }

    fn version(&self, reasons: &mut Reasons, scratch: &mut String) {
        let Keeping { family, subject, .. } = self.keeping;
        let text = over_regions::version(family, subject.image);
        let message = match text.map(|text| (text, version::read(text))) {
            None => say(scratch, format_args!("its version cannot be told")),
            Some((text, None)) => say(scratch, format_args!("its version `{text}` cannot be read")),
            Some((text, Some(version))) => {
                let Some(range) = family.keep.versions.iter().find(|range| range.contains(&version)) else { return };
                say(scratch, format_args!("its version {text} is in {range}"))
            }
        };
        reasons.push(reason(ReasonCode::Version, message));
    }

    fn channel(&self, channel: Channel, reasons: &mut Reasons, scratch: &mut String) {
        let Some(channels) = &self.keeping.family.keep.channels else { return };
        match channel {
            Channel::None => {}
            // The parameter itself is told among the uses.
            Channel::Named => {
                let message = Words::new(scratch).text("a channel points to it").done();
                reasons.push(reason(ReasonCode::Channel, message));
            }
            Channel::Unsure => {
                let message =
                    "a channel points to an image whose family cannot be told, and it may be one of those before";
                reasons.push(reason(ReasonCode::Channel, Words::new(scratch).text(message).done()));
            }
            Channel::Previous => {
                let message = Words::new(scratch).text("among the ").number(channels.previous);
                let message = message.text(" before an image that a channel points to").done();
                reasons.push(reason(ReasonCode::Channel, message));
            }
        }
    }
}
