//! The observatory's own words: instruments, modes, targets that are none, programmes.

/// Target of an exposure taken beside another programme's.
const PARALLEL: &str = "PARALLEL-FIELD";

/// Targets that are no place on the sky: lamps and darks inside an instrument, and calibrations
/// taken wherever the telescope happens to look.
const INTERNAL: &[&str] = &[
    "ANY",
    "BIAS",
    "CCDFLAT",
    "DARK",
    "DARK-EARTH-CALIB",
    "DARK-NM",
    "DEUTERIUM",
    "EARTH-CALIB",
    "INTFLAT",
    "KSPOTS",
    "NONE",
    "TUNGSTEN",
    "UVFLAT",
    "VISFLAT",
    "WAVE",
    "WAVEHITM",
    "WAVELINE",
];

/// Channels the timeline prints with their end cut off.
const CHANNELS: &[&str] = &["STIS/CCD", "STIS/FUV-MAMA", "STIS/NUV-MAMA", "WFC3/UVIS"];

/// Modes the timeline prints with their end cut off and that nothing else begins like.
const MODES: &[&str] = &["ACQ/IMAGE", "ACQ/SEARCH", "MULTIACCUM", "TIME-TAG"];

/// Letters of the mode column.
const MODE_WIDTH: usize = 6;

/// What an exposure is for, by its target and mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A target on the sky.
    Science,
    /// Whatever lies beside another programme's target.
    Parallel,
    /// A lamp, a dark, a flat.
    Internal,
    /// Finding the target.
    Acquisition,
}

impl Kind {
    /// The kind of an exposure on `target` (as far as printed) in `mode`.
    pub(crate) fn of(target: Option<&str>, mode: Option<&str>) -> Kind {
        match target {
            Some(target) if is_internal(target) => Kind::Internal,
            _ if mode.is_some_and(|mode| mode.starts_with("ACQ")) => Kind::Acquisition,
            Some(target) if is_parallel(target) => Kind::Parallel,
            _ => Kind::Science,
        }
    }
}

/// Whether the target is no place on the sky. Older timelines cut names to ten letters.
pub(crate) fn is_internal(target: &str) -> bool {
    INTERNAL
        .iter()
        .any(|name| name.eq_ignore_ascii_case(target))
        || target == "DARK-EARTH"
}

/// Whether the target is whatever lies beside another programme's.
pub(crate) fn is_parallel(target: &str) -> bool {
    target.eq_ignore_ascii_case(PARALLEL) || target == "PARALLEL-F"
}

/// The instrument and channel as the archive spells them: `WFC3/UV` is `WFC3/UVIS`.
pub(crate) fn instrument(printed: &str) -> String {
    let mut full = CHANNELS
        .iter()
        .filter(|full| printed.len() >= 7 && full.starts_with(printed));
    match (full.next(), full.next()) {
        (Some(only), None) => (*only).to_owned(),
        _ => printed.to_owned(),
    }
}

/// The mode in full, and whether its end is still missing.
pub(crate) fn mode(printed: &str) -> (String, bool) {
    let cut = printed.chars().count() >= MODE_WIDTH;
    match MODES.iter().find(|full| cut && full.starts_with(printed)) {
        Some(full) => ((*full).to_owned(), false),
        None => (printed.to_owned(), cut),
    }
}

/// Where on the spectrum an instrument works; empty when its name does not say.
pub(crate) fn bands(instrument: &str) -> &'static [&'static str] {
    let (name, channel) = instrument.split_once('/').unwrap_or((instrument, ""));
    match (name, channel) {
        ("WFC3", "IR") | ("NICMOS", _) => &["Infrared"],
        ("ACS", "WFC") | ("FGS", _) => &["Optical"],
        ("COS" | "GHRS" | "HRS", _) | ("ACS", "SBC") => &["UV"],
        ("STIS", channel) if channel.contains("UV") => &["UV"],
        ("WFC3", "UVIS") | ("STIS", "CCD") | ("WFPC2" | "ACS", _) => &["UV", "Optical"],
        _ => &[],
    }
}

/// A programme number without leading zeros; nothing for what is none.
pub(crate) fn program(text: &str) -> Option<String> {
    let digits = text.trim();
    let plausible = (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    let number: u32 = digits.parse().ok().filter(|_| plausible)?;
    (number > 0).then(|| number.to_string())
}

/// The two base-36 letters of a visit, upper case; nothing for what is none.
pub(crate) fn visit(text: &str) -> Option<String> {
    let plausible = text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphanumeric());
    plausible.then(|| text.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_cut_by_the_format_is_completed() {
        assert_eq!(instrument("WFC3/UV"), "WFC3/UVIS");
        assert_eq!(instrument("STIS/CC"), "STIS/CCD");
        assert_eq!(instrument("STIS/FU"), "STIS/FUV-MAMA");
        assert_eq!(instrument("WFC3/IR"), "WFC3/IR");
        assert_eq!(instrument("FGS"), "FGS");
    }

    #[test]
    fn a_mode_is_completed_only_when_nothing_else_begins_like_it() {
        assert_eq!(mode("MULTIA"), ("MULTIACCUM".to_owned(), false));
        assert_eq!(mode("ACQ/PE"), ("ACQ/PE".to_owned(), true));
        assert_eq!(mode("ACCUM"), ("ACCUM".to_owned(), false));
    }

    #[test]
    fn a_lamp_is_internal_and_a_star_is_not() {
        assert_eq!(Kind::of(Some("DARK"), Some("ACCUM")), Kind::Internal);
        assert_eq!(Kind::of(Some("GD153"), Some("ACQ")), Kind::Acquisition);
        assert_eq!(Kind::of(Some("PARALLEL-FIELD"), None), Kind::Parallel);
        assert_eq!(Kind::of(Some("DARKO"), None), Kind::Science);
    }

    #[test]
    fn the_band_is_told_by_the_channel_or_not_at_all() {
        assert_eq!(bands("WFC3/IR"), ["Infrared"]);
        assert_eq!(bands("WFC3/UVIS"), ["UV", "Optical"]);
        assert_eq!(bands("ACS/WFC"), ["Optical"]);
        assert_eq!(bands("ACS/SBC"), ["UV"]);
        assert_eq!(bands("STIS/NUV-MAMA"), ["UV"]);
        assert!(bands("HSP").is_empty());
    }

    #[test]
    fn a_programme_has_no_leading_zeros() {
        assert_eq!(program("05371").as_deref(), Some("5371"));
        assert_eq!(program("00000"), None);
        assert_eq!(program("17-18"), None);
        assert_eq!(visit("a1").as_deref(), Some("A1"));
        assert_eq!(visit("\u{e9}"), None);
    }
}
