//! The sky: regions people ask about, shapes activities have, and the cells that find one by the
//! other.
//!
//! Angles are ICRS degrees. A [`Region`] comes from a filter and is checked strictly; a [`Shape`]
//! comes from an upstream and is taken as well as it can be. Both are closed sets: a boundary
//! belongs to what it bounds, with a tolerance of 1e-9 degrees (4 microarcseconds) for rounding.
//! [`Region::meets`] is exact; [`Region::cover`] names HEALPix cells for an index and errs only
//! towards too many.

mod circle;
mod cover;
mod footprint;
mod parse;
mod polygon;
mod region;
mod ring;
mod shape;
mod sphere;
#[cfg(test)]
pub(crate) mod tests;
mod zone;

pub use self::circle::Circle;
pub use self::cover::{Told, cell};
pub use self::polygon::Polygon;
pub use self::region::Region;
pub use self::shape::{Bounds, Shape};
pub use self::sphere::separation_deg;
pub use self::zone::Zone;
