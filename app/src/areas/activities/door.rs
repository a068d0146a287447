//! The door of the live socket: a handshake without an HTTP server around it.
//!
//! When ten thousand clients come back at once, what each costs until it follows again is what
//! counts. A connection that begins with a faultless request for the live socket is answered here:
//! nothing is parsed twice, and the answer goes out in one write with the first frame. Whoever
//! wants anything else, or makes a mistake, is left to the router as if nobody had looked: the
//! request was only peeked at.

use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};
use bytes::Bytes;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::handshake::server::{create_response, write_response};

use super::live;
use super::socket::{self, Newcomer};
use crate::hub::Hub;

/// Where the socket is.
const PATH: &str = "/api/activities/live";
/// Longest head of a request that is answered here, bytes: a browser's with its cookies.
const LONGEST: usize = 4 << 10;
/// Most fields of such a head.
const FIELDS: usize = 48;
/// Longest anybody may take for the first word, and we to let them in.
const PATIENCE: Duration = Duration::from_secs(30);

/// Serves a connection that asks for the live socket until it ends; gives back any other,
/// untouched.
pub async fn enter(mut stream: TcpStream, hub: &Hub) -> Option<TcpStream> {
    let shutdown = hub.shutdown.clone();
    let knock = async {
        tokio::select! {
            // Where the request is there by now, nothing else need be set up.
            biased;
            knock = timeout(PATIENCE, knock(&stream, hub)) => knock.ok().flatten(),
            () = shutdown.cancelled() => None,
        }
    };
    let Some((length, mut newcomer)) = Box::pin(knock).await else {
        return Some(stream);
    };
    if let Some(early) = poll_fn(|cx| take(&mut stream, length, cx)).await {
        newcomer.early = early;
        let serving = socket::serve(stream, newcomer, hub.clone());
        hub.connections.track_future(serving).await;
    }
    None
}

/// How long the head of a request for the socket is, and who comes by it.
async fn knock(stream: &TcpStream, hub: &Hub) -> Option<(usize, Newcomer)> {
    let (length, request) = poll_fn(|cx| looked_at(stream, cx)).await?;
    let answer = create_response(&request).ok()?;
    let mut hello = Vec::with_capacity(160);
    write_response(&mut hello, &answer).ok()?;
    let headers = request.headers();
    let replay = live::replay(hub, request.uri().query(), None, headers);
    let newcomer = Newcomer {
        replay: replay.await.ok()?,
        signed_in: socket::signed_in(headers),
        early: Bytes::new(),
        hello: Some(hello.into()),
    };
    Some((length, newcomer))
}

/// What the first bytes are, once they are there. They lie on the stack: memory of its own for each
/// of ten thousand who knock at once was a twentieth of the time their handshakes took (`perf`).
fn looked_at(stream: &TcpStream, cx: &mut Context<'_>) -> Poll<Option<(usize, Request<()>)>> {
    let mut head = [MaybeUninit::uninit(); LONGEST];
    let mut head = ReadBuf::uninit(&mut head);
    let peeked = ready!(stream.poll_peek(cx, &mut head));
    Poll::Ready(peeked.ok().and_then(|_| read_head(head.filled())))
}

/// Takes so many bytes off the stream; answers what lay behind them. All there is is asked for: who
/// asks for no more than there is has to ask again to learn that there is no more.
fn take(stream: &mut TcpStream, length: usize, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
    let mut head = [MaybeUninit::uninit(); LONGEST];
    let mut head = ReadBuf::uninit(&mut head);
    let read = ready!(Pin::new(stream).poll_read(cx, &mut head));
    let behind = || head.filled().get(length..).map(Bytes::copy_from_slice);
    Poll::Ready(read.ok().and_then(|()| behind()))
}

/// A request for the socket, and how long it is; none when it is another, or not all of it is
/// there.
fn read_head(bytes: &[u8]) -> Option<(usize, Request<()>)> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    let mut head = httparse::Request::new(&mut fields);
    let httparse::Status::Complete(length) = head.parse(bytes).ok()? else {
        return None;
    };
    let path = head.path?;
    if head.method? != "GET" || path.split('?').next() != Some(PATH) || head.version? != 1 {
        return None;
    }
    let mut headers = HeaderMap::with_capacity(head.headers.len());
    for field in head.headers.iter() {
        let name = HeaderName::from_bytes(field.name.as_bytes()).ok()?;
        if name == "content-length" || name == "transfer-encoding" {
            return None; // a body would be taken for frames
        }
        headers.append(name, HeaderValue::from_bytes(field.value).ok()?);
    }
    let mut request = Request::new(());
    *request.uri_mut() = path.parse::<Uri>().ok()?;
    *request.headers_mut() = headers;
    Some((length, request))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOCK: &str = "GET /api/activities/live?since=7 HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\
        Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    #[test]
    fn a_knock_is_read_up_to_its_end_and_answered_as_the_protocol_says() {
        let (length, request) = read_head(format!("{KNOCK}\u{1}").as_bytes()).unwrap();
        assert_eq!(length, KNOCK.len());
        assert_eq!(request.uri().query(), Some("since=7"));
        let answer = create_response(&request).unwrap();
        // RFC 6455 section 1.3.
        assert_eq!(
            answer.headers()["sec-websocket-accept"],
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        );
    }

    #[test]
    fn anything_else_is_left_to_the_router() {
        for (from, to) in [
            ("GET", "POST"),
            ("/live", "/list"),
            ("/live", "/live/"),
            ("HTTP/1.1", "HTTP/1.0"),
            ("\r\n\r\n", "\r\n"),
            ("Host: a", "Content-Length: 3"),
            ("Host: a", "Transfer-Encoding: chunked"),
            ("Host: a", "Ho st: a"),
        ] {
            let other = KNOCK.replacen(from, to, 1);
            assert!(read_head(other.as_bytes()).is_none(), "{to}");
        }
        for length in 0..KNOCK.len() {
            assert!(read_head(&KNOCK.as_bytes()[..length]).is_none());
        }
    }
}
