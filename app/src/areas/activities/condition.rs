//! The filter as SQL: the same rules as its evaluator in memory, field by field, except `pos` and
//! what goes with `visible_from`, which SQL only narrows (see `search` and `exact`).

use chrono::{DateTime, Utc};
use domain::filter::{ActivityFilter, Pattern, ProposalPattern, TRUNCATED_FROM, TimeSpec};
use sea_orm::Value;

use super::words::{Kind, shortened};

/// Longest name an upstream may have cut off, in characters.
const LONGEST_CUT: usize = 300;

/// A condition under construction: text with numbered placeholders, and their values.
#[derive(Debug, Default)]
pub(super) struct Condition {
    text: String,
    values: Vec<Value>,
}

impl Condition {
    /// A condition whose placeholders come behind `values`.
    pub(super) fn behind(values: Vec<Value>) -> Self {
        Condition {
            text: String::new(),
            values,
        }
    }

    /// Adds `text`, in which each `?` stands for the next of `values`.
    pub(super) fn and(&mut self, text: &str, values: impl IntoIterator<Item = Value>) {
        if !self.text.is_empty() {
            self.text.push_str(" and ");
        }
        let mut values = values.into_iter();
        for (index, part) in text.split('?').enumerate() {
            if index > 0 {
                self.values.extend(values.next());
                self.text.push_str(&format!("${}", self.values.len()));
            }
            self.text.push_str(part);
        }
    }

    /// The text, true when nothing was asked, and the values.
    pub(super) fn finish(self) -> (String, Vec<Value>) {
        let text = if self.text.is_empty() {
            "true".to_owned()
        } else {
            self.text
        };
        (text, self.values)
    }

    /// Adds alternatives, each a text with `?` and its values.
    pub(super) fn any(&mut self, alternatives: Vec<(String, Vec<Value>)>) {
        if alternatives.is_empty() {
            return;
        }
        let (texts, values): (Vec<_>, Vec<_>) = alternatives.into_iter().unzip();
        self.and(
            &format!("({})", texts.join(" or ")),
            values.into_iter().flatten(),
        );
    }

    /// Adds what `filter` asks of an activity `a`, except its place and its visibility.
    pub(super) fn filter(&mut self, filter: &ActivityFilter, now: DateTime<Utc>) {
        self.one_of("a.source", &filter.source);
        self.one_of("a.status", &filter.status);
        self.one_of("a.basis", &filter.basis);
        self.one_of("coalesce(a.intent, 'null')", &filter.intent);
        self.one_of("a.role", &filter.role);
        self.one_of("a.tracking", &filter.tracking);
        self.one_of("a.category", &filter.category);
        self.one_of("a.target_class", &filter.target_class);
        self.one_of("a.site", &filter.site);
        self.any(
            filter
                .class
                .iter()
                .map(|g| ("a.ground = ?".into(), vec![(*g).into()]))
                .collect(),
        );
        let bands = filter
            .band
            .iter()
            .map(|band| word(Kind::Band, &Pattern::Is(band.clone())));
        self.any(bands.collect());
        self.any(
            filter
                .facility
                .iter()
                .map(|name| word(Kind::Facility, name))
                .collect(),
        );
        self.any(
            filter
                .instrument
                .iter()
                .map(|name| word(Kind::Instrument, name))
                .collect(),
        );
        self.any(filter.proposal.iter().map(proposal).collect());
        self.any(filter.target.iter().map(target).collect());
        self.any(
            filter
                .pi
                .iter()
                .map(|all| all_words(Kind::Pi, all))
                .collect(),
        );
        self.any(
            filter
                .text
                .iter()
                .map(|all| all_words(Kind::Text, all))
                .collect(),
        );
        self.times(filter, now);
        if let Some(least) = filter.min_exptime.iter().copied().reduce(f64::min) {
            self.and("a.exptime >= ?", [least.into()]);
        }
    }

    fn times(&mut self, filter: &ActivityFilter, now: DateTime<Utc>) {
        let resolved =
            |times: &[TimeSpec]| times.iter().map(|t| t.resolve(now)).collect::<Vec<_>>();
        if let Some(from) = resolved(&filter.from).into_iter().min() {
            self.and("coalesce(a.t_max, a.t_min) >= ?", [from.into()]);
        }
        if let Some(to) = resolved(&filter.to).into_iter().max() {
            self.and("a.t_min <= ?", [to.into()]);
        }
        let instants = resolved(&filter.at).into_iter().map(|at| {
            let text = "(a.t_min <= ? and coalesce(a.t_max, a.t_min) >= ?)".to_owned();
            (text, vec![at.into(), at.into()])
        });
        self.any(instants.collect());
    }

