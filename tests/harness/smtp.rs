//! A mail server that keeps what it gets, and misbehaves when it is told to.
//!
//! It listens on the loopback address, so that hubs in this process and in others reach it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mail_parser::{Message, MessageParser};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::eventually;

/// What it does with a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Takes it.
    Accept,
    /// Answers the greeting with this code (421: busy).
    RefuseGreeting(u16),
    /// Answers the recipient with this code (550: no such mailbox; 450: try later).
    RefuseRecipient(u16),
    /// Reads the mail and answers it with this code (554: not wanted; 451: try later).
    RefuseMail(u16),
    /// Hangs up when somebody comes.
    Away,
    /// Says nothing any more once it was told the sender.
    Stall,
    /// Hangs up when it has read the mail's first line.
    DropInData,
    /// Reads the whole mail, keeps it, and hangs up without an answer.
    DropAfterData,
}

/// Whether it talks in the clear.
#[derive(Clone)]
pub(crate) enum Wire {
    /// All of it.
    Clear,
    /// Until it is asked to encrypt (STARTTLS).
    OnRequest(TlsAcceptor),
    /// Nothing (`smtps:`).
    Encrypted(TlsAcceptor),
}

/// A mail as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Received {
    /// The envelope's sender.
    pub(crate) from: String,
    /// The envelope's recipients.
    pub(crate) to: Vec<String>,
    /// Everything between DATA and the final dot, line ends as `\r\n`.
    pub(crate) source: String,
    /// Whether the sender was told that it was taken.
    pub(crate) answered: bool,
    /// Whether it came encrypted.
    pub(crate) encrypted: bool,
    /// What the sender gave after `AUTH`; none: it gave no password.
    pub(crate) password: Option<String>,
}

impl Received {
    /// The subject, decoded.
    pub(crate) fn subject(&self) -> String {
        self.read(|mail| mail.subject().unwrap().to_owned())
    }

    /// The text part, decoded, line ends as `\n`.
    pub(crate) fn text(&self) -> String {
        self.read(|mail| mail.body_text(0).unwrap().replace("\r\n", "\n"))
    }

    /// The HTML part, decoded.
    pub(crate) fn html(&self) -> String {
        self.read(|mail| mail.body_html(0).unwrap().into_owned())
    }

    /// A header as it stands there, unfolded. None: not there.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.read(|mail| {
            let raw = mail.header_raw(name)?;
            Some(raw.split_whitespace().collect::<Vec<_>>().join(" "))
        })
    }

    /// The Message-ID, with its brackets.
    pub(crate) fn message_id(&self) -> String {
        self.header("Message-ID").unwrap()
    }

    fn read<T>(&self, question: impl FnOnce(&Message) -> T) -> T {
        question(&MessageParser::new().parse(self.source.as_bytes()).unwrap())
    }
}

#[derive(Debug)]
struct State {
    usual: Manner,
    next: VecDeque<Manner>,
    received: Vec<Received>,
    conversations: usize,
}

/// The server. Gone when it is dropped.
#[derive(Debug)]
pub(crate) struct SmtpServer {
    port: u16,
    state: Arc<Mutex<State>>,
    over: CancellationToken,
}

impl SmtpServer {
    /// One that takes everything, in the clear.
    pub(crate) async fn start() -> SmtpServer {
        SmtpServer::over(Wire::Clear).await
    }

