//! A conversation with the mail server, step by step: who is at fault depends on the step.
//!
//! A 5xx to the greeting, the password or the sender is about this hub and its settings: every mail
//! would get it, so it is no verdict on the address. A 5xx to the recipient or the mail is one.

use std::error::Error as _;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as From, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::transport::smtp::response::Response;
use percent_encoding::percent_decode_str;
use tokio::net::{TcpStream, lookup_host};
use url::Url;

use super::MailError;

/// Connections kept for the next mail.
const KEPT: usize = 16;
/// How long one is kept: servers hang up on those who say nothing.
const LONGEST_KEPT: Duration = Duration::from_secs(30);
/// Longest wait for a kept connection to say that it is still there.
const STILL_THERE: Duration = Duration::from_secs(2);
/// Most that is kept of a server's words, in characters.
const MOST_WORDS: usize = 500;

/// The mail server.
pub(super) struct Smtp {
    host: String,
    port: u16,
    encryption: Encryption,
    tls: OnceLock<TlsParameters>,
    credentials: Option<Credentials>,
    hello: ClientId,
    longest: Duration,
    kept: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encryption {
    /// `smtps://`: from the first byte.
    FromTheStart,
    /// `smtp://…?tls=required`: by STARTTLS, or not at all.
    Required,
    /// `smtp://`: by STARTTLS where the server offers it; a password goes nowhere else but to this
    /// machine.
    Offered,
    /// `smtp://…?tls=none`: for servers inside one's own network.
    Never,
}

impl Smtp {
    /// Reads `SMTP_URL`: `smtp[s]://[user:password@]host[:port][?tls=required|none]`. `us` is what
    /// this hub calls itself, `longest` the time a whole conversation may take.
    ///
    /// # Errors
    /// One line that does not repeat the value: it holds a password.
    pub(super) fn new(url: &str, us: &str, longest: Duration) -> anyhow::Result<Smtp> {
        let url = Url::parse(url).context("reading SMTP_URL")?;
        let host = match url.host_str() {
            Some(host) if !host.is_empty() => host.trim_matches(['[', ']']).to_owned(),
            _ => bail!("SMTP_URL names no host; it takes smtp://[user:password@]host[:port]"),
        };
        let tls = url.query_pairs().find(|(name, _)| name == "tls");
        let encryption = match (url.scheme(), tls.as_ref().map(|(_, tls)| tls.as_ref())) {
            ("smtps", None) => Encryption::FromTheStart,
            ("smtp", None) => Encryption::Offered,
            ("smtp", Some("required")) => Encryption::Required,
            ("smtp", Some("none")) => Encryption::Never,
            _ => bail!("SMTP_URL has a tls it cannot use; with smtp:// it takes required or none"),
        };
        let usual_port = match encryption {
            Encryption::FromTheStart => 465,
            _ => 587,
        };
        let decoded = |text: &str| {
            let decoded = percent_decode_str(text).decode_utf8();
            decoded
                .map(|text| text.into_owned())
                .context("SMTP_URL has a name or password that is not UTF-8")
        };
        let credentials = match url.password() {
            Some(password) => Some(Credentials::new(
                decoded(url.username())?,
                decoded(password)?,
            )),
            None => None,
        };
        Ok(Smtp {
            port: url.port().unwrap_or(usual_port),
            encryption,
            tls: OnceLock::new(),
            credentials,
            hello: match us.contains('.') {
                true => ClientId::Domain(us.to_owned()),
                false => ClientId::default(),
            },
            longest,
            kept: Mutex::default(),
            host,
        })
    }

    /// Hands a message over. Answers the server's words.
    ///
    /// # Errors
    /// When it was not taken, or nobody said so in time.
    pub(super) async fn send(&self, message: &Message) -> Result<String, MailError> {
        let mut begun = false;
        let told = tokio::time::timeout(self.longest, self.converse(message, &mut begun)).await;
        let told = told.unwrap_or_else(|_| {
            let seconds = self.longest.as_secs();
            Err(MailError::later(format!(
                "the mail server gave no answer within {seconds} s"
            )))
        });
        match told {
            Err(MailError::Later { text }) if begun => Err(MailError::Unknown { text }),
            told => told,
        }
    }

