//! What the filter compares of an activity, folded once per snapshot.

use std::collections::BTreeSet;

use crate::activity::{Activity, Facts};
use crate::fold::{fold, indexed_words};
use crate::programme::programme_key;
use crate::sky::Shape;
use crate::target;

/// The folded values of one snapshot. The database keeps the same, so both compare bytes.
#[derive(Clone, Debug)]
pub struct Keys {
    /// The connector.
    pub source: String,
    /// Where it stands.
    pub status: String,
    /// How we know.
    pub basis: String,
    /// What it is for; null when unknown.
    pub intent: Option<String>,
    /// Its part beside others.
    pub role: String,
    /// How the telescope follows the sky.
    pub tracking: Option<String>,
    /// Scheduling category.
    pub category: Option<String>,
    /// The upstream's class of target.
    pub target_class: Option<String>,
    /// Key of the ground site.
    pub site: Option<String>,
    /// Data collection.
    pub collection: String,
    /// On the ground: it has a site.
    pub ground: bool,
    /// Bands, folded.
    pub band: Vec<String>,
    /// The telescope and those of a combined run.
    pub facility: Vec<String>,
    /// Names and modes of all its instruments.
    pub instrument: Vec<String>,
    /// Programme key.
    pub proposal: Option<String>,
    /// Target key.
    pub target: Option<String>,
    /// Whether the target key may go on: the upstream cut the name, and not behind a designation.
    pub target_truncated: bool,
    /// Words of the PI's name.
    pub pi: BTreeSet<String>,
    /// Words of target, title, PI, instruments, facility and keywords.
    pub text: BTreeSet<String>,
    /// Seconds of exposure: performed, else planned.
    pub exptime: Option<f64>,
    /// Where it points.
    pub shape: Option<Shape>,
}

impl Keys {
    /// The keys of a snapshot.
    #[must_use]
    pub fn of(activity: &Activity) -> Self {
        let facts = &activity.facts;
        let target = facts.target_name.as_deref().map(target::read);
        Keys {
            source: fold(&activity.source),
            status: fold(activity.status.as_str()),
            basis: fold(activity.basis.as_str()),
            intent: facts.intent.map(|word| fold(word.as_str())),
            role: fold(facts.role.as_str()),
            tracking: facts.tracking_type.map(|word| fold(word.as_str())),
            category: facts.category.map(|word| fold(word.as_str())),
            target_class: facts.target_class.as_deref().and_then(folded),
            site: facts.site.as_deref().and_then(folded),
            collection: fold(&facts.obs_collection),
            ground: facts.site.is_some(),
            band: distinct(facts.band.iter().map(String::as_str)),
            facility: distinct(facilities(facts)),
            instrument: distinct(instruments(facts)),
            proposal: facts
                .proposal_id
                .as_deref()
                .map(programme_key)
                .filter(|key| !key.is_empty()),
            target_truncated: facts.is_truncated("target_name")
                && target.as_ref().is_some_and(|target| !target.complete),
            target: target
                .map(|target| target.key)
                .filter(|key| !key.is_empty()),
            pi: facts
                .proposal_pi
                .as_deref()
                .map(indexed_words)
                .unwrap_or_default(),
            text: text(facts),
            exptime: exptime(facts),
            shape: Shape::of(facts),
        }
    }
}

/// Seconds of exposure performed, else planned.
#[must_use]
pub fn exptime(facts: &Facts) -> Option<f64> {
    facts
        .t_exptime
        .or(facts.t_plan_exptime)
        .filter(|seconds| seconds.is_finite())
}

fn folded(text: &str) -> Option<String> {
    Some(fold(text)).filter(|folded| !folded.is_empty())
}

fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let folded: BTreeSet<String> = names.filter_map(folded).collect();
    folded.into_iter().collect()
}

fn facilities(facts: &Facts) -> impl Iterator<Item = &str> {
    let telescopes = facts.telescopes.iter().map(String::as_str);
    std::iter::once(facts.facility_name.as_str()).chain(telescopes)
}

fn instruments(facts: &Facts) -> impl Iterator<Item = &str> {
    let leading = [&facts.instrument_name, &facts.instrument_mode];
    let all = facts
        .instruments
        .iter()
        .flat_map(|one| std::iter::once(one.name.as_str()).chain(one.mode.as_deref()));
    leading.into_iter().filter_map(Option::as_deref).chain(all)
}

fn text(facts: &Facts) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if let Some(name) = &facts.target_name {
        found.extend(target::name_words(name));
    }
    let titles = [&facts.proposal_title, &facts.proposal_pi];
    let plain = titles
        .into_iter()
        .filter_map(Option::as_deref)
        .chain(instruments(facts))
        .chain(facilities(facts))
        .chain(facts.keywords.iter().map(String::as_str));
    found.extend(plain.flat_map(indexed_words));
    found
}