    /// One that takes everything.
    pub(crate) async fn over(wire: Wire) -> SmtpServer {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let server = SmtpServer {
            port: listener.local_addr().unwrap().port(),
            state: Arc::new(Mutex::new(State {
                usual: Manner::Accept,
                next: VecDeque::new(),
                received: Vec::new(),
                conversations: 0,
            })),
            over: CancellationToken::new(),
        };
        let (state, over) = (server.state.clone(), server.over.clone());
        tokio::spawn(over.clone().run_until_cancelled_owned(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let talk = converse(stream, state.clone(), wire.clone());
                tokio::spawn(over.clone().run_until_cancelled_owned(talk));
            }
        }));
        server
    }

    /// The `SMTP_URL` it is reached by.
    pub(crate) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}?tls=none", self.port)
    }

    /// Its port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// From now on.
    pub(crate) fn behave(&self, manner: Manner) {
        locked(&self.state).usual = manner;
    }

    /// With the next mails, one after the other, before it behaves as usual.
    pub(crate) fn next(&self, manners: &[Manner]) {
        locked(&self.state).next.extend(manners);
    }

    /// The mails it has, in the order they came.
    pub(crate) fn mails(&self) -> Vec<Received> {
        locked(&self.state).received.clone()
    }

    /// How often somebody connected.
    pub(crate) fn conversations(&self) -> usize {
        locked(&self.state).conversations
    }

    /// Waits until there are so many mails.
    pub(crate) async fn has(&self, count: usize) -> Vec<Received> {
        eventually("mails", async || {
            let mails = self.mails();
            (mails.len() >= count).then_some(mails)
        })
        .await
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.over.cancel();
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The manner of the mail that is coming; `taking` when it is dealt with now.
fn manner(state: &Mutex<State>, taking: bool) -> Manner {
    let mut state = locked(state);
    let next = match taking {
        true => state.next.pop_front(),
        false => state.next.front().copied(),
    };
    next.unwrap_or(state.usual)
}

/// One conversation. Its end, however it comes, hangs up.
async fn converse(stream: TcpStream, state: Arc<Mutex<State>>, wire: Wire) {
    locked(&state).conversations += 1;
    let _ = match wire {
        Wire::Clear => talk(stream, &state, Greeting::Due, Talk::Clear).await,
        Wire::OnRequest(tls) => match talk(stream, &state, Greeting::Due, Talk::MayEncrypt).await {
            Ok(Some(stream)) => encrypted(stream, &state, Greeting::Done, &tls).await,
            done => done,
        },
        Wire::Encrypted(tls) => encrypted(stream, &state, Greeting::Due, &tls).await,
    };
}

async fn encrypted(
    stream: TcpStream,
    state: &Mutex<State>,
    greeting: Greeting,
    tls: &TlsAcceptor,
) -> std::io::Result<Option<TcpStream>> {
    let stream = tls.accept(stream).await?;
    talk(stream, state, greeting, Talk::Encrypted)
        .await
        .map(|_| None)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Greeting {
    Due,
    Done,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Talk {
    Clear,
    MayEncrypt,
    Encrypted,
}

/// Talks until one of both hangs up; answers the stream when encryption is to begin.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    state: &Mutex<State>,
    greeting: Greeting,
    how_safe: Talk,
) -> std::io::Result<Option<S>> {
    let mut stream = BufReader::new(stream);
    if greeting == Greeting::Due {
        match manner(state, false) {
            Manner::Away => {
                manner(state, true);
                return Ok(None);
            }
            Manner::RefuseGreeting(code) => {
                manner(state, true);
                say(&mut stream, &format!("{code} not now")).await?;
                return Ok(None);
            }
            _ => say(&mut stream, "220 harness.example.org ready").await?,
        }
    }
    let mut draft = Received {
        from: String::new(),
        to: Vec::new(),
        source: String::new(),
        answered: false,
        encrypted: how_safe == Talk::Encrypted,
        password: None,
    };
    let mut how = Manner::Accept;
    while let Some(line) = heard(&mut stream).await? {
        let verb = line.split([' ', ':']).next().unwrap_or_default();
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => {
                say(&mut stream, "250-harness.example.org").await?;
                if how_safe == Talk::MayEncrypt {
                    say(&mut stream, "250-STARTTLS").await?;
                }
                say(&mut stream, "250-AUTH PLAIN").await?;
                say(&mut stream, "250-8BITMIME").await?;
                say(&mut stream, "250 SMTPUTF8").await?;
            }
            "STARTTLS" if how_safe == Talk::MayEncrypt => {
                say(&mut stream, "220 2.0.0 begin").await?;
                return Ok(Some(stream.into_inner()));
            }
            "AUTH" => {
                draft.password = Some(line.clone());
                say(&mut stream, "235 2.7.0 known").await?;
            }
            "MAIL" => {
                how = manner(state, true);
                match how {
                    Manner::Away => return Ok(None),
                    Manner::RefuseGreeting(code) => {
                        say(&mut stream, &format!("{code} not now")).await?;
                        return Ok(None);
                    }
                    Manner::Stall => std::future::pending().await,
                    _ => {}
                }
                draft.from = address(&line);
                draft.to.clear();
                say(&mut stream, "250 2.1.0 sender ok").await?;
            }
            "RCPT" => match how {
                Manner::RefuseRecipient(code) => {
                    say(&mut stream, &format!("{code} 5.1.1 no such mailbox")).await?;
                }
                _ => {
                    draft.to.push(address(&line));
                    say(&mut stream, "250 2.1.5 recipient ok").await?;
                }
            },
            "DATA" => {
                say(&mut stream, "354 go on").await?;
                let Some(source) = data(&mut stream, how).await? else {
                    return Ok(None);
                };
                draft.source = source;
                if let Manner::RefuseMail(code) = how {
                    say(&mut stream, &format!("{code} not taken")).await?;
                    continue;
                }
                draft.answered = how != Manner::DropAfterData;
                locked(state).received.push(draft.clone());
                if !draft.answered {
                    return Ok(None);
                }
                say(&mut stream, "250 2.0.0 kept").await?;
            }
            "NOOP" | "RSET" => say(&mut stream, "250 2.0.0 ok").await?,
            "QUIT" => {
                say(&mut stream, "221 2.0.0 bye").await?;
                return Ok(None);
            }
            _ => say(&mut stream, "502 5.5.1 what?").await?,
        }
    }
    Ok(None)
}

/// The mail up to the final dot; none when it hung up.
async fn data<S: AsyncRead + Unpin>(
    stream: &mut BufReader<S>,
    how: Manner,
) -> std::io::Result<Option<String>> {
    let mut source = String::new();
    while let Some(line) = heard(stream).await? {
        if how == Manner::DropInData {
            return Ok(None);
        }
        if line == "." {
            return Ok(Some(source));
        }
        source.push_str(line.strip_prefix('.').unwrap_or(&line));
        source.push_str("\r\n");
    }
    Ok(None)
}

async fn heard<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> std::io::Result<Option<String>> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    line: &str,
) -> std::io::Result<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await?;
    stream.flush().await
}

/// What stands between the angle brackets.
fn address(line: &str) -> String {
    let within = line
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'));
    within
        .map(|(address, _)| address.to_owned())
        .unwrap_or_default()
}
