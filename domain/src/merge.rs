//! Laying what an upstream says now over what was known.

use crate::activity::Facts;
use crate::target::target_key;

/// What a merge did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// A null was filled in.
    pub filled: bool,
    /// A value was replaced by another, outside the plan's essentials.
    pub corrected: bool,
    /// Planned time, pointing, target or instrument were replaced.
    pub replanned: bool,
    /// More exposures, or a later end.
    pub grown: bool,
}

impl Diff {
    /// Whether anything differs.
    #[must_use]
    pub fn any(self) -> bool {
        self.filled || self.corrected || self.replanned || self.grown
    }
}

/// How far values may replace values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Only nulls are filled in.
    Fill,
    /// Values replace values.
    Replace,
    /// Values replace values, but an archive only grows: the end and the count never shrink, the
    /// start never moves forward (a partial answer must not undo a whole one).
    Grow,
}

/// Pointings closer than this are the same: a thousandth of an arcsecond, below what any upstream
/// here publishes.
const SAME_POINTING_DEG: f64 = 1e-3 / 3600.0;

/// Lays `new` over `old`. `None` and empty lists in `new` say nothing.
pub fn merge(old: &mut Facts, new: &Facts, depth: Depth) -> Diff {
    let mut diff = Diff::default();
    let mut new = new.clone();
    if depth == Depth::Grow {
        grow_only(old, &mut new);
        diff.grown = new.t_max > old.t_max || new.n_exposures > old.n_exposures;
    }
    keep_flags_of_kept_texts(old, &mut new, depth);

    /// How a replaced value counts.
    macro_rules! lay {
        ($kind:ident: $($field:ident),+) => {$(
            if let Some(value) = new.$field.take() {
                match &old.$field {
                    None => { old.$field = Some(value); diff.filled = true; }
                    Some(was) if *was == value => {}
                    Some(_) if depth == Depth::Fill => {}
                    Some(_) => { old.$field = Some(value); diff.$kind = true; }
                }
            }
        )+};
    }
    macro_rules! lay_list {
        ($kind:ident: $($field:ident),+) => {$(
            if !new.$field.is_empty() && old.$field != new.$field {
                if old.$field.is_empty() {
                    old.$field = new.$field;
                    diff.filled = true;
                } else if depth != Depth::Fill {
                    old.$field = new.$field;
                    diff.$kind = true;
                }
            }
        )+};
    }

    if depth == Depth::Replace {
        drop_what_went_with_the_old(old, &new);
    }
    if same_pointing(old, &new) {
        (new.s_ra, new.s_dec) = (None, None);
    }
    // A new start brings its own uncertainty, also when that is none.
    if new.t_min.is_some() && depth != Depth::Fill {
        diff.corrected |= old.t_uncertainty != new.t_uncertainty;
        old.t_uncertainty = new.t_uncertainty;
    }
    lay!(replanned: t_min, s_ra, s_dec, target_name, instrument_name);
    if depth == Depth::Grow {
        lay!(grown: t_max, n_exposures, t_exptime);
    } else {
        lay!(replanned: t_max);
        lay!(corrected: n_exposures, t_exptime);
    }
    lay!(corrected: group_id, intent, site, instrument_mode, em_min, em_max, target_class,
        tracking_type, s_fov, s_region, category, priority, t_planning, t_max_kind, t_uncertainty,
        t_plan_exptime, obs_release_date, proposal_id, proposal_title, proposal_pi);
    lay_list!(replanned: instruments);
    lay_list!(corrected: telescopes, band, keywords, links, truncated);
    if depth != Depth::Fill {
        diff.corrected |= old.role != new.role || old.facility_name != new.facility_name;
        old.role = new.role;
        old.facility_name = new.facility_name;
        old.obs_collection = new.obs_collection;
    }
    // An end that was published for another start says nothing about this one.
    if let (Some(start), Some(end)) = (old.t_min, old.t_max)
        && end < start
    {
        (old.t_max, old.t_max_kind) = (None, None);
    }
    diff
}

