//! When the Sun is low at a site.

use std::sync::{Arc, LazyLock};

use super::day::{self, Day, TURN};
use super::memo::Memo;
use super::place::Site;
use super::sun::cubic;
use super::visible::{Observer, Stretch};

/// Seconds between two samples of a day. Extremes near the limit are searched for, so that nothing
/// between two samples is missed.
const STEP: i64 = 1800;
/// How near the limit a sample may be while the extreme beside it lies behind, in sines of
/// altitude: a quarter of an hour from its culmination the Sun is within 1 − cos 3.75° of it.
const NEAR: f64 = 0.003;
/// Halvings of a step until a crossing is known to 0.1 s.
const HALVINGS: u32 = 15;
/// Nights kept: some 100 bytes each.
const NIGHTS: usize = 8192;

/// Site, limit and day.
type Night = ([u64; 3], i64);

/// The stretches of a UTC day with the Sun's centre below an altitude, in order; kept by site,
/// limit and day.
pub(super) fn dark(site: &Site, limit_deg: f64, number: i64) -> Arc<[Stretch]> {
    static NIGHTS_KEPT: LazyLock<Memo<Night, Arc<[Stretch]>>> = LazyLock::new(|| Memo::new(NIGHTS));
    let numbers = [site.latitude_deg, site.longitude_deg, limit_deg];
    NIGHTS_KEPT.get((numbers.map(f64::to_bits), number), || {
        let sun = SunAbove::new(site, number);
        sun.map(|sun| sun.below(limit_deg))
            .unwrap_or_default()
            .into()
    })
}

/// Whether the Sun ever comes below an altitude at a site: a cheap no before days are looked at.
pub(super) fn ever(site: &Site, limit_deg: f64) -> bool {
    let beyond_tropics = (site.latitude_deg.abs() - 24.0).max(0.0);
    limit_deg > beyond_tropics - 90.0
}

/// The Sun of one day above one site.
struct SunAbove {
    observer: Observer,
    sidereal: f64,
    /// Directions at 0 h of the day before, of this one, and of the two after.
    nodes: [[f64; 4]; 4],
}

impl SunAbove {
    fn new(site: &Site, number: i64) -> Option<SunAbove> {
        let node = |after: i64| day::sun_at_midnight(number.checked_add(after)?);
        Some(SunAbove {
            observer: Observer::of(site),
            sidereal: Day::of(number)?.sidereal,
            nodes: [node(-1)?, node(0)?, node(1)?, node(2)?],
        })
    }

    /// Sine of the altitude of the Sun's centre, as the Earth's centre sees it above the site's
    /// horizon, so many seconds after 0 h.
    fn sine(&self, seconds: f64) -> f64 {
        let [x, y, z, _] = cubic(&self.nodes, seconds / day::LENGTH as f64);
        let (sin, cos) = (self.sidereal + self.observer.longitude + TURN * seconds).sin_cos();
        let towards = self.observer.cos_lat * (x * cos + y * sin) + self.observer.sin_lat * z;
        towards / (x * x + y * y + z * z).sqrt()
    }

    fn below(&self, limit_deg: f64) -> Vec<Stretch> {
        // The site sees the Sun lower than the Earth's centre does, by its parallax.
        let [.., parallax] = self.nodes[1];
        let limit = limit_deg.to_radians();
        let limit = (limit + parallax * limit.cos()).sin();
        let above = |seconds: f64| self.sine(seconds) - limit;
        let samples = self.samples(above);
        let mut found: Vec<Stretch> = Vec::new();
        let mut begin = None;
        for pair in samples.windows(2) {
            let ((from, before), (to, after)) = (pair[0], pair[1]);
            if before < 0.0 && begin.is_none() {
                begin = Some(from);
            }
            if (before < 0.0) != (after < 0.0) {
                let crossing = crossing(from, to, before < 0.0, above);
                match begin.take() {
                    Some(begin) => found.push((begin, crossing)),
                    None => begin = Some(crossing),
                }
            }
        }
        if let (Some(begin), Some((end, _))) = (begin, samples.last()) {
            found.push((begin, *end));
        }
        let whole = (0.0, day::LENGTH as f64);
        found
            .into_iter()
            .filter_map(|stretch| overlap(stretch, whole))
            .collect()
    }

    /// Seconds and how far above the limit, from a step before the day to a step after it, in
    /// order; with every extreme that may lie on the other side of the limit.
    fn samples(&self, above: impl Fn(f64) -> f64) -> Vec<Stretch> {
        let steps = -1..=(day::LENGTH / STEP + 1);
        let regular: Vec<Stretch> = steps
            .map(|n| (n * STEP) as f64)
            .map(|seconds| (seconds, above(seconds)))
            .collect();
        let mut all = regular.clone();
        for three in regular.windows(3) {
            let [(from, left), (_, middle), (to, right)] = [three[0], three[1], three[2]];
            if middle.abs() > NEAR {
                continue;
            }
            let sign = if middle < 0.0 { -1.0 } else { 1.0 };
            if sign * middle <= sign * left && sign * middle <= sign * right {
                let seconds = lowest(from, to, |seconds| sign * above(seconds));
                all.push((seconds, above(seconds)));
            }
        }
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        all
    }
}

/// Where between two times a curve that has one lowest point there has it, to a second.
fn lowest(mut from: f64, mut to: f64, curve: impl Fn(f64) -> f64) -> f64 {
    while to - from > 1.0 {
        let third = (to - from) / 3.0;
        if curve(from + third) <= curve(to - third) {
            to -= third;
        } else {
            from += third;
        }
    }
    f64::midpoint(from, to)
}

/// When, between two times, the Sun passes the limit.
fn crossing(mut from: f64, mut to: f64, below: bool, above: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(from, to);
        if (above(middle) < 0.0) == below {
            from = middle;
        } else {
            to = middle;
        }
    }
    f64::midpoint(from, to)
}

/// What two stretches have in common, their ends included.
pub(super) fn overlap(one: Stretch, other: Stretch) -> Option<Stretch> {
    let both = (one.0.max(other.0), one.1.min(other.1));
    (both.0 <= both.1).then_some(both)
}
