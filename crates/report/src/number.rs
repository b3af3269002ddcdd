//! Numbers, sizes, ages and money as people read them.

use amictl_model::Moment;

/// Shown where there is no value.
pub(crate) const NONE: &str = "–";

/// `1,234,567`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The length of something as a number; there are never more things than `u64` counts.
pub(crate) fn len(items: usize) -> u64 {
    u64::try_from(items).unwrap_or(u64::MAX)
}

/// `1 image`, `2 images`.
pub(crate) fn plural(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// `$1,234.56`; what is not a number is shown as unknown.
pub(crate) fn usd(amount: f64) -> String {
    if !amount.is_finite() {
        return "unknown".to_owned();
    }
    // Rounded up: the amount is an upper bound and must stay one.
    let cents = (amount.max(0.0) * 100.0 - 1e-6).ceil() as u64;
    format!("${}.{:02}", count(cents / 100), cents % 100)
}

/// Whole days from `then` to `now`, as `312 d`.
pub(crate) fn age(then: Option<Moment>, now: Moment) -> String {
    then.map_or_else(|| NONE.to_owned(), |then| format!("{} d", days(then, now)))
}

/// Whole days from `then` to `now`; negative when `then` is later.
pub(crate) fn days(then: Moment, now: Moment) -> i64 {
    now.seconds_since(then).div_euclid(86_400)
}

/// `YYYY-MM-DD`.
pub(crate) fn date(moment: Option<Moment>) -> String {
    moment.map_or_else(|| NONE.to_owned(), Moment::date)
}

/// `YYYY-MM-DD HH:MM UTC`.
pub(crate) fn date_time(moment: Moment) -> String {
    moment.to_timestamp().strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// `512 MiB`, `1.5 TiB`: one decimal where the number is small.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    let mut unit = "B";
    let mut tenths = u128::from(bytes) * 10;
    for larger in ["KiB", "MiB", "GiB", "TiB", "PiB"] {
        if tenths < 10_240 {
            break;
        }
        tenths = (tenths + 512) / 1024;
        unit = larger;
    }
    if tenths.is_multiple_of(10) || tenths >= 1_000 {
        format!("{} {unit}", (tenths + 5) / 10)
    } else {
        format!("{}.{} {unit}", tenths / 10, tenths % 10)
    }
}

/// GiB as [`bytes`] writes them.
pub(crate) fn gib(gib: u64) -> String {
    bytes(gib.saturating_mul(1 << 30))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(number), text);
        }
    }

    #[test]
    fn money_stays_an_upper_bound() {
        for (amount, text) in [
            (0.0, "$0.00"),
            (0.001, "$0.01"),
            (1.10, "$1.10"),
            (1234.561, "$1,234.57"),
            (-3.0, "$0.00"),
            (f64::NAN, "unknown"),
        ] {
            assert_eq!(usd(amount), text);
        }
    }

    #[test]
    fn sizes_take_the_unit_that_fits() {
        for (size, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            (8 << 30, "8 GiB"),
            (43_980_465_111_040, "40 TiB"),
            (u64::MAX, "16384 PiB"),
        ] {
            assert_eq!(bytes(size), text);
        }
    }

    #[test]
    fn ages_are_whole_days() {
        let now = Moment::from_secs(86_400 * 400);
        assert_eq!(age(Some(Moment::from_secs(86_400 * 88)), now), "312 d");
        assert_eq!(age(Some(now.plus_secs(1)), now), "-1 d");
        assert_eq!(age(None, now), "–");
    }
}
