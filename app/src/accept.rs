//! Connections: each is let in, asked for its first request, and served until it ends.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{unconstrained, yield_now};
use tokio::time::sleep;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::areas::activities;
use crate::hub::Hub;

/// Connections the kernel keeps until they are taken; it takes less where it is told to.
const KNOCKING: u32 = 16 << 10;
/// Kernel memory for what the reader of a live socket has not taken yet; the kernel takes twice as
/// much. Each listener's connections begin with it.
pub(crate) const LIVE_BUFFER: usize = 64 << 10;
/// The same for one that speaks HTTP.
const HTTP_BUFFER: usize = 256 << 10;
/// Longest a peer may leave what it was sent unread, or not be heard of at all.
const UNHEARD: Duration = Duration::from_secs(30);
/// Longest the head of a request may take.
const LONGEST_HEAD: Duration = Duration::from_secs(30);
/// Connections taken before others have a turn all the same.
const AT_ONCE: usize = 256;
/// Wait until another is taken after there was no room for one.
const NO_ROOM: Duration = Duration::from_millis(200);

/// Takes an address, with room for as many who knock at once as the kernel allows.
///
/// # Errors
/// When the address is taken, or not ours.
pub fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(KNOCKING)
}

/// Serves who comes until the hub shuts down, then those who are there to their end.
pub async fn run(listener: TcpListener, hub: Hub, app: Router) {
    // What is accepted inherits these: once for all instead of five calls each.
    prepare(&listener);
    let open = TaskTracker::new();
    // Who waits is taken before anybody else has a turn. When ten thousand come back while as many
    // tasks end, tokio would stop after 128 and put us behind those tasks; the kernel lets 4,096 wait
    // and is silent to the rest, who try again a second later.
    unconstrained(take(&listener, &open, &hub, &app)).await;
    drop(listener);
    open.close();
    open.wait().await;
}

/// Takes who comes until the hub shuts down.
async fn take(listener: &TcpListener, open: &TaskTracker, hub: &Hub, app: &Router) {
    for taken in 1_usize.. {
        let accepted = tokio::select! {
            () = hub.shutdown.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                open.spawn(connection(stream, peer, hub.clone(), app.clone()));
            }
            Err(error) if went_away(error.kind()) => {}
            Err(error) => {
                tracing::error!(%error, "A connection cannot be taken: {error}");
                sleep(NO_ROOM).await;
            }
        }
        if taken.is_multiple_of(AT_ONCE) {
            yield_now().await;
        }
    }
}

fn prepare(listener: &TcpListener) {
    let socket = SockRef::from(listener);
    let _ = socket.set_tcp_nodelay(true);
    let _ = socket.set_send_buffer_size(LIVE_BUFFER);
    let _ = socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(UNHEARD));
    // A peer that answers the kernel but never reads would hold its connection for ever.
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_user_timeout(Some(UNHEARD));
}

/// Whether a connection was gone before it was taken.
fn went_away(kind: ErrorKind) -> bool {
    use ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(
        kind,
        ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted
    )
}

async fn connection(stream: TcpStream, peer: SocketAddr, hub: Hub, app: Router) {
    let stream = match hub.role.serves() {
        true => activities::enter(stream, &hub).await,
        false => Some(stream),
    };
    if let Some(stream) = stream {
        // Boxed, as sockets do not need it and there are many of them.
        Box::pin(http(stream, peer, &hub, app)).await;
    }
}

async fn http(stream: TcpStream, peer: SocketAddr, hub: &Hub, app: Router) {
    let _ = SockRef::from(&stream).set_send_buffer_size(HTTP_BUFFER);
    let service = app.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.map(Body::new)
    });
    // HTTP/1 alone: a proxy speaks the others to browsers. Its time-out also ends who says nothing.
    let serving = Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    let mut serving = std::pin::pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = hub.shutdown.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "A connection ended early: {error}");
    }
}
