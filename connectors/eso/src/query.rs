//! What is asked of the archive, in ADQL.

use chrono::{DateTime, Utc};
use upstream::tap::quote;

use crate::night::Night;

/// ESO's TAP service for raw data and products, synchronous.
pub(crate) const SYNC: &str = "https://archive.eso.org/tap_obs/sync";

/// Columns of `dbo.raw` asked for.
pub const COLUMNS: &[&str] = &[
    "dp_id",
    "dp_cat",
    "dp_type",
    "dp_tech",
    "instrument",
    "telescope",
    "ins_mode",
    "filter_path",
    "object",
    "target",
    "ra",
    "dec",
    "exp_start",
    "date_obs",
    "exposure",
    "lambda_min",
    "lambda_max",
    "ob_id",
    "ob_name",
    "tpl_id",
    "tpl_start",
    "tpl_expno",
    "tpl_nexp",
    "prog_id",
    "prog_title",
    "pi_coi",
    "obs_mode",
    "release_date",
    "last_mod_date",
];

/// Columns without which a saved answer tells nothing, or is another table's.
pub(crate) const ESSENTIAL: &[&str] = &[
    "dp_id",
    "dp_cat",
    "dp_type",
    "instrument",
    "telescope",
    "ra",
    "dec",
    "exp_start",
    "date_obs",
    "exposure",
    "ob_id",
];

/// Columns that say which block a changed row belongs to.
pub(crate) const KEYS: &[&str] = &["dp_id", "ob_id", "tpl_start", "exp_start", "last_mod_date"];

/// Rows of one column's range, in its order.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    /// The columns wanted; `key` and `dp_id` among them.
    pub(crate) columns: &'static [&'static str],
    /// The column that orders the rows: a timestamp.
    pub(crate) key: &'static str,
    /// First instant wanted, of `key`.
    pub(crate) from: DateTime<Utc>,
    /// Conditions besides.
    pub(crate) also: Vec<String>,
}

impl Query {
    /// The science and acquisition exposures that began in these nights, and meet `also`.
    pub(crate) fn exposures(first: Night, end: DateTime<Utc>, also: Option<String>) -> Self {
        Query {
            columns: COLUMNS,
            key: "exp_start",
            from: first.start(),
            also: std::iter::once(format!("exp_start < '{}'", iso(end)))
                .chain([category()])
                .chain(also)
                .collect(),
        }
    }

    /// The keys of such exposures that were changed since `since`.
    pub(crate) fn changes(since: DateTime<Utc>, first: Night, end: DateTime<Utc>) -> Self {
        Query {
            columns: KEYS,
            key: "last_mod_date",
            from: since,
            also: vec![
                format!("exp_start >= '{}'", iso(first.start())),
                format!("exp_start < '{}'", iso(end)),
                category(),
            ],
        }
    }

    /// The rows from `from` on.
    pub(crate) fn from(&self, from: DateTime<Utc>) -> String {
        self.text(
            &format!("{} >= '{}'", self.key, iso(from)),
            &format!("{} ASC, dp_id ASC", self.key),
        )
    }

    /// The rows of one second alone, whose `dp_id` comes after `dp_id`.
    pub(crate) fn within(&self, second: DateTime<Utc>, end: DateTime<Utc>, dp_id: &str) -> String {
        self.text(
            &format!(
                "{key} >= '{}' AND {key} < '{}' AND dp_id > {}",
                iso(second),
                iso(end),
                quote(dp_id),
                key = self.key,
            ),
            "dp_id ASC",
        )
    }

    fn text(&self, range: &str, order: &str) -> String {
        let mut conditions = vec![range.to_owned()];
        conditions.extend(self.also.iter().cloned());
        format!(
            "SELECT {} FROM dbo.raw WHERE {} ORDER BY {order}",
            self.columns.join(", "),
            conditions.join(" AND "),
        )
    }
}

/// Day-time calibrations outnumber everything else, so they are not asked for.
fn category() -> String {
    "dp_cat IN ('SCIENCE', 'ACQUISITION')".to_owned()
}

fn iso(at: DateTime<Utc>) -> impl std::fmt::Display {
    at.format("%Y-%m-%dT%H:%M:%S")
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn a_night_is_asked_for_from_border_to_border() {
        let night = Night::of(Utc.with_ymd_and_hms(2026, 11, 21, 3, 0, 0).unwrap());
        let query = Query::exposures(night, night.end(), None);

        let text = query.from(query.from);

        assert!(text.ends_with(
            " FROM dbo.raw WHERE exp_start >= '2026-11-20T16:00:00' \
             AND exp_start < '2026-11-21T16:00:00' AND dp_cat IN ('SCIENCE', 'ACQUISITION') \
             ORDER BY exp_start ASC, dp_id ASC"
        ));
    }

    #[test]
    fn a_quote_in_a_name_stays_inside_its_literal() {
        let at = Utc.with_ymd_and_hms(2026, 11, 21, 3, 0, 0).unwrap();
        let query = Query::changes(at, Night::of(at), at);

        assert!(
            query
                .within(at, at, "X' OR 'a")
                .contains("dp_id > 'X'' OR ''a' AND")
        );
    }
}
