//! The bus between processes: Redis pub/sub, or nothing but this process.
//!
//! What travels is a hint. It may be lost, late or doubled, and Redis may be away for hours:
//! whoever listens keeps a position of its own and compares it with the database. So nothing here
//! is retried, nothing waits for Redis, and a process starts without it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, PushInfo, PushKind};
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;

/// Longest a publisher waits for Redis.
const PATIENCE: Duration = Duration::from_millis(1500);
/// Hints a slow listener may be behind before it is told that it missed some.
const DEPTH: usize = 1024;

/// What a listener gets.
#[derive(Clone, Debug)]
pub enum Signal {
    /// A hint.
    Hint(Bytes),
    /// Hints may have been missed: the connection came back.
    Gap,
}

/// How the bus does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Only this process: there is no Redis to be away.
    Local,
    /// Connected to Redis.
    Connected,
    /// Redis is away; positions are compared with the database meanwhile.
    Degraded,
}

/// The bus. Cheap to clone.
#[derive(Clone)]
pub struct Bus {
    topics: Arc<Mutex<HashMap<String, broadcast::Sender<Signal>>>>,
    redis: Option<Arc<Redis>>,
    state: watch::Receiver<State>,
}

struct Redis {
    /// Topics to subscribe to, for the connection's task.
    wanted: mpsc::UnboundedSender<String>,
    /// Hints on their way. Full means that Redis does not keep up, and then they are not needed.
    outgoing: mpsc::Sender<(String, Bytes)>,
}

impl Bus {
    /// A bus within this process.
    #[must_use]
    pub fn local() -> Bus {
        let (_, state) = watch::channel(State::Local);
        Bus {
            topics: Arc::default(),
            redis: None,
            state,
        }
    }

    /// A bus over Redis. Comes back at once; the connection is made, and made again, behind it.
    ///
    /// # Errors
    /// When the address is not one of Redis.
    pub fn redis(url: &str, cancel: CancellationToken) -> anyhow::Result<Bus> {
        let client = redis::Client::open(speaking_resp3(url)?)?;
        let (tell, state) = watch::channel(State::Degraded);
        let (wanted, requests) = mpsc::unbounded_channel();
        let (outgoing, hints) = mpsc::channel(DEPTH);
        let redis = Arc::new(Redis {
            wanted: wanted.clone(),
            outgoing,
        });
        let bus = Bus {
            topics: Arc::default(),
            redis: Some(redis),
            state,
        };
        let link = Link {
            client,
            wanted,
            topics: Arc::clone(&bus.topics),
            tell,
        };
        tokio::spawn(async move {
            tokio::select! {
                () = cancel.cancelled() => {}
                () = link.run(requests, hints) => {}
            }
        });
        Ok(bus)
    }

    /// How the bus does.
    #[must_use]
    pub fn state(&self) -> State {
        *self.state.borrow()
    }

    /// Listens to a topic.
    #[must_use]
    pub fn subscribe(&self, topic: &str) -> broadcast::Receiver<Signal> {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = topics.entry(topic.to_owned()).or_insert_with(|| {
            if let Some(redis) = &self.redis {
                let _ = redis.wanted.send(topic.to_owned());
            }
            broadcast::channel(DEPTH).0
        });
        sender.subscribe()
    }

    /// Tells everybody who listens to a topic: this process at once, the others through Redis.
    pub fn publish(&self, topic: &str, hint: Bytes) {
        deliver(&self.topics, topic, Signal::Hint(hint.clone()));
        if let Some(redis) = &self.redis
            && self.state() == State::Connected
        {
            let _ = redis.outgoing.try_send((topic.to_owned(), hint));
        }
    }
}

/// The address with the protocol that pushes; the rest of it, fragment included, as it was.
fn speaking_resp3(url: &str) -> Result<String, url::ParseError> {
    let mut url = url::Url::parse(url)?;
    url.query_pairs_mut().append_pair("protocol", "resp3");
    Ok(url.into())
}

fn deliver(
    topics: &Mutex<HashMap<String, broadcast::Sender<Signal>>>,
    topic: &str,
    signal: Signal,
) {
    let topics = topics.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(sender) = topics.get(topic) {
        let _ = sender.send(signal);
    }
}

/// The task that holds the connection.
struct Link {
    client: redis::Client,
    wanted: mpsc::UnboundedSender<String>,
    topics: Arc<Mutex<HashMap<String, broadcast::Sender<Signal>>>>,
    tell: watch::Sender<State>,
}

