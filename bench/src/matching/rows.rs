//! Subscriptions and activities: read from files, or composed.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, ensure};

use crate::random::Random;
use crate::sky::anywhere;

/// A subscription; what is empty asks nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sub {
    pub(crate) telescope: String,
    pub(crate) instrument: String,
    pub(crate) pi: String,
    pub(crate) programme: String,
    /// In the target's name, in lower case.
    pub(crate) part: String,
    /// Position and radius, degrees.
    pub(crate) cone: Option<[f64; 3]>,
    /// Convex, anticlockwise seen from outside; degrees.
    pub(crate) polygon: Vec<(f64, f64)>,
}

impl Sub {
    /// Its region as the filter spells it; empty if it has none.
    pub(crate) fn region(&self) -> String {
        if let Some([ra, dec, radius]) = self.cone {
            return format!("CIRCLE {ra} {dec} {radius}");
        }
        let start = match self.polygon.is_empty() {
            true => String::new(),
            false => "POLYGON".to_owned(),
        };
        let corners = self.polygon.iter();
        corners.fold(start, |text, (ra, dec)| format!("{text} {ra} {dec}"))
    }
}

/// An activity.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    pub(crate) telescope: String,
    pub(crate) instrument: String,
    pub(crate) pi: String,
    pub(crate) programme: String,
    pub(crate) target: String,
    pub(crate) ra: f64,
    pub(crate) dec: f64,
}

/// All of them.
pub(crate) struct Rows {
    pub(crate) subs: Vec<Sub>,
    pub(crate) acts: Vec<Act>,
}

impl Rows {
    /// Those of a folder, or composed ones.
    pub(crate) fn of(folder: Option<&Path>) -> anyhow::Result<Self> {
        let Some(folder) = folder else {
            return Ok(World::new().rows());
        };
        let read = |name: &str| {
            let file = folder.join(name);
            std::fs::read_to_string(&file).with_context(|| file.display().to_string())
        };
        let subs = read("subs.tsv")?
            .lines()
            .map(sub)
            .collect::<anyhow::Result<_>>()?;
        let acts = read("acts.tsv")?
            .lines()
            .map(act)
            .collect::<anyhow::Result<_>>()?;
        Ok(Rows { subs, acts })
    }
}

/// `id telescope instrument pi programme part ra dec radius polygon`, apart by tabs.
fn sub(line: &str) -> anyhow::Result<Sub> {
    let columns: Vec<&str> = line.split('\t').collect();
    ensure!(
        columns.len() == 10,
        "a subscription of {} columns",
        columns.len()
    );
    let [telescope, instrument, pi, programme, part] =
        [1, 2, 3, 4, 5].map(|at| columns[at].to_owned());
    let cone = match columns[6] {
        "" => None,
        ra => Some([ra.parse()?, columns[7].parse()?, columns[8].parse()?]),
    };
    let numbers: Vec<f64> = columns[9]
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    let (corners, _) = numbers.as_chunks::<2>();
    Ok(Sub {
        telescope,
        instrument,
        pi,
        programme,
        part,
        cone,
        polygon: corners.iter().map(|[ra, dec]| (*ra, *dec)).collect(),
    })
}

/// `id telescope instrument pi programme target ra dec`, apart by tabs.
fn act(line: &str) -> anyhow::Result<Act> {
    let columns: Vec<&str> = line.split('\t').collect();
    ensure!(
        columns.len() == 8,
        "an activity of {} columns",
        columns.len()
    );
    let [telescope, instrument, pi, programme, target] =
        [1, 2, 3, 4, 5].map(|at| columns[at].to_owned());
    Ok(Act {
        telescope,
        instrument,
        pi,
        programme,
        target,
        ra: columns[6].parse()?,
        dec: columns[7].parse()?,
    })
}

/// What there is to be asked for, the more popular the earlier it comes.
struct World {
    random: Random,
    instruments: Vec<usize>,
    targets: Vec<(String, f64, f64)>,
    /// Sums of popularity, by how many there are and how steeply it falls.
    sums: HashMap<(usize, u32), Vec<f64>>,
}

const TELESCOPES: (usize, u32) = (400, 90);
const PIS: (usize, u32) = (20_000, 70);
const PROGRAMMES: (usize, u32) = (50_000, 60);
const TARGETS: (usize, u32) = (30_000, 70);

impl World {
    fn new() -> Self {
        let mut random = Random::new(20_260_101);
        let instruments = (0..TELESCOPES.0).map(|_| 1 + random.below(5)).collect();
        let catalogues = ["NGC ", "SN 20", "HD ", "GRB 2", "Kepler-", "AT20", "(3"];
        let targets = (0..TARGETS.0)
            .map(|nth| {
                let number = random.below(99_000);
                let letter = random.pick(&["a", "bc", "de", "f", ""]);
                let (ra, dec) = anywhere(&mut random);
                let name = format!("{}{number}{letter}", catalogues[nth % catalogues.len()]);
                (name, ra, dec)
            })
            .collect();
        World {
            random,
            instruments,
            targets,
            sums: HashMap::new(),
        }
    }

    fn rows(mut self) -> Rows {
        let subs = (0..1_000_000).map(|_| self.sub()).collect();
        let acts = (0..10_000).map(|_| self.act()).collect();
        Rows { subs, acts }
    }

