//! Filter words on the command line: `key=value`.

use domain::filter::{ActivityFilter, Context, Key, NoAliases};

use super::Usage;

/// Reads filter words, to complain about slips before anybody is asked. Names of facilities are
/// the server's to judge: its catalogue may be newer than ours.
///
/// # Errors
/// Wrong usage, naming the key and what was likely meant.
pub(super) fn read(words: &[String], context: Context) -> anyhow::Result<ActivityFilter> {
    let pairs = words
        .iter()
        .map(|word| pair(word))
        .collect::<anyhow::Result<Vec<_>>>()?;
    ActivityFilter::from_pairs(pairs, context, &NoAliases)
        .map_err(|error| Usage(error.to_string()).into())
}

fn pair(word: &str) -> anyhow::Result<(&str, &str)> {
    if let Some((key, value)) = word.split_once('=') {
        return Ok((key.trim(), value));
    }
    let shown: String = word.chars().take(80).collect();
    let meant = match Key::is_one(word) {
        true => format!("{word}=VALUE"),
        false => format!("text={shown}"),
    };
    let why = format!("{shown:?} is no filter; it takes key=value, such as {meant:?}");
    Err(Usage(why).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str], context: Context) -> Result<Vec<(String, String)>, String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let filter = read(&words, context).map_err(|error| {
            assert!(error.is::<Usage>());
            error.to_string()
        })?;
        Ok(filter
            .to_pairs()
            .into_iter()
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .collect())
    }

    #[test]
    fn a_repeated_key_keeps_all_its_values() {
        let pairs = words(
            &["facility=JWST", "facility=HST", "pos=CIRCLE 83.6 22 2"],
            Context::Lists,
        );
        let expected = [
            ("facility", "JWST"),
            ("facility", "HST"),
            ("pos", "CIRCLE 83.6 22 2"),
        ];
        assert_eq!(
            pairs.unwrap(),
            expected.map(|(k, v)| (k.to_owned(), v.to_owned()))
        );
    }

    #[test]
    fn what_can_be_seen_from_a_place_is_asked_as_it_was_written() {
        let asked = ["visible_from=48.1 11.6 520", "sun_below=-18"];
        let expected = [("visible_from", "48.1 11.6 520"), ("sun_below", "-18")];
        let expected = expected.map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(words(&asked, Context::Live).unwrap(), expected);
        let error = words(&asked[1..], Context::Live).unwrap_err();
        assert!(
            error.starts_with("`sun_below` needs `visible_from`"),
            "{error}"
        );
    }

    #[test]
    fn a_value_may_hold_an_equals_sign() {
        let pairs = words(&["target=a=b"], Context::Lists).unwrap();
        assert_eq!(pairs, [("target".to_owned(), "a=b".to_owned())]);
    }

    #[test]
    fn a_slip_in_a_key_names_the_likely_one() {
        let error = words(&["facilty=JWST"], Context::Lists).unwrap_err();
        assert!(
            error.contains("\"facilty\"") && error.contains("did you mean \"facility\"?"),
            "{error}"
        );
    }

    #[test]
    fn a_slip_in_a_value_names_the_key_and_the_likely_value() {
        let error = words(&["status=preformed"], Context::Lists).unwrap_err();
        assert!(
            error.contains("`status`") && error.contains("\"performed\""),
            "{error}"
        );
    }

    #[test]
    fn a_word_alone_is_told_how_to_be_a_filter() {
        let error = words(&["M31"], Context::Lists).unwrap_err();
        assert_eq!(
            error,
            r#""M31" is no filter; it takes key=value, such as "text=M31""#
        );
        let error = words(&["target"], Context::Lists).unwrap_err();
        assert!(error.contains("target=VALUE"), "{error}");
    }

    #[test]
    fn events_are_for_what_is_live() {
        assert!(words(&["event=started"], Context::Live).is_ok());
        assert!(words(&["event=started"], Context::Lists).is_err());
    }
}
