//! From the values of a key to what is evaluated.

use std::fmt::Display;

use super::{ActivityFilter, Aliases, FilterError, Key, Pattern, TimeSpec, pattern, suggest};
use crate::activity::{Basis, Category, Intent, Role, Status, TrackingType};
use crate::event::EventKind;
use crate::fold::fold;
use crate::sky::Region;

/// Bands of the spectrum, as upstreams' records name them here.
const BANDS: &[&str] = &[
    "Radio",
    "Millimeter",
    "Infrared",
    "Optical",
    "UV",
    "EUV",
    "X-ray",
    "Gamma-ray",
];

type Result<T> = std::result::Result<T, FilterError>;

/// Reads one value into the part of its key.
pub(super) fn compile(
    filter: &mut ActivityFilter,
    key: Key,
    value: &str,
    aliases: &dyn Aliases,
) -> Result<()> {
    let of = Ask { key, value };
    match key {
        Key::Source => filter.source.push(of.free("the name of a source")?),
        Key::TargetClass => filter.target_class.push(of.free("a class of target")?),
        Key::Site => filter.site.push(of.free("the key of a site")?),
        Key::Status => filter.status.push(of.word(Status::ALL)?),
        Key::Basis => filter.basis.push(of.word(Basis::ALL)?),
        Key::Intent => {
            let known = Intent::ALL.iter().map(|word| word.as_str());
            let known: Vec<&str> = known.chain(["null"]).collect();
            filter.intent.push(of.word(&known)?);
        }
        Key::Role => filter.role.push(of.word(Role::ALL)?),
        Key::Tracking => filter.tracking.push(of.word(TrackingType::ALL)?),
        Key::Category => filter.category.push(of.word(Category::ALL)?),
        Key::Band => filter.band.push(of.word(BANDS)?),
        Key::Class => filter.class.push(of.one(&["ground", "space"])? == "ground"),
        Key::Event => filter.event.push(of.one(EventKind::ALL)?),
        Key::Facility => filter.facility.extend(of.facilities(aliases)?),
        Key::Instrument => {
            let takes = "the name or mode of an instrument, or its beginning with `*`";
            filter
                .instrument
                .extend(of.some(pattern::names(value), takes)?);
        }
        Key::Proposal => {
            let takes = "a programme (4501), also with its collection (JWST/4501), or its beginning with `*`";
            filter
                .proposal
                .extend(of.some(pattern::proposals(value), takes)?);
        }
        Key::Target => {
            let takes = "the name of a target, or its beginning with `*`";
            filter
                .target
                .extend(of.some(pattern::targets(value), takes)?);
        }
        Key::Pi => {
            let words: Vec<_> = pattern::all_words(value).into_iter().collect();
            filter
                .pi
                .extend(of.some(words, "words of a name, or their beginnings with `*`")?);
        }
        Key::Text => {
            let takes = "words, or their beginnings with `*`";
            filter.text.extend(of.some(pattern::texts(value), takes)?);
        }
        Key::Pos => filter.pos.push(of.region()?),
        Key::From => filter.from.push(of.time()?),
        Key::To => filter.to.push(of.time()?),
        Key::At => filter.at.push(of.time()?),
        // One demand together: read once all are at hand.
        Key::VisibleFrom | Key::MinAlt | Key::SunBelow | Key::VisibleWhen => {}
        Key::MinExptime => filter.min_exptime.push(of.seconds()?),
    }
    Ok(())
}

/// One value of one key.
struct Ask<'a> {
    key: Key,
    value: &'a str,
}

impl Ask<'_> {
    fn no(&self, takes: impl Into<String>) -> FilterError {
        FilterError::value(self.key, self.value, takes)
    }

    /// A word of no list.
    fn free(&self, takes: &str) -> Result<String> {
        Some(fold(self.value))
            .filter(|folded| !folded.is_empty())
            .ok_or_else(|| self.no(takes))
    }

    /// The one of a list it spells.
    fn one<T: Copy + Display>(&self, known: &[T]) -> Result<T> {
        let folded = fold(self.value);
        let spelled = known.iter().find(|word| fold(&word.to_string()) == folded);
        spelled.copied().ok_or_else(|| {
            let known: Vec<String> = known.iter().map(T::to_string).collect();
            let error = self.no(known.join(", "));
            error.likely(known.iter().map(String::as_str))
        })
    }

    /// The folded word of a list it spells.
    fn word<T: Copy + Display>(&self, known: &[T]) -> Result<String> {
        self.one(known).map(|word| fold(&word.to_string()))
    }

    fn some<T>(&self, found: Vec<T>, takes: &str) -> Result<Vec<T>> {
        if found.is_empty() {
            return Err(self.no(takes));
        }
        Ok(found)
    }

    /// The facility under this name, and those the catalogue knows under it.
    fn facilities(&self, aliases: &dyn Aliases) -> Result<Vec<Pattern>> {
        let takes = "a telescope or spacecraft, or the beginning of its name with `*`";
        let written = self.some(pattern::names(self.value), takes)?;
        let others: Vec<Pattern> = written
            .iter()
            .flat_map(|pattern| match pattern {
                Pattern::Is(name) => aliases.facility(name),
                Pattern::Starts(beginning) => aliases.facility_prefix(beginning),
            })
            .map(Pattern::Is)
            .collect();
        if let ([Pattern::Is(name)], []) = (written.as_slice(), others.as_slice()) {
            let known = aliases.known_facilities();
            if !known.is_empty() && !known.contains(name) {
                let error = self.no(takes);
                return Err(error.likely(known.iter().map(String::as_str)));
            }
        }
        let mut found = [written, others].concat();
        found.sort();
        found.dedup();
        Ok(found)
    }

    fn region(&self) -> Result<Region> {
        Region::parse(self.value).map_err(|reason| {
            let mut error = self.no(format!(
                "CIRCLE ra dec r, POLYGON ra1 dec1 ra2 dec2 ra3 dec3 … or RANGE ra1 ra2 dec1 dec2, ICRS degrees ({reason})"
            ));
            let shape = self.value.split_whitespace().next().unwrap_or_default();
            error.meant = suggest::nearest(shape, ["CIRCLE", "POLYGON", "RANGE"])
                .filter(|meant| !meant.eq_ignore_ascii_case(shape));
            error
        })
    }

    fn time(&self) -> Result<TimeSpec> {
        TimeSpec::parse(self.value).ok_or_else(|| self.no(TimeSpec::TAKES))
    }

    fn seconds(&self) -> Result<f64> {
        let parsed: Option<f64> = self.value.parse().ok();
        parsed
            .filter(|seconds| seconds.is_finite() && *seconds >= 0.0)
            .map(f64::abs)
            .ok_or_else(|| self.no("seconds, such as 300"))
    }
}
