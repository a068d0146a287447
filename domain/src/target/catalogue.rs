//! Catalogues: their long names, and their numbers without leading zeros.

/// Long names and the short ones their numbers share. None of the short ones is a long one.
const LONG: &[(&str, &str)] = &[
    ("abellcluster", "abell"),
    ("aco", "abell"),
    ("caldwell", "c"),
    ("collinder", "cr"),
    ("gl", "gj"),
    ("gliese", "gj"),
    ("harvardrevised", "hr"),
    ("henrydraper", "hd"),
    ("hipparcos", "hip"),
    ("indexcatalogue", "ic"),
    ("markarian", "mrk"),
    ("melotte", "mel"),
    ("messier", "m"),
    ("mkn", "mrk"),
    ("newgeneralcatalogue", "ngc"),
    ("palomar", "pal"),
    ("parkes", "pks"),
    ("ruprecht", "rup"),
    ("sharpless2-", "sh2-"),
    ("trumpler", "tr"),
    ("westerlund", "wd"),
];

/// Catalogues that count their objects. Those that name positions (`PSR J0030`) or dates
/// (`GRB 050904`) are absent: their zeros mean something.
const COUNTED: &[&str] = &[
    "3c", "4c", "abell", "arp", "c", "cr", "ddo", "epic", "eso", "gj", "hcg", "hd", "hip", "hr",
    "ic", "kic", "lbn", "ldn", "lhs", "m", "mcg", "mel", "mrk", "ngc", "pal", "pgc", "rcw", "rup",
    "sao", "sh2-", "tic", "toi", "tr", "ugc", "ugca", "vdb", "vv", "wasp", "wr",
];

/// The highest number of the Caldwell catalogue; beyond it a `C` is something else.
const LAST_CALDWELL: u32 = 109;

/// The short name of the catalogue that a squeezed text names in full, without a number.
pub(super) fn named(squeezed: &str) -> Option<&'static str> {
    let (_, short) = LONG.iter().find(|(long, _)| *long == squeezed)?;
    Some(short)
}

/// A squeezed name with its catalogue spelled one way and its number without leading zeros.
pub(super) fn spell(squeezed: &str) -> String {
    let (letters, number) = match long(squeezed) {
        Some(found) => found,
        None => match counted(squeezed) {
            Some(found) => found,
            None => return squeezed.to_owned(),
        },
    };
    if !COUNTED.contains(&letters) {
        return format!("{letters}{number}");
    }
    let significant = number.trim_start_matches('0');
    if significant.starts_with(|c: char| c.is_ascii_digit()) {
        format!("{letters}{significant}")
    } else if number.starts_with('0') {
        format!("{letters}0{significant}")
    } else {
        format!("{letters}{number}")
    }
}

fn long(squeezed: &str) -> Option<(&'static str, &str)> {
    LONG.iter().find_map(|(long, short)| {
        let number = squeezed.strip_prefix(long).filter(|rest| is_number(rest))?;
        let known = *short != "c" || leading_number(number) <= Some(LAST_CALDWELL);
        known.then_some((*short, number))
    })
}

fn counted(squeezed: &str) -> Option<(&'static str, &str)> {
    COUNTED.iter().find_map(|short| {
        let number = squeezed
            .strip_prefix(short)
            .filter(|rest| is_number(rest))?;
        Some((*short, number))
    })
}

fn is_number(rest: &str) -> bool {
    rest.starts_with(|c: char| c.is_ascii_digit())
}

fn leading_number(text: &str) -> Option<u32> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.get(..end)
        .map(|digits| digits.parse().unwrap_or(u32::MAX))
}
