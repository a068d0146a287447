//! Comets and asteroids: their designations.
//!
//! A designation counts only when the rest of the name is empty or a proper name; a name that ends
//! in a word for an offset or a calibration is a field of its own.

use super::{Target, squeeze};

/// Last words of fields that lie beside an object, and of frames that show none.
const OFFSETS: &[&str] = &[
    "acq",
    "arc",
    "background",
    "bias",
    "bkg",
    "bkgd",
    "blank",
    "center",
    "centre",
    "coma",
    "dark",
    "east",
    "field",
    "flat",
    "flats",
    "lamp",
    "north",
    "off",
    "offset",
    "offsets",
    "parallel",
    "ref",
    "reference",
    "sky",
    "skyflat",
    "south",
    "star",
    "tail",
    "test",
    "west",
];

/// Constellations, nominative, genitive and abbreviation where neither begins the other: a number
/// before them counts stars (`61 Cyg`, `30 Doradus`).
const CONSTELLATIONS: &[&str] = &[
    "andromedae",
    "andromeda",
    "antliae",
    "apodis",
    "aps",
    "aquarii",
    "aquarius",
    "aqr",
    "aquilae",
    "aql",
    "arae",
    "arietis",
    "aries",
    "aurigae",
    "bootis",
    "bootes",
    "boo",
    "caeli",
    "camelopardalis",
    "cancri",
    "cancer",
    "cnc",
    "canum",
    "cvn",
    "canis",
    "cma",
    "cmi",
    "capricorni",
    "carinae",
    "cassiopeiae",
    "centauri",
    "centaurus",
    "cephei",
    "cepheus",
    "ceti",
    "cetus",
    "chamaeleontis",
    "cha",
    "circini",
    "columbae",
    "comae",
    "corona",
    "coronae",
    "cra",
    "crb",
    "corvi",
    "crv",
    "crateris",
    "crt",
    "crucis",
    "cru",
    "cygni",
    "cygnus",
    "delphini",
    "doradus",
    "draconis",
    "dra",
    "equulei",
    "eql",
    "eridani",
    "eridanus",
    "fornacis",
    "gemini",
    "geminorum",
    "gruis",
    "herculis",
    "hercules",
    "horologii",
    "hydrae",
    "hya",
    "hydri",
    "hyi",
    "indi",
    "lacertae",
    "leonis",
    "leo",
    "lmi",
    "leporis",
    "librae",
    "lupi",
    "lyncis",
    "lyrae",
    "mensae",
    "microscopii",
    "monocerotis",
    "muscae",
    "normae",
    "octantis",
    "ophiuchi",
    "ophiuchus",
    "orionis",
    "pavonis",
    "pegasi",
    "pegasus",
    "persei",
    "perseus",
    "phoenicis",
    "phe",
    "pictoris",
    "piscium",
    "pisces",
    "psc",
    "piscis",
    "psa",
    "puppis",
    "pyxidis",
    "pyx",
    "reticuli",
    "sagittae",
    "sge",
    "sagittarii",
    "sgr",
    "scorpii",
    "sco",
    "sculptoris",
    "scl",
    "scuti",
    "sct",
    "serpentis",
    "sextantis",
    "tauri",
    "taurus",
    "telescopii",
    "trianguli",
    "tra",
    "tucanae",
    "ursae",
    "uma",
    "umi",
    "velorum",
    "virginis",
    "volantis",
    "vulpeculae",
    "vul",
];

/// Above the highest Flamsteed number a constellation's name is that of an asteroid (`849 Ara`).
const LAST_STAR: u32 = 140;

/// The designation a folded name stands for.
pub(super) fn designation(folded: &str) -> Option<Target> {
    provisional(folded)
        .or_else(|| numbered_comet(folded))
        .or_else(|| asteroid(folded))
}

/// A squeezed name without the marks of a designation it is not: the slash of `C/…` and `67P/…`,
/// the parentheses of `(4) …`. So `C2024E1-sky` begins as `C/2024 E1` does.
pub(super) fn without_marks(squeezed: &str) -> String {
    let bare = match parenthesised(squeezed) {
        Some((number, rest)) => squeeze(&format!("{number} {rest}")),
        None => squeezed.to_owned(),
    };
    match bare.split_once('/') {
        Some((head, rest))
            if is_comet_letter(head) && rest.starts_with(|c: char| c.is_ascii_digit())
                || comet_number(head).is_some() =>
        {
            format!("{head}{}", rest.trim_start_matches('/'))
        }
        _ => bare,
    }
}

