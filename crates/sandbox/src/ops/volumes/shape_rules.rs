//! Which sizes, IOPS and throughputs the types of volumes take.

use crate::Fault;
use crate::world::Shape;

/// The smallest and largest size in GiB.
fn sizes(volume_type: &str) -> Option<(u32, u32)> {
    Some(match volume_type {
        "gp2" => (1, 16_384),
        "gp3" => (1, 65_536),
        "io1" => (4, 16_384),
        "io2" => (4, 65_536),
        "st1" | "sc1" => (125, 16_384),
        "standard" => (1, 1024),
        _ => return None,
    })
}

/// The least and most IOPS that can be asked for, and how many a GiB allows.
fn iops_range(volume_type: &str) -> Option<(u32, u32, u32)> {
    Some(match volume_type {
        "gp3" => (3000, 80_000, 500),
        "io1" => (100, 64_000, 50),
        "io2" => (100, 256_000, 1000),
        _ => return None,
    })
}

/// MiB/s that can be asked for.
const THROUGHPUT: std::ops::RangeInclusive<u32> = 125..=2000;

/// Refuses a volume as AWS would; IOPS and throughput are those that were asked for.
pub(crate) fn require_possible(shape: &Shape) -> Result<(), Fault> {
    let name = shape.volume_type.as_str();
    let (least, most) = sizes(name).ok_or_else(|| Fault::invalid_value("volumeType", name))?;
    if !(least..=most).contains(&shape.size_gib) {
        let message = format!(
            "Volume of {}GiB is {} for volume type {name}; the {} size is {}GiB.",
            shape.size_gib,
            if shape.size_gib < least { "too small" } else { "too large" },
            if shape.size_gib < least { "minimum" } else { "maximum" },
            if shape.size_gib < least { least } else { most },
        );
        return Err(Fault::new("InvalidParameterValue", message));
    }
    require_iops(name, shape)?;
    if let Some(throughput) = shape.throughput {
        if name != "gp3" {
            return Err(unsupported("throughput", name));
        }
        // A quarter MiB/s for each of its IOPS is the most that a gp3 volume can have.
        if !THROUGHPUT.contains(&throughput) || throughput.saturating_mul(4) > shape.iops.unwrap_or(3000) {
            return Err(Fault::invalid_value("throughput", &throughput.to_string()));
        }
    }
    if shape.multi_attach && !["io1", "io2"].contains(&name) {
        return Err(unsupported("multiAttachEnabled", name));
    }
    Ok(())
}

fn require_iops(name: &str, shape: &Shape) -> Result<(), Fault> {
    match (shape.iops, iops_range(name)) {
        (None, _) if name.starts_with("io") => {
            Err(Fault::new("MissingParameter", format!("The parameter iops must be specified for {name} volumes.")))
        }
        (None, _) => Ok(()),
        (Some(_), None) => Err(unsupported("iops", name)),
        (Some(iops), Some((least, most, per_gib))) => {
            let ratio_most = shape.size_gib.saturating_mul(per_gib).max(least);
            if (least..=most).contains(&iops) && iops <= ratio_most {
                return Ok(());
            }
            let message = if (least..=most).contains(&iops) {
                format!("Iops to volume size ratio of {iops}:{} is too high; maximum is {per_gib}.", shape.size_gib)
            } else {
                format!("Volume iops of {iops} is out of bounds; it must be between {least} and {most} for {name}.")
            };
            Err(Fault::new("InvalidParameterValue", message))
        }
    }
}

fn unsupported(parameter: &str, volume_type: &str) -> Fault {
    let message = format!("The parameter {parameter} is not supported for {volume_type} volumes.");
    Fault::new("InvalidParameterCombination", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_take_what_aws_documents() {
        for (volume_type, size_gib, iops, throughput, multi_attach, expected) in [
            ("gp2", 1, None, None, false, None),
            ("gp2", 16_385, None, None, false, Some("InvalidParameterValue")),
            ("gp2", 8, Some(3000), None, false, Some("InvalidParameterCombination")),
            ("gp3", 8, None, Some(125), false, None),
            ("gp3", 8, Some(4000), Some(1000), false, None),
            ("gp3", 8, Some(4001), None, false, Some("InvalidParameterValue")),
            ("gp3", 8, None, Some(1000), false, Some("InvalidParameterValue")),
            ("gp3", 1, Some(3000), None, false, None),
            ("io1", 4, None, None, false, Some("MissingParameter")),
            ("io1", 4, Some(200), None, true, None),
            ("io1", 4, Some(201), None, false, Some("InvalidParameterValue")),
            ("io2", 4, Some(100), Some(125), false, Some("InvalidParameterCombination")),
            ("st1", 124, None, None, false, Some("InvalidParameterValue")),
            ("sc1", 125, None, None, true, Some("InvalidParameterCombination")),
            ("standard", 1024, None, None, false, None),
            ("gp9", 8, None, None, false, Some("InvalidParameterValue")),
        ] {
            let shape = Shape { size_gib, volume_type: volume_type.into(), iops, throughput, multi_attach };
            let code = require_possible(&shape).err().map(|fault| fault.code.into_owned());
            assert_eq!(code.as_deref(), expected, "{shape:?}");
        }
    }
}
