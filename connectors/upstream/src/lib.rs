//! What every connector shares: the trait it implements, and the client it asks with.

pub mod answer;
pub mod client;
pub mod connector;
pub mod error;
pub mod harvest;

pub use self::answer::Answer;
pub use self::client::Upstream;
pub use self::connector::{Ask, Connector, Profile, Window};
pub use self::error::{Error, Result};
pub use self::harvest::{Cursor, Harvest, Scope};
