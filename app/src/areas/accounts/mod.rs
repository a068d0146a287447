//! Accounts: who signs in, by what, and what they keep of their own.
//!
//! Whether an address has an account shows nowhere: not in an answer, nor in the time it takes.
//! Every route does the same work for both, Argon2 included, and what differs (which mail is sent,
//! if any) happens later, in a job.

mod account;
mod address;
mod auth;
mod credentials;
mod export;
mod factor;
mod limits;
mod links;
mod mails;
mod me;
mod network;
mod operators;
mod origin;
mod pages;
mod passwords;
mod payloads;
mod recovery;
mod routes;
mod sessions;
mod sites;
mod tasks;
mod tokens;
mod totp;
mod who;

pub use self::account::{Account, Reach, Role, all, pause_mail, reach};
pub use self::address::Address;
pub use self::export::{Afterwards, Keeper};
pub use self::limits::{Limit, limit, within};
pub use self::network::Network;
pub use self::operators::{create, reset, set_role};
pub use self::origin::SameOrigin;
pub use self::passwords::Passwords;
pub use self::routes::{pages, private, router};
pub use self::sites::{Site, homes, sites};
pub use self::tasks::{ForgetExpired, SendMail};
pub use self::who::{Admin, Caller, SessionWriter, Via, Writer};
