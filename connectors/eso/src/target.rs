//! What the text in `object` and `target` means.

/// Words of frame types, as `dp_type` and, for calibrations, `object` list them.
const FRAME_TYPES: &[&str] = &[
    "ACQUISITION",
    "BIAS",
    "COARSE",
    "DARK",
    "FLAT",
    "FRINGE",
    "KAPPA",
    "LAMP",
    "OBJECT",
    "OTHER",
    "PHOTOMETRY",
    "SEARCH",
    "SKY",
    "STD",
    "WAVE",
];

/// Bodies whose plain name can mean nothing else in the sky.
const BODIES: &[&str] = &[
    "CALLISTO",
    "CERES",
    "CHARON",
    "ENCELADUS",
    "GANYMEDE",
    "JUPITER",
    "MARS",
    "MERCURY",
    "MOON",
    "NEPTUNE",
    "PLUTO",
    "SATURN",
    "SUN",
    "TITAN",
    "TRITON",
    "URANUS",
    "VENUS",
    "VESTA",
];

/// Whether `object` names the type of a frame (`SEARCH,OBJECT,DISPERSED`) instead of a target.
pub(crate) fn is_frame_type(object: &str) -> bool {
    object.split(',').any(|word| {
        FRAME_TYPES
            .iter()
            .any(|known| known.eq_ignore_ascii_case(word.trim()))
    })
}

/// Whether the list in `dp_type` or `object` says that this is a sky offset.
pub(crate) fn is_sky(list: &str) -> bool {
    list.split(',')
        .any(|word| word.trim().eq_ignore_ascii_case("SKY"))
}

/// Whether a target is known to move among the stars: a planet, or a moon or minor planet of
/// unmistakable name, a designated comet (`C/2024 E1`, `67P`, `3I/ATLAS`), a numbered asteroid
/// in brackets. Other names are taken for stars and nebulae, as the table does not say.
pub(crate) fn is_moving(name: &str) -> bool {
    let name = name.trim().replace('_', " ").to_ascii_uppercase();
    BODIES.contains(&name.as_str())
        || is_comet_of_a_year(&name)
        || is_numbered_comet(&name)
        || is_numbered_asteroid(&name)
}

/// `C/2024 E1`.
fn is_comet_of_a_year(name: &str) -> bool {
    ["C/", "P/", "D/", "X/", "A/"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .is_some_and(|rest| digits(rest) == 4)
}

/// `67P`, `73P-C`, `3I/ATLAS`.
fn is_numbered_comet(name: &str) -> bool {
    let number = digits(name);
    let mut rest = name.chars().skip(number);
    (1..=4).contains(&number)
        && matches!(rest.next(), Some('P' | 'D' | 'I'))
        && matches!(rest.next(), None | Some('/' | '-' | ' '))
}

/// `(1) Ceres`.
fn is_numbered_asteroid(name: &str) -> bool {
    name.strip_prefix('(').is_some_and(|rest| {
        let number = digits(rest);
        number > 0 && rest.chars().nth(number) == Some(')')
    })
}

/// How many digits a text begins with.
fn digits(text: &str) -> usize {
    text.chars().take_while(char::is_ascii_digit).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_types_are_no_targets() {
        for object in [
            "SEARCH,OBJECT,DISPERSED",
            "KAPPA,OBJECT",
            "SKY",
            "Bias",
            "WAVE,SPECTEMPL",
        ] {
            assert!(is_frame_type(object), "{object}");
        }
        for object in ["NGC-3627", "ETA CARINAE", "SN2013AM", "SKYWALKER"] {
            assert!(!is_frame_type(object), "{object}");
        }
    }

    #[test]
    fn a_sky_offset_is_one_word_of_a_list() {
        assert!(is_sky("SKY"));
        assert!(is_sky("OBJECT, sky"));
        assert!(!is_sky("OBJECT"));
        assert!(!is_sky("SKYFLAT"));
    }

    #[test]
    fn bodies_of_the_solar_system_move() {
        for name in [
            "Jupiter",
            "C/2024 E1",
            "C/2014_Q2",
            "67P",
            "73P-C",
            "3I/ATLAS",
            "(1) Ceres",
        ] {
            assert!(is_moving(name), "{name}");
        }
    }

    #[test]
    fn what_is_not_known_to_move_does_not() {
        for name in [
            "SGR A",
            "M31",
            "NGC-3627",
            "67PISCIUM",
            "JUPITER NEBULA",
            "2MASS J1234",
            "",
            "é",
        ] {
            assert!(!is_moving(name), "{name}");
        }
    }
}
