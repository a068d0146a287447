//! What a telescope's and an instrument's name tell.

/// Telescopes as `dbo.raw` spells them. The interferometer has one name for each set of its
/// telescopes; the two complete ones stand for them.
pub(crate) const KNOWN: &[&str] = &[
    "ESO-VLT-U1",
    "ESO-VLT-U2",
    "ESO-VLT-U3",
    "ESO-VLT-U4",
    "ESO-VLT-U1234",
    "ESO-VLTI-U1234",
    "ESO-VLTI-A1234",
    "ESO-VST",
    "ESO-VISTA",
    "ESO-NTT",
    "ESO-3.6",
    "MPG/ESO-2.2",
    "APEX-12m",
];

/// Cameras that watch the whole sky all night.
const MONITORS: &[&str] = &["ALPACA", "APICAM", "MASCOT"];

/// Whether this is an all-sky monitor, by either name.
pub(crate) fn is_monitor(telescope: &str, instrument: &str) -> bool {
    [telescope, instrument].iter().any(|name| {
        MONITORS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    })
}

/// The site's key in our catalogue.
pub(crate) fn site(telescope: &str) -> Option<&'static str> {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| telescope.starts_with(prefix));
    if starts(&["ESO-VLT", "ESO-VST", "ESO-VISTA"]) {
        Some("paranal")
    } else if starts(&["ESO-NTT", "ESO-3.6", "MPG/ESO-2.2"]) {
        Some("lasilla")
    } else if starts(&["APEX"]) {
        Some("chajnantor")
    } else {
        None
    }
}

/// The telescopes of a combined run, where the name says which: `ESO-VLTI-U1234` and
/// `ESO-VLT-U1234` combine unit telescopes, `ESO-VLTI-A1234` auxiliary ones. Empty for one alone.
pub(crate) fn combined(telescope: &str) -> Vec<String> {
    let Some(letters) = telescope
        .strip_prefix("ESO-VLTI-")
        .or_else(|| telescope.strip_prefix("ESO-VLT-"))
    else {
        return Vec::new();
    };
    let mut kind = "";
    let mut found = Vec::new();
    for letter in letters.chars() {
        match letter {
            'U' => kind = "ESO-VLT-U",
            'A' => kind = "ESO-VLTI-A",
            '1'..='4' if !kind.is_empty() => {
                let name = format!("{kind}{letter}");
                if !found.contains(&name) {
                    found.push(name);
                }
            }
            _ => return Vec::new(),
        }
    }
    if found.len() < 2 { Vec::new() } else { found }
}

/// The band of an instrument that works in one only. Spectrographs and cameras that cross a
/// border (XSHOOTER, SPHERE, GROND, …) have none here.
pub(crate) fn band(telescope: &str, instrument: &str) -> Option<&'static str> {
    if telescope.starts_with("APEX") {
        return Some("Millimeter");
    }
    match instrument.to_ascii_uppercase().as_str() {
        "AMBER" | "CRIRE" | "CRIRES" | "ERIS" | "GRAVITY" | "HAWKI" | "ISAAC" | "KMOS"
        | "MATISSE" | "MIDI" | "NACO" | "NAOS+CONICA" | "NIRPS" | "PIONIER" | "SINFONI"
        | "SOFI" | "TIMMI2" | "VINCI" | "VIRCAM" | "VISIR" => Some("Infrared"),
        "EFOSC" | "EFOSC2" | "EMMI" | "ESPRESSO" | "FEROS" | "FORS1" | "FORS2" | "GIRAFFE"
        | "HARPS" | "MUSE" | "OMEGACAM" | "SUSI" | "SUSI2" | "UVES" | "VIMOS" | "WFI" => {
            Some("Optical")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_telescope_has_a_site() {
        for name in KNOWN {
            assert!(site(name).is_some(), "{name}");
        }
        assert_eq!(site("ESO-VLT-U4"), Some("paranal"));
        assert_eq!(site("ESO-VLTI-U12"), Some("paranal"));
        assert_eq!(site("MPG/ESO-2.2"), Some("lasilla"));
        assert_eq!(site("APEX-12m"), Some("chajnantor"));
        assert_eq!(site("SOMETHING-ELSE"), None);
    }

    #[test]
    fn a_combined_run_names_its_telescopes() {
        assert_eq!(
            combined("ESO-VLTI-U1234"),
            ["ESO-VLT-U1", "ESO-VLT-U2", "ESO-VLT-U3", "ESO-VLT-U4"]
        );
        assert_eq!(combined("ESO-VLTI-U23"), ["ESO-VLT-U2", "ESO-VLT-U3"]);
        assert_eq!(combined("ESO-VLT-U1234").len(), 4);
        assert_eq!(combined("ESO-VLTI-A13"), ["ESO-VLTI-A1", "ESO-VLTI-A3"]);
    }

    #[test]
    fn a_telescope_alone_or_a_name_unknown_combines_nothing() {
        for name in ["ESO-VLT-U4", "ESO-VISTA", "ESO-VLTI-XYZ", "ESO-VLTI-12", ""] {
            assert!(combined(name).is_empty(), "{name}");
        }
    }

    #[test]
    fn a_monitor_is_known_by_either_name() {
        assert!(is_monitor("APICAM", "APICAM"));
        assert!(is_monitor("ESO-Paranal", "Mascot"));
        assert!(!is_monitor("ESO-VLT-U4", "SINFONI"));
    }

    #[test]
    fn an_instrument_across_bands_has_none() {
        assert_eq!(band("ESO-VLT-U4", "SINFONI"), Some("Infrared"));
        assert_eq!(band("ESO-VLT-U3", "XSHOOTER"), None);
        assert_eq!(band("APEX-12m", "APEXHET"), Some("Millimeter"));
    }
}
