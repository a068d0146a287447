//! Programme ids: how two spellings of one are told to be the same.

use crate::fold::fold;

/// The key of a programme id: folded, without blanks and leading zeros (`04501` is `4501`,
/// `091.B-0088(B)` is `91.b-0088(b)`).
#[must_use]
pub fn programme_key(id: &str) -> String {
    let mut key = fold(id);
    key.retain(|c| c != ' ');
    let significant = key.trim_start_matches('0');
    if significant.starts_with(|c: char| c.is_ascii_digit()) {
        significant.to_owned()
    } else if key.starts_with('0') {
        format!("0{significant}")
    } else {
        key
    }
}

/// Whether the programme `key` is `wanted`, or a run of it: equal, or `wanted` followed by `.` or
/// `(`. Both are keys.
#[must_use]
pub fn belongs_to(key: &str, wanted: &str) -> bool {
    key.strip_prefix(wanted)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '(']))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn leading_zeros_and_case_do_not_count() {
        assert_eq!(programme_key("04501"), programme_key(" 4501"));
        assert_eq!(
            programme_key("091.b-0088 (B)"),
            programme_key("91.B-0088(b)")
        );
        assert_eq!(programme_key("0"), "0");
        assert_eq!(programme_key("00.A"), "0.a");
    }

    #[test]
    fn zeros_inside_an_id_count() {
        assert_ne!(programme_key("91.B-0088"), programme_key("91.B-88"));
    }

    #[test]
    fn a_programme_holds_its_runs() {
        for (run, programme) in [
            ("091.B-0088(B)", "091.B-0088"),
            ("106.212B.001", "106.212B"),
            ("60.A-9284H", "060.A-9284H"),
            ("4501", "04501"),
        ] {
            assert!(
                belongs_to(&programme_key(run), &programme_key(programme)),
                "{run}"
            );
        }
    }

    #[test]
    fn a_programme_does_not_hold_its_longer_neighbours() {
        for (other, programme) in [
            ("45012", "4501"),
            ("091.B-00881(A)", "091.B-0088"),
            ("60.A-9284H", "60.A-9284"),
            ("091.B-0088", "091.B-0088(B)"),
        ] {
            assert!(
                !belongs_to(&programme_key(other), &programme_key(programme)),
                "{other}"
            );
        }
    }

    proptest! {
        #[test]
        fn the_key_of_a_key_is_itself(id in "[0-9A-Za-z .()/-]{0,16}|\\PC*") {
            let key = programme_key(&id);
            prop_assert_eq!(programme_key(&key), key);
        }
    }
}
