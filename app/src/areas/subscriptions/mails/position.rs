//! A position on the sky, as astronomers copy it from a mail.

/// Sexagesimal, then degrees, ICRS: `00 42 44.33 +41 16 07.7` and `10.68470° +41.26880°`. Nothing
/// for what is no position.
pub(super) fn lines(ra: f64, dec: f64) -> Vec<String> {
    if !(0.0..360.0).contains(&ra) || !(-90.0..=90.0).contains(&dec) {
        return Vec::new();
    }
    vec![
        format!("{} (ICRS)", sexagesimal(ra, dec)),
        format!("{ra:.5}° {dec:+.5}°"),
    ]
}

/// `00 42 44.33 +41 16 07.7`: right ascension in hours, declination in degrees.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "both are positive and below 9 million"
)]
pub(super) fn sexagesimal(ra: f64, dec: f64) -> String {
    // Counted in the last digit shown, so that nothing is ever rounded up to 60.
    let hundredths = (ra / 15.0 * 360_000.0).round() as u64 % (24 * 360_000);
    let tenths = (dec.abs() * 36_000.0).round() as u64;
    let sign = if dec < 0.0 && tenths > 0 { '-' } else { '+' };
    format!(
        "{:02} {:02} {:02}.{:02} {sign}{:02} {:02} {:02}.{}",
        hundredths / 360_000,
        hundredths / 6_000 % 60,
        hundredths / 100 % 60,
        hundredths % 100,
        tenths / 36_000,
        tenths / 600 % 60,
        tenths / 10 % 60,
        tenths % 10,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_become_hours_and_minutes() {
        for (ra, dec, text) in [
            (10.684_708, 41.268_75, "00 42 44.33 +41 16 07.5"),
            (266.416_82, -29.007_806, "17 45 40.04 -29 00 28.1"),
            (0.0, 0.0, "00 00 00.00 +00 00 00.0"),
            (0.0, -0.000_001, "00 00 00.00 +00 00 00.0"),
            (83.0, -0.5, "05 32 00.00 -00 30 00.0"),
            (359.999_999, 89.999_999, "00 00 00.00 +90 00 00.0"),
            (14.999_999, -59.999_999, "01 00 00.00 -60 00 00.0"),
        ] {
            assert_eq!(sexagesimal(ra, dec), text);
        }
    }

    #[test]
    fn what_is_no_position_is_not_shown() {
        for (ra, dec) in [(f64::NAN, 0.0), (360.0, 0.0), (0.0, 90.1), (-1.0, 0.0)] {
            assert!(lines(ra, dec).is_empty());
        }
        assert_eq!(
            lines(10.6847, -41.2688),
            ["00 42 44.33 -41 16 07.7 (ICRS)", "10.68470° -41.26880°"]
        );
    }
}