impl Link {
    async fn run(
        self,
        mut requests: mpsc::UnboundedReceiver<String>,
        mut hints: mpsc::Receiver<(String, Bytes)>,
    ) {
        let (push, mut pushes) = mpsc::unbounded_channel();
        let mut wanted: Vec<String> = Vec::new();
        let mut manager = self.connect(push).await;
        let mut publisher = manager.clone();
        tokio::spawn(async move {
            while let Some((topic, hint)) = hints.recv().await {
                let publish = publisher.publish::<_, _, ()>(topic, hint.as_ref());
                match tokio::time::timeout(PATIENCE, publish).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::debug!(%error, "A hint did not reach Redis"),
                    Err(_) => tracing::debug!("Redis took too long for a hint"),
                }
            }
        });
        self.turn(State::Connected);
        loop {
            tokio::select! {
                topic = requests.recv() => {
                    let Some(topic) = topic else { return };
                    if let Err(error) = manager.subscribe(&topic).await {
                        tracing::warn!(%error, "Listening on Redis failed; it is tried again");
                        let again = self.wanted.clone();
                        tokio::spawn(async move {
                            tokio::time::sleep(PATIENCE).await;
                            let _ = again.send(topic);
                        });
                    } else {
                        deliver(&self.topics, &topic, Signal::Gap);
                        wanted.push(topic);
                    }
                }
                push = pushes.recv() => {
                    let Some(push) = push else { return };
                    self.take(push, &wanted);
                }
            }
        }
    }

    /// Connects, however long it takes. The manager then reconnects and subscribes by itself.
    async fn connect(&self, push: mpsc::UnboundedSender<PushInfo>) -> ConnectionManager {
        let config = ConnectionManagerConfig::new()
            .set_push_sender(push)
            .set_automatic_resubscription()
            .set_number_of_retries(usize::MAX)
            .set_max_delay(Duration::from_secs(5))
            .set_connection_timeout(Some(Duration::from_secs(3)))
            .set_response_timeout(Some(Duration::from_secs(3)));
        let mut wait = Duration::from_millis(200);
        let mut told = false;
        loop {
            let one_try = config.clone().set_number_of_retries(0);
            match self
                .client
                .get_connection_manager_with_config(one_try)
                .await
            {
                Ok(_) => {
                    match self
                        .client
                        .get_connection_manager_with_config(config.clone())
                        .await
                    {
                        Ok(manager) => return manager,
                        Err(error) => tracing::debug!(%error, "Redis went away again"),
                    }
                }
                Err(error) if !told => {
                    told = true;
                    tracing::warn!(
                        %error,
                        "Redis cannot be reached: other processes are heard through the database, \
                         up to a second later"
                    );
                }
                Err(_) => {}
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(5));
        }
    }

    fn take(&self, push: PushInfo, wanted: &[String]) {
        match push.kind {
            PushKind::Message => {
                let mut parts = push.data.into_iter();
                let topic = parts
                    .next()
                    .and_then(|v| redis::from_redis_value::<String>(v).ok());
                let hint = parts
                    .next()
                    .and_then(|v| redis::from_redis_value::<Vec<u8>>(v).ok());
                if let (Some(topic), Some(hint)) = (topic, hint) {
                    deliver(&self.topics, &topic, Signal::Hint(hint.into()));
                }
            }
            PushKind::Disconnection => self.turn(State::Degraded),
            PushKind::Subscribe => {
                self.turn(State::Connected);
                for topic in wanted {
                    deliver(&self.topics, topic, Signal::Gap);
                }
            }
            _ => {}
        }
    }

    fn turn(&self, state: State) {
        let was = self.tell.send_replace(state);
        match (was, state) {
            (State::Connected, State::Degraded) => tracing::warn!(
                "Redis went away: other processes are heard through the database, up to a second later"
            ),
            (State::Degraded, State::Connected) => tracing::info!("Redis is connected"),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocol_is_asked_for_whatever_else_the_address_says() {
        for (url, asked) in [
            ("redis://cache:6379", "redis://cache:6379?protocol=resp3"),
            (
                "redis://:word@cache/2?timeout=1",
                "redis://:word@cache/2?timeout=1&protocol=resp3",
            ),
            (
                "rediss://:word@cache:6380/#insecure",
                "rediss://:word@cache:6380/?protocol=resp3#insecure",
            ),
        ] {
            let speaking = speaking_resp3(url).unwrap();
            assert_eq!(speaking, asked);
            let client = redis::Client::open(speaking).unwrap();
            let settings = client.get_connection_info().redis_settings();
            assert_eq!(settings.protocol(), redis::ProtocolVersion::RESP3);
        }
    }
}
