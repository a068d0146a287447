//! From a name to the addresses we may connect to. The client has no other way to learn one, so
//! that a name cannot answer the check with one address and the connection with another.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use reqwest::dns::{Name, Resolve, Resolving};

use super::address;
use super::url::Refusal;

/// The addresses of a name, or why they are not known.
pub type Lookup = BoxFuture<'static, io::Result<Vec<IpAddr>>>;

/// Knows the addresses of names.
pub trait Names: Send + Sync + 'static {
    /// Looks a name up, now.
    fn addresses(&self, name: &str) -> Lookup;
}

/// The names this machine knows.
#[derive(Clone, Copy, Debug)]
pub struct SystemNames;

impl Names for SystemNames {
    fn addresses(&self, name: &str) -> Lookup {
        let name = name.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|place| place.ip()).collect())
        })
    }
}

/// Names with every answer filtered.
#[derive(Clone)]
pub(super) struct Guard {
    names: Arc<dyn Names>,
    own_networks: bool,
}

impl Guard {
    pub(super) fn new(names: Arc<dyn Names>, own_networks: bool) -> Guard {
        Guard {
            names,
            own_networks,
        }
    }

    /// The addresses of a name that may be connected to: at least one.
    ///
    /// # Errors
    /// [`Refusal`] when the name has addresses, but none for us.
    pub(super) async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, Unresolved> {
        let found = self.names.addresses(name).await?;
        let what = found.iter().find_map(|ip| self.refuse(*ip));
        let allowed: Vec<IpAddr> = found
            .into_iter()
            .filter(|ip| self.refuse(*ip).is_none())
            .collect();
        match what {
            _ if !allowed.is_empty() => Ok(allowed),
            Some(what) => {
                let name = name.to_owned();
                Err(Refusal::Resolved { name, what }.into())
            }
            None => Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address").into()),
        }
    }

    fn refuse(&self, ip: IpAddr) -> Option<&'static str> {
        address::refuse(ip, self.own_networks)
    }
}

/// Why a name gave no address.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unresolved {
    /// None that may be connected to.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It is not known, or cannot be looked up just now.
    #[error(transparent)]
    Unknown(#[from] io::Error),
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = match guard.addresses(name.as_str()).await {
                Ok(found) => found,
                Err(Unresolved::Refused(refusal)) => return Err(refusal.into()),
                Err(Unresolved::Unknown(error)) => return Err(error.into()),
            };
            // Port 0: the client puts the URL's there.
            let places = found.into_iter().map(|ip| SocketAddr::new(ip, 0));
            Ok(Box::new(places) as reqwest::dns::Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(&'static [&'static str]);

    impl Names for Fixed {
        fn addresses(&self, _: &str) -> Lookup {
            let found = self.0.iter().map(|ip| ip.parse().unwrap()).collect();
            Box::pin(std::future::ready(Ok(found)))
        }
    }

    async fn found(answers: &'static [&'static str]) -> Result<Vec<IpAddr>, String> {
        let guard = Guard::new(Arc::new(Fixed(answers)), false);
        let found = guard.addresses("hooks.example.org").await;
        found.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn only_public_answers_are_handed_on() {
        let answers = &[
            "127.0.0.1",
            "8.8.8.8",
            "::1",
            "2606:4700::1111",
            "::ffff:10.0.0.1",
        ];
        let expected: [IpAddr; 2] = ["8.8.8.8", "2606:4700::1111"].map(|ip| ip.parse().unwrap());
        assert_eq!(found(answers).await.unwrap(), expected);
    }

    #[tokio::test]
    async fn a_name_with_private_answers_only_is_refused_by_kind_without_its_address() {
        let error = found(&["::ffff:10.11.12.13", "127.0.0.1"]).await;
        let message =
            "hooks.example.org resolves to a private address; webhooks go to public addresses only";
        assert_eq!(error.unwrap_err(), message);
    }

    #[tokio::test]
    async fn a_name_without_addresses_is_not_refused_but_unknown() {
        assert_eq!(found(&[]).await.unwrap_err(), "the name has no address");
    }
}
