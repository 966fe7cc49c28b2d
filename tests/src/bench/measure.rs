//! Medians, ratios, and what the system says of this process.

use std::time::Duration;

/// The value below which `percent` of them lie.
pub(crate) fn quantile(values: &[f64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    sorted
        .get((last * percent).div_ceil(100))
        .copied()
        .unwrap_or(f64::NAN)
}

/// The middle value, of an even number the upper one.
pub(crate) fn median(values: &[f64]) -> f64 {
    quantile(values, 50)
}

pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// `median (least–most)` of ratios taken round by round.
pub(crate) fn spread(values: &[f64]) -> String {
    format!(
        "{:.3} ({:.3}–{:.3})",
        median(values),
        quantile(values, 0),
        quantile(values, 100)
    )
}

/// A line of `/proc/self/status` in KiB; `None` where there is no such file.
pub(crate) fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_the_sorted_values() {
        let values = [5.0, 1.0, 4.0, 2.0, 3.0];
        assert_eq!(median(&values).to_bits(), 3.0f64.to_bits());
        assert_eq!(quantile(&values, 0).to_bits(), 1.0f64.to_bits());
        assert_eq!(quantile(&values, 99).to_bits(), 5.0f64.to_bits());
        assert!(median(&[]).is_nan());
    }
}
