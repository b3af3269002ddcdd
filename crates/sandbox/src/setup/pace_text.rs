//! `--pace image=5s,task=1m`.

use std::str::FromStr;

use super::Span;
use super::settings::{SettingsError, read};
use crate::world::Pace;

const NAMES: &[&str] = &["image", "snapshot", "instance", "task", "usage", "all"];

impl FromStr for Pace {
    type Err = SettingsError;

    /// Reads `image=5s,snapshot=5s,instance=2s,task=1m,usage=24h`; what is not set is at once, or what `all` says.
    fn from_str(text: &str) -> Result<Self, SettingsError> {
        let [mut all, mut image, mut snapshot, mut instance, mut task, mut usage] = [None; 6];
        read(text, NAMES, |name, value| {
            let span: Span = value.parse().map_err(|error| SettingsError::new(format!("{name}: {error}")))?;
            let secs =
                u32::try_from(span.secs()).map_err(|_| SettingsError::new(format!("{name}: `{value}` is too long")))?;
            *match name {
                "image" => &mut image,
                "snapshot" => &mut snapshot,
                "instance" => &mut instance,
                "task" => &mut task,
                "usage" => &mut usage,
                _ => &mut all,
            } = Some(secs);
            Ok(())
        })?;
        let secs = |own: Option<u32>| own.or(all).unwrap_or(0);
        Ok(Self {
            image_secs: secs(image),
            snapshot_secs: secs(snapshot),
            instance_secs: secs(instance),
            task_secs: secs(task),
            usage_secs: secs(usage),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paces_are_read() {
        let pace: Pace = "image=5s,task=2m,usage=24h".parse().unwrap();
        assert_eq!((pace.image_secs, pace.snapshot_secs, pace.task_secs, pace.usage_secs), (5, 0, 120, 86_400));
        let pace: Pace = "all=3s,instance=0".parse().unwrap();
        assert_eq!((pace.image_secs, pace.instance_secs), (3, 0));
        assert_eq!(
            "image=5".parse::<Pace>().unwrap_err().to_string(),
            "image: `5` is not a span of time such as `250ms`, `30s`, `36h` or `1h30m`"
        );
        assert!("images=5s".parse::<Pace>().is_err());
    }
}