    /// A tenth each by telescope, PI, part of a name and polygon, three twentieths by instrument
    /// and by programme, a twentieth by part and telescope, a quarter by circle; 30 % of the
    /// regions at one telescope.
    fn sub(&mut self) -> Sub {
        let mut sub = Sub::default();
        let kind = self.random.unit();
        let mut at_telescope = kind < 0.25;
        if kind < 0.10 {
        } else if kind < 0.25 {
            let telescope = self.popular(TELESCOPES);
            sub.telescope = format!("TEL-{telescope:03}");
            sub.instrument = self.instrument(telescope);
            at_telescope = false;
        } else if kind < 0.35 {
            sub.pi = self.pi();
        } else if kind < 0.50 {
            sub.programme = self.programme();
        } else if kind < 0.65 {
            sub.part = self.part();
            at_telescope = kind >= 0.60;
        } else if kind < 0.90 {
            let (ra, dec) = self.place();
            let radius = 0.1 * 200_f64.powf(self.random.unit());
            sub.cone = Some([ra, dec, round(radius)]);
            at_telescope = self.random.chance(0.3);
        } else {
            sub.polygon = self.polygon();
            at_telescope = self.random.chance(0.3);
        }
        if at_telescope {
            sub.telescope = format!("TEL-{:03}", self.popular(TELESCOPES));
        }
        sub
    }

    fn act(&mut self) -> Act {
        let telescope = self.popular(TELESCOPES);
        let (target, ra, dec) = if self.random.chance(0.6) {
            let nth = self.popular(TARGETS);
            let (name, ra, dec) = self.targets[nth].clone();
            let (ra, dec) = self.near(ra, dec, 0.1);
            (name, ra, dec)
        } else {
            let (ra, dec) = anywhere(&mut self.random);
            (format!("J{:04.0}{:+05.0}", ra * 27.0, dec * 100.0), ra, dec)
        };
        Act {
            telescope: format!("TEL-{telescope:03}"),
            instrument: self.instrument(telescope),
            pi: self.pi(),
            programme: self.programme(),
            target,
            ra: round(ra).min(359.999_999),
            dec: round(dec),
        }
    }

    /// One of a number of things, the first the most often.
    #[expect(clippy::cast_precision_loss, reason = "a few ten thousands")]
    fn popular(&mut self, (count, steepness): (usize, u32)) -> usize {
        let sums = self.sums.entry((count, steepness)).or_insert_with(|| {
            let mut sum = 0.0;
            let weights = (1..=count).map(|rank| (rank as f64).powf(-f64::from(steepness) / 100.0));
            weights
                .map(|weight| {
                    sum += weight;
                    sum
                })
                .collect()
        });
        let wanted = self.random.unit() * sums.last().copied().unwrap_or_default();
        sums.partition_point(|sum| *sum < wanted).min(count - 1)
    }

    fn instrument(&mut self, telescope: usize) -> String {
        let nth = self.random.below(self.instruments[telescope]);
        format!("TEL-{telescope:03}/I{nth}")
    }

    fn pi(&mut self) -> String {
        let nth = self.popular(PIS);
        let initial = ["A", "B", "C", "D", "E", "F", "G", "H", "J", "K"][nth % 10];
        format!("{initial}. Observer{nth:05}")
    }

    fn programme(&mut self) -> String {
        let nth = self.popular(PROGRAMMES);
        format!(
            "{}.{:04X}.{:03}",
            90 + nth % 29,
            nth * 7919 % 65_536,
            1 + nth % 20
        )
    }

    /// 4 to 8 characters of a target's name.
    fn part(&mut self) -> String {
        let nth = self.popular(TARGETS);
        let name = self.targets[nth].0.to_lowercase();
        let length = (4 + self.random.below(5)).min(name.len());
        let start = self.random.below(name.len() - length + 1);
        let part = name.get(start..start + length).unwrap_or_default().trim();
        part.to_owned()
    }

    /// Near a target, or anywhere.
    fn place(&mut self) -> (f64, f64) {
        let (ra, dec) = if self.random.chance(0.6) {
            let nth = self.popular(TARGETS);
            let (_, ra, dec) = self.targets[nth];
            self.near(ra, dec, 0.3)
        } else {
            anywhere(&mut self.random)
        };
        (round(ra), round(dec))
    }

    fn near(&mut self, ra: f64, dec: f64, most: f64) -> (f64, f64) {
        let (distance, bearing) = (self.random.unit() * most, self.random.unit() * 360.0);
        offset(ra, dec, distance, bearing)
    }

    /// 3 to 8 corners on a circle.
    #[expect(clippy::cast_precision_loss, reason = "8 at most")]
    fn polygon(&mut self) -> Vec<(f64, f64)> {
        let (ra, dec) = self.place();
        let radius = 0.3 * (10.0_f64 / 0.3).powf(self.random.unit());
        let count = 3 + self.random.below(6);
        (0..count)
            .map(|nth| {
                let turn = (nth as f64 + 0.6 * self.random.unit()) / count as f64;
                let (ra, dec) = offset(ra, dec, radius, 360.0 - 360.0 * turn);
                (round(ra), round(dec))
            })
            .collect()
    }
}

/// To a millionth, as files have it.
fn round(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// The place at a distance and bearing (from north through east), degrees.
fn offset(ra: f64, dec: f64, distance: f64, bearing: f64) -> (f64, f64) {
    let (sin_dec, cos_dec) = dec.to_radians().sin_cos();
    let (sin_far, cos_far) = distance.to_radians().sin_cos();
    let (sin_bearing, cos_bearing) = bearing.to_radians().sin_cos();
    let north = sin_dec * cos_far + cos_dec * sin_far * cos_bearing;
    let east = (sin_bearing * sin_far * cos_dec).atan2(cos_far - sin_dec * north);
    let ra = (ra + east.to_degrees()).rem_euclid(360.0);
    (ra, north.clamp(-1.0, 1.0).asin().to_degrees())
}