    fn one_of(&mut self, column: &str, wanted: &[String]) {
        if wanted.is_empty() {
            return;
        }
        let marks = vec!["?"; wanted.len()].join(", ");
        let values: Vec<Value> = wanted.iter().map(|word| word.as_str().into()).collect();
        self.and(&format!("{column} in ({marks})"), values);
    }
}

/// The window of time a filter looks at, both ends included; open ends are `None`.
pub(super) fn window(
    filter: &ActivityFilter,
    now: DateTime<Utc>,
) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let at = || filter.at.iter().map(|time| time.resolve(now));
    let from = filter.from.iter().map(|time| time.resolve(now)).min();
    let to = filter.to.iter().map(|time| time.resolve(now)).max();
    (
        from.into_iter().chain(at().min()).max(),
        to.into_iter().chain(at().max()).min(),
    )
}

fn word(kind: Kind, pattern: &Pattern) -> (String, Vec<Value>) {
    let kind = kind as i32;
    let (fits, values) = fits("w.word", pattern);
    let text = format!(
        "a.id in (select w.activity_id from activity_words w where {fits} and w.kinds & {kind} <> 0)"
    );
    (text, values)
}

fn all_words(kind: Kind, patterns: &[Pattern]) -> (String, Vec<Value>) {
    let (texts, values): (Vec<_>, Vec<_>) =
        patterns.iter().map(|pattern| word(kind, pattern)).unzip();
    (
        format!("({})", texts.join(" and ")),
        values.into_iter().flatten().collect(),
    )
}

/// A pattern on a column compared by bytes: a prefix is a stretch.
fn fits(column: &str, pattern: &Pattern) -> (String, Vec<Value>) {
    match pattern {
        Pattern::Is(text) => (format!("{column} = ?"), vec![shortened(text).into()]),
        Pattern::Starts(text) => {
            let first = shortened(text);
            match after_prefix(&first) {
                Some(end) => (
                    format!("({column} >= ? and {column} < ?)"),
                    vec![first.into(), end.into()],
                ),
                None => (format!("{column} >= ?"), vec![first.into()]),
            }
        }
    }
}

/// The first text behind all that begin with `prefix`.
fn after_prefix(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        let next = ((last as u32 + 1)..=(char::MAX as u32)).find_map(char::from_u32);
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

fn proposal(wanted: &ProposalPattern) -> (String, Vec<Value>) {
    let (mut text, mut values) = match &wanted.pattern {
        Pattern::Is(id) => {
            let (mut texts, mut values) = (vec!["a.proposal = ?".to_owned()], vec![id.into()]);
            for end in [".", "("] {
                let (text, more) = fits("a.proposal", &Pattern::Starts(format!("{id}{end}")));
                texts.push(text);
                values.extend(more);
            }
            (format!("({})", texts.join(" or ")), values)
        }
        starts => fits("a.proposal", starts),
    };
    if let Some(collection) = &wanted.collection {
        text = format!("({text} and a.collection = ?)");
        values.push(collection.into());
    }
    (text, values)
}

/// A target, and the names cut off by their upstream that the wanted one begins with.
fn target(wanted: &Pattern) -> (String, Vec<Value>) {
    let (text, mut values) = fits("a.target", wanted);
    let beginnings: Vec<String> = wanted
        .text()
        .char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .filter(|end| wanted.text()[..*end].chars().count() >= TRUNCATED_FROM)
        .map(|end| wanted.text()[..end].to_owned())
        .take(LONGEST_CUT)
        .collect();
    if beginnings.is_empty() {
        return (text, values);
    }
    let marks = vec!["?"; beginnings.len()].join(", ");
    values.extend(beginnings.into_iter().map(Value::from));
    (
        format!("({text} or (a.target_truncated and a.target in ({marks})))"),
        values,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_before_the_next_text() {
        assert_eq!(after_prefix("ngc").as_deref(), Some("ngd"));
        assert_eq!(after_prefix("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(after_prefix("\u{10ffff}"), None);
        assert_eq!(after_prefix("\u{d7ff}").as_deref(), Some("\u{e000}"));
    }

    #[test]
    fn placeholders_are_numbered_behind_the_values_before() {
        let mut condition = Condition::behind(vec![1.into()]);
        condition.and("a = ?", [2.into()]);
        condition.and("(b = ? or c = ?)", [3.into(), 4.into()]);
        assert_eq!(condition.finish().0, "a = $2 and (b = $3 or c = $4)");
    }
}
