//! Where a spacecraft is, and how orbit catalogues call it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Kind of orbit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum OrbitClass {
    /// Low Earth orbit: the Earth hides half the sky, and the view changes every hour and a half.
    #[serde(rename = "LEO")]
    LowEarth,
    /// A long ellipse around the Earth.
    #[serde(rename = "HEO")]
    HighlyEccentric,
    /// Around the point of Sun and Earth on the Sun's side.
    L1,
    /// Around the point of Sun and Earth beyond the Earth.
    L2,
    /// Around the Sun.
    #[serde(rename = "heliocentric")]
    Heliocentric,
    /// Mounted on the International Space Station.
    #[serde(rename = "ISS")]
    SpaceStation,
}

/// Where a spacecraft is, and its numbers. Unknown is null.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Orbit {
    /// Kind of orbit: `LEO`, `HEO`, `L1`, `L2`, `heliocentric`, `ISS`.
    pub class: OrbitClass,
    /// Number in the NORAD catalogue.
    pub norad_id: Option<u32>,
    /// International designator: year, launch, piece.
    pub cospar_id: Option<String>,
}

impl Orbit {
    /// What is wrong with the numbers, naming the field; nothing when all is well.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        if self.norad_id == Some(0) {
            return Some("norad_id is 0; it takes a number from 1".to_owned());
        }
        match &self.cospar_id {
            Some(id) if !is_cospar(id) => {
                Some(format!("cospar_id is {id:?}; it takes the form 1990-037B"))
            }
            _ => None,
        }
    }
}

/// Year, hyphen, three digits, one to three letters.
fn is_cospar(id: &str) -> bool {
    let Some((year, rest)) = id.split_once('-') else {
        return false;
    };
    let launch: String = rest.chars().take(3).collect();
    let piece: String = rest.chars().skip(3).collect();
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    year.len() == 4
        && digits(year)
        && launch.len() == 3
        && digits(&launch)
        && (1..=3).contains(&piece.len())
        && piece.bytes().all(|b| b.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_designator_is_year_launch_and_piece() {
        for id in ["1990-037B", "2021-130A", "1998-067ABC"] {
            assert!(is_cospar(id), "{id}");
        }
        for id in [
            "",
            "1990",
            "90-037B",
            "1990-37B",
            "1990-037",
            "1990-037b",
            "1990-0é7B",
        ] {
            assert!(!is_cospar(id), "{id}");
        }
    }

    #[test]
    fn a_fault_names_its_field() {
        let orbit = Orbit {
            class: OrbitClass::LowEarth,
            norad_id: Some(20580),
            cospar_id: Some("1990/037B".to_owned()),
        };
        let fault = orbit.fault().unwrap();
        assert_eq!(
            fault,
            r#"cospar_id is "1990/037B"; it takes the form 1990-037B"#
        );
    }
}
