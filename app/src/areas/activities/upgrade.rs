//! From a request to a socket: the handshake, and the connection behind it.

use std::future::Future;

use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::Response;
use bytes::Bytes;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use socket2::SockRef;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response;
use tokio_util::task::TaskTracker;

use crate::accept::LIVE_BUFFER;
use crate::error::Error;

/// A request to become a WebSocket.
pub struct Upgrade {
    connection: OnUpgrade,
    answer: Response,
}

impl<S: Send + Sync> FromRequestParts<S> for Upgrade {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let mut request = Request::new(());
        *request.method_mut() = parts.method.clone();
        *request.version_mut() = parts.version;
        *request.headers_mut() = parts.headers.clone();
        let answer =
            create_response(&request).map_err(|problem| Error::Upgrade(problem.to_string()))?;
        let connection = parts.extensions.remove::<OnUpgrade>().ok_or_else(|| {
            Error::Upgrade("this connection cannot become one, HTTP/1.1 is needed".to_owned())
        })?;
        Ok(Upgrade {
            connection,
            answer: answer.map(|()| Body::empty()),
        })
    }
}

impl Upgrade {
    /// Answers, and serves the connection itself and what was read of it already.
    pub fn serve<F>(
        self,
        tracker: &TaskTracker,
        serve: impl FnOnce(TcpStream, Bytes) -> F + Send + 'static,
    ) -> Response
    where
        F: Future<Output = ()> + Send,
    {
        let connection = self.connection;
        tracker.spawn(async move {
            let Ok(upgraded) = connection.await else {
                return; // gone meanwhile
            };
            match upgraded.downcast::<TokioIo<TcpStream>>() {
                Ok(parts) => {
                    let stream = parts.io.into_inner();
                    let _ = SockRef::from(&stream).set_send_buffer_size(LIVE_BUFFER);
                    serve(stream, parts.read_buf).await;
                }
                Err(_) => tracing::error!("A socket came by something else than TCP"),
            }
        });
        self.answer
    }
}
