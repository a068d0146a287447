//! Posting to addresses that users give: signed as Standard Webhooks says, and only to places a
//! stranger may send us to. Knows no area.

mod address;
mod answer;
mod caller;
mod names;
mod policy;
mod retry_after;
mod secret;
mod url;

pub use self::answer::{Answer, WebhookError};
pub use self::caller::{Caller, LIMIT};
pub use self::names::{Lookup, Names, SystemNames};
pub use self::policy::{Endpoint, PATIENCE, after};
pub use self::retry_after::LONGEST_WAIT;
pub use self::secret::{BadSecret, Secret, sign};
pub use self::url::{Refusal, check_url};
