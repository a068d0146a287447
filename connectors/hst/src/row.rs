//! What one row of the archive tells, column by column.

use domain::{Intent, Role, TrackingType};
use upstream::mast::MastRow;
use upstream::units;

use crate::words;

/// First letters of dataset names, one an instrument.
const INSTRUMENTS: &str = "FIJLNOUVWXYZ";

/// The visit in a dataset's name, or in a product's (`hst_<programme>_<visit>_…`).
pub(crate) fn visit_of(obs_id: &str, program: &str) -> Option<String> {
    if let Some(product) = obs_id.strip_prefix("hst_") {
        let mut parts = product.split('_');
        let same = parts.next().and_then(words::program).as_deref() == Some(program);
        return words::visit(parts.next().filter(|_| same)?);
    }
    let plausible = obs_id.len() == 9
        && obs_id.bytes().all(|b| b.is_ascii_alphanumeric())
        && obs_id.starts_with(|first: char| INSTRUMENTS.contains(first.to_ascii_uppercase()));
    words::visit(obs_id.get(4..6).filter(|_| plausible)?)
}

/// With a place on the sky.
pub(crate) fn is_pointed(row: &MastRow) -> bool {
    !row.target_name.as_deref().is_some_and(words::is_internal)
}

pub(crate) fn is_science(row: &MastRow) -> bool {
    is_pointed(row) && intent(row) != Some(Intent::Calibration)
}

/// Several exposures under one name: it ends in a digit, a single exposure's in a letter.
pub(crate) fn is_association(row: &MastRow) -> bool {
    row.obs_id
        .as_deref()
        .is_some_and(|id| id.ends_with(|last: char| last.is_ascii_digit()))
}

pub(crate) fn intent(row: &MastRow) -> Option<Intent> {
    match row.intent_type.as_deref() {
        _ if !is_pointed(row) => Some(Intent::Calibration),
        Some("science") => Some(Intent::Science),
        Some("calibration") => Some(Intent::Calibration),
        _ => None,
    }
}

pub(crate) fn role(row: &MastRow) -> Role {
    let target = row.target_name.as_deref();
    let category = row.proposal_type.as_deref().unwrap_or("");
    if target.is_some_and(words::is_parallel) || category.split('/').any(|part| part == "PAR") {
        Role::PureParallel
    } else {
        Role::Prime
    }
}

/// How the telescope follows the row's target; nothing where the archive does not say.
pub(crate) fn tracking(row: &MastRow) -> Option<TrackingType> {
    let moving = row.mt_flag.filter(|_| is_pointed(row))?;
    Some(if moving {
        TrackingType::SolarSystem
    } else {
        TrackingType::Sidereal
    })
}

pub(crate) fn wavelengths<'r>(
    rows: &'r [&MastRow],
    of: impl Fn(&MastRow) -> Option<f64> + 'r,
) -> impl Iterator<Item = f64> + 'r {
    rows.iter()
        .filter_map(move |row| of(row))
        .filter_map(units::nm_to_m)
}

/// The archive's own words for the bands, in ours.
pub(crate) fn published_bands(rows: &[&MastRow]) -> Vec<String> {
    let mut bands: Vec<String> = Vec::new();
    let published = rows
        .iter()
        .filter_map(|row| row.wavelength_region.as_deref());
    for word in published.flat_map(|words| words.split(';')) {
        let band = match word.trim() {
            "OPTICAL" => "Optical",
            "INFRARED" => "Infrared",
            "UV" => "UV",
            "EUV" => "EUV",
            _ => continue,
        };
        if !bands.iter().any(|known| known == band) {
            bands.push(band.to_owned());
        }
    }
    bands
}

/// A footprint with its frame named ICRS: GSC1 and J2000 are taken as such. Nothing for a text
/// that is no row of numbers after the shape.
pub(crate) fn region(text: &str) -> Option<String> {
    let mut words: Vec<&str> = text.split_whitespace().take(4096).collect();
    let shape = words.first().map(|shape| shape.to_ascii_uppercase())?;
    if shape != "POLYGON" && shape != "CIRCLE" {
        return None;
    }
    words.remove(0);
    let framed = words.first().is_some_and(|frame| {
        ["ICRS", "GSC1", "J2000", "FK5"].contains(&frame.to_ascii_uppercase().as_str())
    });
    let numbers = if framed { words.get(1..)? } else { &words };
    let is_number = |word: &&str| word.parse().is_ok_and(|number: f64| number.is_finite());
    let enough = if shape == "CIRCLE" {
        numbers.len() == 3
    } else {
        numbers.len() >= 6 && numbers.len() % 2 == 0
    };
    (enough && numbers.iter().all(is_number)).then(|| format!("{shape} ICRS {}", numbers.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dataset_carries_its_visit() {
        assert_eq!(visit_of("U27XCS01T", "5371").as_deref(), Some("CS"));
        assert_eq!(visit_of("ifjw07abq", "17918").as_deref(), Some("07"));
        assert_eq!(
            visit_of("hst_05371_qe_wfpc2_f606w_pc", "5371").as_deref(),
            Some("QE")
        );
        assert_eq!(visit_of("hst_05371_qe_wfpc2_f606w_pc", "5372"), None);
        assert_eq!(visit_of("6373413925362335744", "5371"), None);
        assert_eq!(visit_of("\u{e9}fjw07abq", "17918"), None);
    }

    #[test]
    fn a_footprint_in_the_guide_stars_frame_is_taken_as_icrs() {
        assert_eq!(
            region("POLYGON GSC1  1.0 2.0  1.5 2.0  1.5 2.5").as_deref(),
            Some("POLYGON ICRS 1.0 2.0 1.5 2.0 1.5 2.5")
        );
        assert_eq!(
            region("CIRCLE ICRS 1 2 0.1").as_deref(),
            Some("CIRCLE ICRS 1 2 0.1")
        );
        assert_eq!(region("POLYGON ICRS 1 2 x 4 5 6"), None);
        assert_eq!(region("UNION ()"), None);
    }
}
