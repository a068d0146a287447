//! The frame of every page made here: HTML that needs no script, and that stands beside the app
//! or instead of it. Whatever comes from elsewhere is text to the browser: the macro escapes it.

use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::error::Error;
use crate::hub::Hub;

/// `Content-Type` of pages.
pub const HTML: (HeaderName, HeaderValue) = (
    header::CONTENT_TYPE,
    HeaderValue::from_static("text/html; charset=utf-8"),
);

/// What pages change too often for, or who reads them is nobody else's business.
pub const FRESH: (HeaderName, HeaderValue) = (
    header::CACHE_CONTROL,
    HeaderValue::from_static("private, no-store"),
);

/// A star, so that the browser asks for no icon.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' \
    viewBox='0 0 16 16'%3E%3Cpath fill='%23d99a1c' \
    d='M8 0l2 6 6 2-6 2-2 6-2-6-6-2 6-2z'/%3E%3C/svg%3E";

/// What pages may load and where their forms may go, with what some of them need besides.
macro_rules! policy {
    ($($more:literal)?) => {
        HeaderValue::from_static(concat!(
            "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; \
             form-action 'self'; frame-ancestors 'none'"
            $(, "; ", $more)?
        ))
    };
}

/// A page made here.
pub struct Plain {
    title: String,
    body: Markup,
    kind: Kind,
    indexed: bool,
}

/// What a page does besides being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing.
    Still,
    /// A script keeps its `main` up to date; without scripts it loads anew each minute.
    Live,
    /// It shows other pages of ours in frames.
    Framing,
}

impl Plain {
    /// A page of this title, with this in its `body`.
    pub fn new(title: impl Into<String>, body: Markup) -> Plain {
        Plain {
            title: title.into(),
            body,
            kind: Kind::Still,
            indexed: true,
        }
    }

    /// The same, told to no search engine.
    #[must_use]
    pub fn unlisted(self) -> Plain {
        Plain {
            indexed: false,
            ..self
        }
    }

    /// The same, kept up to date.
    #[must_use]
    pub fn live(self) -> Plain {
        Plain {
            kind: Kind::Live,
            ..self
        }
    }

    /// The same, with frames in it.
    #[must_use]
    pub fn framing(self) -> Plain {
        Plain {
            kind: Kind::Framing,
            ..self
        }
    }

    /// The page as text.
    #[must_use]
    pub fn into_html(self) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    @if !self.indexed { meta name="robots" content="noindex"; }
                    title { (self.title) }
                    link rel="icon" href=(PreEscaped(ICON));
                    link rel="stylesheet" href="/plain.css";
                    @if self.kind == Kind::Live {
                        script src="/lite.js" defer {}
                        noscript { meta http-equiv="refresh" content="60"; }
                    }
                }
                body { (self.body) }
            }
        };
        page.into_string()
    }

    /// The page as an answer.
    #[must_use]
    pub fn answer(self, status: StatusCode) -> Response {
        let kind = self.kind;
        (status, [HTML, FRESH, policy(kind)], self.into_html()).into_response()
    }
}

impl IntoResponse for Plain {
    fn into_response(self) -> Response {
        self.answer(StatusCode::OK)
    }
}

/// What a page may load, by what it does.
fn policy(kind: Kind) -> (HeaderName, HeaderValue) {
    let policy = match kind {
        Kind::Still => policy!(),
        Kind::Live => policy!("script-src 'self'; connect-src 'self'"),
        Kind::Framing => policy!("frame-src 'self'"),
    };
    (header::CONTENT_SECURITY_POLICY, policy)
}

/// What a live page is answered with, for one kept as text.
#[must_use]
pub fn live(page: impl IntoResponse) -> Response {
    ([HTML, FRESH, policy(Kind::Live)], page).into_response()
}

/// What went wrong, as a page: what it is, and what to do.
#[must_use]
pub fn problem(error: Error, unlisted: bool) -> Response {
    let problem = error.problem();
    let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
    let title = text("title");
    let page = Plain::new(
        format!("{title} · Starboard"),
        html! { main { h1 { (title) } p { (text("detail")) } (home()) } },
    );
    let status = error.status();
    // Reports what is ours to mend.
    let answer = error.into_response();
    let page = if unlisted { page.unlisted() } else { page };
    let mut page = page.answer(status);
    if let Some(wait) = answer.headers().get(header::RETRY_AFTER) {
        page.headers_mut().insert(header::RETRY_AFTER, wait.clone());
    }
    page
}

/// The way to the board.
#[must_use]
pub fn home() -> Markup {
    html! { p { a href="/" { "What the telescopes are doing now" } } }
}

/// The style of the pages.
pub fn router() -> Router<Hub> {
    Router::new().route(
        "/plain.css",
        get(async || asset("text/css; charset=utf-8", include_str!("plain/plain.css"))),
    )
}

/// A style or a script of pages made here.
pub fn asset(kind: &'static str, text: &'static str) -> Response {
    let control = (header::CACHE_CONTROL, "public, max-age=300");
    ([(header::CONTENT_TYPE, kind), control], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_inline_and_only_a_live_page_has_a_script() {
        let page = |page: Plain| page.into_html();
        let still = page(Plain::new("<b>", html! { main {} }));
        assert!(still.starts_with("<!DOCTYPE html><html lang=\"en\">"));
        assert!(still.contains("<title>&lt;b&gt;</title>"), "{still}");
        assert!(!still.contains("script") && !still.contains("noindex"));
        let live = page(Plain::new("x", html! {}).live().unlisted());
        for inline in ["<style", "style=", "onload", "<script>"] {
            assert!(!live.contains(inline), "{inline}");
        }
        let reload = r#"<noscript><meta http-equiv="refresh" content="60"></noscript>"#;
        assert!(live.contains(reload) && live.contains("noindex"), "{live}");
    }

    #[test]
    fn what_a_page_may_load_follows_from_what_it_does() {
        let allowed = |page: Plain| {
            let answer = page.into_response();
            let policy = &answer.headers()[header::CONTENT_SECURITY_POLICY];
            policy.to_str().unwrap().to_owned()
        };
        let still = allowed(Plain::new("x", html! {}));
        assert!(still.contains("default-src 'none'") && !still.contains("script-src"));
        assert!(allowed(Plain::new("x", html! {}).live()).contains("; script-src 'self'"));
        assert!(allowed(Plain::new("x", html! {}).framing()).contains("; frame-src 'self'"));
    }
}