    /// `begun` while the server has the mail, or a part of it, and has not answered.
    async fn converse(&self, message: &Message, begun: &mut bool) -> Result<String, MailError> {
        let mut connection = match self.still_there().await {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let envelope = message.envelope();
        let mut parameters = Vec::new();
        let mut addresses = envelope.to().iter().chain(envelope.from());
        if !addresses.all(|address| AsRef::<str>::as_ref(address).is_ascii()) {
            let info = connection.server_info();
            if !info.supports_feature(Extension::SmtpUtfEight) {
                return Err(MailError::Rejected {
                    code: 553,
                    text: "the mail server takes no addresses beyond ASCII".to_owned(),
                });
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let from = From::new(envelope.from().cloned(), parameters);
        connection.command(from).await.map_err(ours)?;
        for to in envelope.to() {
            let to = Rcpt::new(to.clone(), Vec::new());
            connection.command(to).await.map_err(of_this_mail)?;
        }
        connection.command(Data).await.map_err(of_this_mail)?;
        *begun = true;
        let taken = connection.message(&message.formatted()).await;
        // An answer of the server's own, whatever it is, leaves no doubt.
        *begun = matches!(&taken, Err(error) if error.status().is_none());
        let taken = taken.map_err(of_this_mail)?;
        self.keep(connection);
        Ok(words(&taken))
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, MailError> {
        let mut connection = match self.encryption {
            Encryption::FromTheStart => {
                let (server, tls) = ((self.host.as_str(), self.port), Some(self.tls()?));
                let longest = Some(self.longest);
                AsyncSmtpConnection::connect_tokio1(server, longest, &self.hello, tls, None).await
            }
            _ => {
                let stream = Box::new(self.reach().await?);
                AsyncSmtpConnection::connect_with_transport(stream, &self.hello).await
            }
        }
        .map_err(ours)?;
        let upgrade = match self.encryption {
            Encryption::FromTheStart | Encryption::Never => false,
            Encryption::Required => true,
            Encryption::Offered => connection.can_starttls(),
        };
        if upgrade {
            let tls = self.tls()?;
            connection.starttls(tls, &self.hello).await.map_err(ours)?;
        }
        if let Some(credentials) = &self.credentials {
            let safe = connection.is_encrypted()
                || self.encryption == Encryption::Never
                || self.is_this_machine();
            if !safe {
                return Err(MailError::later(
                    "the mail server offers no encryption, and the password in SMTP_URL is not sent \
                     in the clear",
                ));
            }
            connection
                .auth(DEFAULT_MECHANISMS, credentials)
                .await
                .map_err(ours)?;
        }
        Ok(connection)
    }

    /// The first of the server's addresses that answers.
    async fn reach(&self) -> Result<TcpStream, MailError> {
        let unreached = |why: String| {
            MailError::later(cut(&format!("no connection to the mail server: {why}")))
        };
        let addresses = lookup_host((self.host.as_str(), self.port)).await;
        let addresses = addresses.map_err(|error| unreached(error.to_string()))?;
        let mut why = "its name has no address".to_owned();
        for address in addresses {
            match tokio::time::timeout(self.longest / 4, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    // A mail's last line follows the others in a write of its own, which would
                    // wait for the server to confirm those.
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Ok(Err(error)) => why = error.to_string(),
                Err(_) => "it does not answer".clone_into(&mut why),
            }
        }
        Err(unreached(why))
    }

    /// Read once, when it is first needed.
    fn tls(&self) -> Result<TlsParameters, MailError> {
        if let Some(known) = self.tls.get() {
            return Ok(known.clone());
        }
        let read = TlsParameters::new(self.host.clone()).map_err(ours)?;
        Ok(self.tls.get_or_init(|| read).clone())
    }

    fn is_this_machine(&self) -> bool {
        let address = self.host.parse::<std::net::IpAddr>();
        self.host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }

    /// A connection that was kept and still answers.
    async fn still_there(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let (mut connection, since) = {
                let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.pop()?
            };
            if since.elapsed() > LONGEST_KEPT {
                continue;
            }
            let answers = tokio::time::timeout(STILL_THERE, connection.test_connected());
            if answers.await == Ok(true) {
                return Some(connection);
            }
        }
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push((connection, Instant::now()));
        }
    }
}

/// What the server said to something that is the same for every mail.
fn ours(error: Error) -> MailError {
    MailError::later(describe(&error))
}

/// What the server said to this recipient or this mail.
fn of_this_mail(error: Error) -> MailError {
    match error.status() {
        Some(code) if error.is_permanent() => MailError::Rejected {
            code: code.into(),
            text: cut(&said(&error)),
        },
        _ => ours(error),
    }
}

/// The server's words after an error of its own, else what went wrong on the way.
fn describe(error: &Error) -> String {
    match error.status() {
        Some(code) => cut(&format!("{code} {}", said(error))),
        None => cut(&format!(
            "the conversation with the mail server broke: {error}"
        )),
    }
}

fn said(error: &Error) -> String {
    error.source().map(ToString::to_string).unwrap_or_default()
}

fn words(response: &Response) -> String {
    let lines: Vec<&str> = response.message().collect();
    cut(&format!("{} {}", response.code(), lines.join(" ")))
}

/// At most so many characters, and none that would break a line.
fn cut(text: &str) -> String {
    let blank = |c: char| if c.is_control() { ' ' } else { c };
    text.trim().chars().take(MOST_WORDS).map(blank).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<Smtp, String> {
        Smtp::new(url, "board.example.org", Duration::from_secs(60)).map_err(|e| e.to_string())
    }

    #[test]
    fn the_scheme_says_when_encryption_begins() {
        for (url, host, port, encryption) in [
            (
                "smtps://mail.example.org",
                "mail.example.org",
                465,
                Encryption::FromTheStart,
            ),
            (
                "smtp://mail.example.org",
                "mail.example.org",
                587,
                Encryption::Offered,
            ),
            (
                "smtp://mail.example.org:25?tls=required",
                "mail.example.org",
                25,
                Encryption::Required,
            ),
            ("smtp://[::1]:2525?tls=none", "::1", 2525, Encryption::Never),
        ] {
            let smtp = read(url).unwrap();
            let got = (smtp.host.as_str(), smtp.port, smtp.encryption);
            assert_eq!(got, (host, port, encryption), "{url}");
        }
    }

    #[test]
    fn name_and_password_are_decoded() {
        let smtp = read("smtp://board%40example.org:p%3Ass@mail.example.org").unwrap();
        let meant = Credentials::new("board@example.org".to_owned(), "p:ss".to_owned());
        assert_eq!(smtp.credentials, Some(meant));
    }

    #[test]
    fn a_url_without_a_host_or_with_another_tls_is_named() {
        for url in ["smtp:mail", "smtp://"] {
            assert!(read(url).err().unwrap().contains("SMTP_URL"), "{url}");
        }
        let error = read("smtp://u:secret@mail.example.org?tls=maybe")
            .err()
            .unwrap();
        assert!(
            error.contains("required or none") && !error.contains("secret"),
            "{error}"
        );
    }
}
