//! The upstream's own rows, without the names of co-investigators.

use upstream::table::Row;

/// The first name in `pi_coi`: `GILLESSEN` of `GILLESSEN/ GENZEL/ …`, `HAINAUT, O` of `HAINAUT, O`.
pub(crate) fn first_name(pi_coi: &str) -> Option<&str> {
    let name = pi_coi.split('/').next()?.trim();
    (!name.is_empty()).then_some(name)
}

/// A row as a line of CSV under the same header, `pi_coi` cut to its first name.
pub(crate) fn line(columns: &[String], row: &Row) -> String {
    join(columns.iter().map(|column| {
        let field = row.get(column).unwrap_or("");
        if column == "pi_coi" || is_misplaced(field) {
            first_name(field).unwrap_or("")
        } else {
            field
        }
    }))
}

/// The header as a line of CSV.
pub(crate) fn header(columns: &[String]) -> String {
    join(columns.iter().map(|column| {
        if is_misplaced(column) {
            first_name(column).unwrap_or("")
        } else {
            column
        }
    }))
}

/// Whether this is a long list of names, which only damage can bring into another column.
fn is_misplaced(field: &str) -> bool {
    field.matches("/ ").count() > 1
}

/// A row that could not be read, so that nobody knows for sure which field is `pi_coi`: every list
/// of names (`A/ B/ C`) is cut to the first. Links and paths have no blank after a slash and stay.
pub(crate) fn broken_line(raw: &str) -> String {
    let kept: Vec<&str> = fields(raw)
        .map(|field| {
            let list = field.contains("/ ") || field.trim_end_matches([' ', '"']).ends_with('/');
            match field.split_once('/') {
                Some((first, _)) if list => first,
                _ => field,
            }
        })
        .collect();
    kept.join(",")
}

/// The fields of a line as they stand, quotes included; commas within quotes part nothing.
fn fields(raw: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    raw.split(move |letter| {
        quoted ^= letter == '"';
        letter == ',' && !quoted
    })
}

fn join<'a>(fields: impl Iterator<Item = &'a str>) -> String {
    let mut line = String::new();
    for (at, field) in fields.enumerate() {
        if at > 0 {
            line.push(',');
        }
        if field.contains([',', '"', '\n', '\r']) {
            line.push('"');
            line.push_str(&field.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(field);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_name_is_the_principal_investigator() {
        assert_eq!(first_name("GILLESSEN/ GENZEL/ OTT/"), Some("GILLESSEN"));
        assert_eq!(first_name("HAINAUT, O"), Some("HAINAUT, O"));
        assert_eq!(first_name("  / GENZEL"), None);
        assert_eq!(first_name(""), None);
    }

    #[test]
    fn a_broken_row_loses_its_list_of_names_too() {
        let kept = broken_line(
            "1,https://archive.eso.org/a,GILLESSEN/ GENZEL/ OTT,\"HAINAUT, O/ OTT, T\",2",
        );

        assert_eq!(kept, "1,https://archive.eso.org/a,GILLESSEN,\"HAINAUT, O,2");
    }

    #[test]
    fn fields_with_commas_are_quoted_again() {
        assert_eq!(
            join(["a", "b,c", "d\"e", ""].into_iter()),
            "a,\"b,c\",\"d\"\"e\","
        );
    }
}