/// `C/2024 E1 (…)`, `P/2010 A2`, `C/2019 Y4-B`, `2004 MN4 (…)`: orbit letter, year, half-month,
/// number, fragment.
fn provisional(folded: &str) -> Option<Target> {
    let squeezed = squeeze(folded);
    let (core, named) = match squeezed.split_once('(') {
        // More behind the closing parenthesis says more than the name does.
        Some((_, name))
            if name
                .split_once(')')
                .is_some_and(|(_, rest)| !rest.is_empty()) =>
        {
            return None;
        }
        Some((core, _)) => (core, true),
        None => (squeezed.as_str(), false),
    };
    let core = core.strip_prefix("comet").unwrap_or(core);
    let (letter, rest) = match core.chars().next() {
        Some(first) if is_comet_letter(first.encode_utf8(&mut [0; 4])) => {
            let rest = core.strip_prefix(first)?;
            (Some(first), rest.strip_prefix('/').unwrap_or(rest))
        }
        _ => (None, core),
    };
    let (year, rest) = leading(rest, |c| c.is_ascii_digit());
    let (half_month, rest) = leading(rest, |c| c.is_ascii_lowercase());
    let (_, fragment) = leading(rest, |c| c.is_ascii_digit());
    let short = |part: &str, most: usize| {
        part.len() <= most && part.chars().all(|c| c.is_ascii_lowercase())
    };
    let is_year = year.len() == 4 && ("1500".."2100").contains(&year);
    if !is_year || half_month.is_empty() || !short(half_month, 2) || !short(fragment, 2) {
        return None;
    }
    // Without orbit letter an asteroid has two letters, and never a fragment.
    if letter.is_none() && (half_month.len() != 2 || !fragment.is_empty()) {
        return None;
    }
    let key: String = letter
        .into_iter()
        .chain([year, half_month, rest].concat().chars())
        .collect();
    Some(Target {
        key,
        complete: named,
    })
}

/// `1P/Halley`, `67P-CHURYUMOV-GERASIMENKO`, `3I_ATLAS`, `73P`.
fn numbered_comet(folded: &str) -> Option<Target> {
    let squeezed = squeeze(folded);
    let bare = squeezed.strip_prefix("comet").unwrap_or(&squeezed);
    if let Some(key) = comet_number(bare).filter(|key| !key.ends_with('d')) {
        return Some(Target {
            key,
            complete: false,
        });
    }
    let folded = after_word(folded, "comet").unwrap_or(folded);
    let (number, rest) = leading(folded, |c| c.is_ascii_digit());
    let kind = rest.chars().next()?;
    let name = rest.strip_prefix(kind)?;
    let key = comet_number(&format!("{number}{kind}"))?;
    let named = match name.chars().next()? {
        '/' => !is_offset(name),
        // `3D-HST` is no comet: only with its slash does a lost one have a name.
        ' ' | '_' | '-' if kind != 'd' => is_proper_name(name) && !is_offset(name),
        _ => false,
    };
    named.then_some(Target {
        key,
        complete: true,
    })
}

/// `(99942) Apophis`, `99942 Apophis`, `(99942)`.
fn asteroid(folded: &str) -> Option<Target> {
    let folded = after_word(folded, "asteroid").unwrap_or(folded);
    if let Some((number, name)) = parenthesised(folded) {
        let key = without_zeros(number)?;
        return (!is_offset(name)).then_some(Target {
            key,
            complete: !name.is_empty(),
        });
    }
    let (number, rest) = leading(folded, |c| c.is_ascii_digit());
    let name = rest.trim_start_matches([' ', '_', '-']);
    let one_word = name.len() >= 3 && name.chars().all(|c| c.is_alphabetic() || c == '\'');
    if number.is_empty() || number.len() > 7 || name.len() == rest.len() || !one_word {
        return None;
    }
    let key = without_zeros(number)?;
    let counts_stars = number.parse().is_ok_and(|n: u32| n <= LAST_STAR)
        && CONSTELLATIONS.iter().any(|known| known.starts_with(name));
    (!counts_stars && !is_offset(name)).then_some(Target {
        key,
        complete: true,
    })
}

/// `67p` of `67p`, `067p`: at most four digits, then the kind of its orbit.
fn comet_number(text: &str) -> Option<String> {
    let (number, kind) = leading(text, |c| c.is_ascii_digit());
    let most = match kind {
        "p" | "d" => 4,
        "i" => 2,
        _ => return None,
    };
    let number = without_zeros(number).filter(|number| number.len() <= most)?;
    Some(format!("{number}{kind}"))
}

/// The number and the rest of `(4) Vesta`.
fn parenthesised(text: &str) -> Option<(&str, &str)> {
    let (number, rest) = text.strip_prefix('(')?.split_once(')')?;
    let digits = (1..=7).contains(&number.len()) && number.chars().all(|c| c.is_ascii_digit());
    digits.then_some((number, rest))
}

fn without_zeros(number: &str) -> Option<String> {
    let significant = number.trim_start_matches('0');
    (!significant.is_empty()).then(|| significant.to_owned())
}

fn is_comet_letter(text: &str) -> bool {
    matches!(text, "c" | "p" | "d" | "x" | "a")
}

fn is_offset(name: &str) -> bool {
    name.split(|c: char| !c.is_alphanumeric())
        .any(|word| OFFSETS.contains(&word.trim_end_matches(|c: char| c.is_ascii_digit())))
}

fn is_proper_name(name: &str) -> bool {
    name.split([' ', '_', '-'])
        .filter(|word| !word.is_empty())
        .all(|word| word.len() >= 3 && word.chars().all(|c| c.is_alphabetic() || c == '\''))
}

/// What follows `word` and a separator.
fn after_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(word)?;
    let trimmed = rest.trim_start_matches([' ', '_', '-']);
    (trimmed.len() < rest.len()).then_some(trimmed)
}

/// Splits behind the leading characters that pass.
fn leading(text: &str, passes: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !passes(c)).unwrap_or(text.len());
    text.split_at(end)
}
