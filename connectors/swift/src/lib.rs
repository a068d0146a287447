//! Swift.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use upstream::{Ask, Connector, Harvest, Profile, Result, Upstream};

/// Swift.
pub struct Swift;

#[async_trait]
impl Connector for Swift {
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
