//! Eso.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use upstream::{Ask, Connector, Harvest, Profile, Result, Upstream};

/// Eso.
pub struct Eso;

#[async_trait]
impl Connector for Eso {
    fn profile(&self) -> Profile {
        unimplemented!()
    }

    async fn harvest(&self, _upstream: &Upstream, _ask: &Ask) -> Result<Harvest> {
        unimplemented!()
    }

    fn read(&self, _name: &str, _body: &[u8], _now: DateTime<Utc>) -> Result<Harvest> {
        unimplemented!()
    }
}
