//! Where telescopes look: a few thousand popular targets, the galactic plane, the Magellanic
//! Clouds, and everywhere else.

use crate::random::Random;

/// Targets that are looked at again and again.
const POPULAR: usize = 2_000;

/// Where telescopes look.
#[derive(Clone, Debug)]
pub(crate) struct Sky {
    popular: Vec<(f64, f64)>,
}

impl Sky {
    /// The same sky every time.
    pub(crate) fn new() -> Sky {
        let mut random = Random::new(7);
        let popular = (0..POPULAR).map(|_| diffuse(&mut random)).collect();
        Sky { popular }
    }

    /// A pointing, ICRS degrees, and the number of the popular target if it is one.
    pub(crate) fn pointing(&self, random: &mut Random) -> (f64, f64, Option<usize>) {
        if random.chance(0.45) {
            // The tenth most popular is looked at a tenth as often as the first, and so on.
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "from 0 to 1999"
            )]
            let rank = ((POPULAR as f64).powf(random.unit()) - 1.0) as usize;
            let (ra, dec) = self.popular[rank.min(POPULAR - 1)];
            let (ra, dec) = scattered(random, ra, dec, 0.02);
            return (ra, dec, Some(rank));
        }
        let (ra, dec) = diffuse(random);
        (ra, dec, None)
    }
}

/// A place by itself: plane, clouds or anywhere.
fn diffuse(random: &mut Random) -> (f64, f64) {
    match random.unit() {
        x if x < 0.40 => {
            let l = match random.chance(0.3) {
                true => random.normal() * 15.0,
                false => random.between(0.0, 360.0),
            };
            equatorial(l, random.normal() * 3.0)
        }
        x if x < 0.50 => scattered(random, 80.9, -69.75, 2.5),
        x if x < 0.55 => scattered(random, 13.2, -72.8, 1.2),
        _ => anywhere(random),
    }
}

/// A place anywhere on the sphere, ICRS degrees.
pub(crate) fn anywhere(random: &mut Random) -> (f64, f64) {
    let dec = random.between(-1.0, 1.0).asin().to_degrees();
    (random.between(0.0, 360.0), dec)
}

/// A place near another, `deviation` in degrees.
fn scattered(random: &mut Random, ra: f64, dec: f64, deviation: f64) -> (f64, f64) {
    let dec_there = (dec + random.normal() * deviation).clamp(-89.9, 89.9);
    let ra_there = ra + random.normal() * deviation / dec_there.to_radians().cos();
    (ra_there.rem_euclid(360.0), dec_there)
}

/// From galactic to ICRS, degrees: pole at 192.859508, 27.128336, ascending node at l 32.931918.
fn equatorial(l: f64, b: f64) -> (f64, f64) {
    let (l, b) = ((l - 32.931_918).to_radians(), b.to_radians());
    let pole = 27.128_336_f64.to_radians();
    let dec = (b.sin() * pole.sin() + b.cos() * pole.cos() * l.sin()).asin();
    let ra = (b.cos() * l.cos()).atan2(b.sin() * pole.cos() - b.cos() * pole.sin() * l.sin());
    (
        (ra.to_degrees() + 192.859_508).rem_euclid(360.0),
        dec.to_degrees(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_galactic_centre_is_in_sagittarius() {
        let (ra, dec) = equatorial(0.0, 0.0);
        assert!((ra - 266.405).abs() < 0.001 && (dec + 28.936).abs() < 0.001);
    }
}