/// Blanks the fields an upstream withholds. Answers whether any held a value.
pub fn blank(facts: &mut Facts, withheld: &[String]) -> bool {
    let before = facts.clone();
    for field in withheld {
        match field.as_str() {
            "target_name" => facts.target_name = None,
            "target_class" => facts.target_class = None,
            "keywords" => facts.keywords.clear(),
            "s_ra" | "s_dec" | "s_region" | "s_fov" => {
                (facts.s_ra, facts.s_dec, facts.s_fov, facts.s_region) = (None, None, None, None);
            }
            "proposal_id" => facts.proposal_id = None,
            "proposal_title" => facts.proposal_title = None,
            "proposal_pi" => facts.proposal_pi = None,
            "instrument_mode" => facts.instrument_mode = None,
            "t_exptime" => facts.t_exptime = None,
            "links" => facts.links.clear(),
            _ => {}
        }
    }
    *facts != before
}

/// Another target without coordinates has not those of the one before, and another pointing without
/// a footprint has not the footprint of the one before.
fn drop_what_went_with_the_old(old: &mut Facts, new: &Facts) {
    let other_target = match (&old.target_name, &new.target_name) {
        (Some(was), Some(is)) => {
            let completed = old.is_truncated("target_name") && is.starts_with(was.as_str());
            !completed && target_key(was) != target_key(is)
        }
        _ => false,
    };
    if other_target {
        if new.s_ra.is_none() {
            (old.s_ra, old.s_dec) = (None, None);
        }
        if new.target_class.is_none() {
            old.target_class = None;
        }
        if new.keywords.is_empty() {
            old.keywords.clear();
        }
    }
    let moved = new.s_ra.is_some() && old.s_ra.is_some() && !same_pointing(old, new);
    if moved || (other_target && new.s_ra.is_none()) {
        (old.s_region, old.s_fov) = (None, None);
    }
}

fn same_pointing(old: &Facts, new: &Facts) -> bool {
    let (Some(ra), Some(dec), Some(new_ra), Some(new_dec)) =
        (old.s_ra, old.s_dec, new.s_ra, new.s_dec)
    else {
        return false;
    };
    let across = (ra - new_ra).abs();
    let across = across.min(360.0 - across) * dec.to_radians().cos();
    across < SAME_POINTING_DEG && (dec - new_dec).abs() < SAME_POINTING_DEG
}

fn grow_only(old: &Facts, new: &mut Facts) {
    if new.n_exposures < old.n_exposures {
        (new.n_exposures, new.t_exptime) = (None, None);
    }
    if new.t_max <= old.t_max {
        // What is said of an end belongs to the end that stays.
        (new.t_max, new.t_max_kind) = (None, None);
    }
    if old.t_min.is_some() && new.t_min > old.t_min {
        new.t_min = None;
    }
}

/// `truncated` speaks of texts: a text that stays keeps its flag, one that comes brings its own.
fn keep_flags_of_kept_texts(old: &mut Facts, new: &mut Facts, depth: Depth) {
    let texts = [
        (
            "target_name",
            old.target_name.is_some(),
            new.target_name.is_some(),
        ),
        (
            "proposal_pi",
            old.proposal_pi.is_some(),
            new.proposal_pi.is_some(),
        ),
        (
            "proposal_title",
            old.proposal_title.is_some(),
            new.proposal_title.is_some(),
        ),
    ];
    let mut flags = Vec::new();
    for (field, known, told) in texts {
        let replaced = told && (depth != Depth::Fill || !known);
        let source = if replaced {
            &new.truncated
        } else {
            &old.truncated
        };
        if source.iter().any(|name| name == field) {
            flags.push(field.to_owned());
        }
    }
    if flags.is_empty() {
        old.truncated.clear();
    }
    new.truncated = flags;
}
