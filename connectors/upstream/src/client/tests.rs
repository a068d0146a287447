use std::sync::Mutex;

use chrono::TimeZone;

use super::server::{Server, answer, gzip, stated};
use super::*;

/// An upstream asked over the wire, whose waits are written down instead of spent.
struct Wire {
    upstream: Upstream,
    waits: Arc<Mutex<Vec<Duration>>>,
}

impl Wire {
    fn new(server: &Server) -> Self {
        let (options, waits) = options(server);
        Wire {
            upstream: Upstream::live(options).unwrap(),
            waits,
        }
    }

    fn waited(&self) -> Vec<Duration> {
        self.waits.lock().unwrap().clone()
    }
}

fn options(server: &Server) -> (Options, Arc<Mutex<Vec<Duration>>>) {
    let waits = Arc::<Mutex<Vec<Duration>>>::default();
    let clock = Clock::fixed(Utc.with_ymd_and_hms(2026, 11, 21, 9, 0, 0).unwrap());
    let options = Options {
        pace: Pace::new(Duration::ZERO),
        sleeper: Sleeper::Noted(waits.clone()),
        hosts: vec![
            ("one.example.org".to_owned(), server.address),
            ("two.example.org".to_owned(), server.address),
        ],
        ..Options::new("https://board.example.org", clock)
    };
    (options, waits)
}

fn text(error: &Error) -> String {
    error.to_string()
}

#[tokio::test]
async fn a_get_says_who_asks_and_what() {
    let headers = ["Content-Type: Text/CSV; charset=utf-8"];
    let server = Server::start(vec![stated("200 OK", &headers, b"a\n1\n")]).await;

    let answer = Wire::new(&server)
        .upstream
        .get(&server.url("/plan?x=1"), &[("q", "M 31 & more")])
        .await
        .unwrap();

    assert_eq!(answer.text(), Ok("a\n1\n"));
    assert_eq!(answer.content_type, "text/csv");
    assert_eq!(answer.status, 200);
    assert!(answer.whole);
    let asked = server.asked();
    assert!(asked[0].starts_with("GET /plan?x=1&q=M+31+%26+more HTTP/1.1\r\n"));
    let agent = concat!(
        "user-agent: Starboard/",
        env!("CARGO_PKG_VERSION"),
        " (+https://board.example.org)\r\n"
    );
    assert!(asked[0].contains(agent), "{}", asked[0]);
    assert!(asked[0].contains("accept-encoding: gzip\r\n"));
}

#[tokio::test]
async fn a_post_sends_a_form() {
    let server = Server::start(vec![stated("200 OK", &[], b"[]")]).await;

    let form = [("request", "{\"a\": 1}")];
    let upstream = Wire::new(&server).upstream;
    upstream.post_form(&server.url("/"), &form).await.unwrap();

    let asked = server.asked();
    assert!(asked[0].contains("content-type: application/x-www-form-urlencoded\r\n"));
    assert!(asked[0].ends_with("\r\n\r\nrequest=%7B%22a%22%3A+1%7D"));
}

#[tokio::test]
async fn a_gzip_with_a_stated_length_is_whole() {
    let body = gzip(b"some text");
    let server = Server::start(vec![stated("200 OK", &["Content-Encoding: gzip"], &body)]).await;

    let upstream = Wire::new(&server).upstream;
    let answer = upstream.get(&server.url("/"), &[]).await.unwrap();

    assert_eq!(answer.text(), Ok("some text"));
    assert!(answer.whole);
}

#[tokio::test]
async fn a_body_that_ends_with_the_connection_is_not_whole() {
    let server = Server::start(vec![answer("200 OK", &[], b"abc")]).await;

    let upstream = Wire::new(&server).upstream;
    let answer = upstream.get(&server.url("/"), &[]).await.unwrap();

    assert_eq!(answer.text(), Ok("abc"));
    assert!(!answer.whole);
}

#[tokio::test]
async fn a_body_in_chunks_is_whole_with_its_last_chunk_and_an_error_without() {
    let chunked = ["Transfer-Encoding: chunked"];
    let server = Server::start(vec![
        answer("200 OK", &chunked, b"3\r\nabc\r\n0\r\n\r\n"),
        answer("200 OK", &chunked, b"3\r\nabc\r\n"),
    ])
    .await;
    let upstream = Wire::new(&server).upstream;

    let answer = upstream.get(&server.url("/"), &[]).await.unwrap();
    assert!(answer.whole);

    let error = upstream.get(&server.url("/"), &[]).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable(_)), "{error}");
}

#[tokio::test]
async fn a_body_shorter_than_stated_is_asked_again_and_then_an_error() {
    let short = answer("200 OK", &["Content-Length: 10"], b"abc");
    let server = Server::start(vec![short]).await;
    let wire = Wire::new(&server);

    let error = wire.upstream.get(&server.url("/x"), &[]).await.unwrap_err();

    assert!(matches!(error, Error::Unreachable(_)), "{error}");
    assert_eq!(server.asked().len(), 4);
    assert_eq!(wire.waited().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_never_answers_is_given_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap());
    let options = Options {
        pace: Pace::new(Duration::ZERO),
        ..Options::new("https://board.example.org", Clock::system())
    };

    // Paused time jumps to the next limit as soon as nothing else can happen.
    let upstream = Upstream::live(options).unwrap();
    let error = upstream.get(&url, &[]).await.unwrap_err();

    assert!(matches!(error, Error::Unreachable(_)), "{error}");
    assert!(text(&error).contains("timed out"), "{error}");
}

#[tokio::test]
async fn nobody_there_is_unreachable_after_some_tries() {
    let server = Server::start(vec![]).await;
    let wire = Wire::new(&server);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x?token=abc", listener.local_addr().unwrap());
    drop(listener);

    let error = wire.upstream.get(&url, &[]).await.unwrap_err();

    assert!(matches!(error, Error::Unreachable(_)), "{error}");
    assert!(!text(&error).contains("abc"), "{error}");
    assert_eq!(wire.waited().len(), 3);
}

#[tokio::test]
async fn an_upstream_that_asks_to_wait_gets_its_time() {
    let server = Server::start(vec![
        stated("503 Service Unavailable", &["Retry-After: 40"], b""),
        stated(
            "429 Too Many Requests",
            &["Retry-After: Sat, 21 Nov 2026 09:00:50 GMT"],
            b"",
        ),
        stated("200 OK", &[], b"ok"),
    ])
    .await;
    let wire = Wire::new(&server);

    let answer = wire.upstream.get(&server.url("/"), &[]).await.unwrap();

    assert_eq!(answer.text(), Ok("ok"));
    assert_eq!(wire.waited(), [40, 50].map(Duration::from_secs));
}

#[tokio::test]
async fn an_upstream_that_asks_for_too_long_a_wait_is_busy() {
    let busy = stated("503 Service Unavailable", &["Retry-After: 3600"], b"");
    let server = Server::start(vec![busy]).await;
    let wire = Wire::new(&server);

    let error = wire.upstream.get(&server.url("/"), &[]).await.unwrap_err();

    assert_eq!(error, Error::Busy(Duration::from_secs(3600)));
    assert_eq!(server.asked().len(), 1);
    assert!(wire.waited().is_empty());
}

#[tokio::test]
async fn too_many_requests_are_busy_in_the_end() {
    let server = Server::start(vec![stated("429 Too Many Requests", &[], b"")]).await;
    let wire = Wire::new(&server);

    let error = wire.upstream.get_any(&server.url("/"), &[]).await;

    assert_eq!(error.unwrap_err(), Error::Busy(Duration::from_secs(60)));
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn a_server_error_is_asked_again() {
    let server = Server::start(vec![
        stated("500 Internal Server Error", &[], b"oops"),
        stated("200 OK", &[], b"ok"),
    ])
    .await;

    let upstream = Wire::new(&server).upstream;

    assert!(upstream.get(&server.url("/"), &[]).await.is_ok());
}

#[tokio::test]
async fn errors_are_handed_over_to_those_who_read_them() {
    let server = Server::start(vec![
        stated("500 Internal Server Error", &[], b"no such table"),
        stated("404 Not Found", &[], b"gone"),
        stated("502 Bad Gateway", &[], b"proxy"),
    ])
    .await;
    let upstream = Wire::new(&server).upstream;

    let first = upstream.post_form_any(&server.url("/"), &[]).await.unwrap();
    assert_eq!((first.status, first.text()), (500, Ok("no such table")));
    let second = upstream.get_any(&server.url("/"), &[]).await.unwrap();
    assert_eq!((second.status, second.text()), (404, Ok("gone")));
    let third = upstream.get_any(&server.url("/"), &[]).await.unwrap();
    assert_eq!((third.status, third.text()), (502, Ok("proxy")));
    assert_eq!(server.asked().len(), 1 + 1 + 4);
}

#[tokio::test]
async fn a_missing_page_needs_a_person_and_no_second_try() {
    let server = Server::start(vec![stated("404 Not Found", &[], b"")]).await;

    let upstream = Wire::new(&server).upstream;
    let error = upstream.get(&server.url("/x?key=abc"), &[]).await;

    let expected = format!("{}/x: answered 404 Not Found", server.address);
    assert_eq!(error.unwrap_err(), Error::Unreadable(expected));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn an_unchanged_answer_comes_from_the_copy() {
    let validators = [
        "ETag: \"v1\"",
        "Last-Modified: Sat, 21 Nov 2026 08:00:00 GMT",
    ];
    let server = Server::start(vec![
        stated("200 OK", &validators, b"first"),
        answer("304 Not Modified", &[], b""),
    ])
    .await;
    let upstream = Wire::new(&server).upstream;

    upstream.get(&server.url("/"), &[]).await.unwrap();
    let again = upstream.get(&server.url("/"), &[]).await.unwrap();

    assert_eq!((again.status, again.text()), (200, Ok("first")));
    let asked = server.asked();
    assert!(asked[1].contains("if-none-match: \"v1\"\r\n"));
    assert!(asked[1].contains("if-modified-since: Sat, 21 Nov 2026 08:00:00 GMT\r\n"));
    assert!(!asked[0].contains("if-none-match"));
}

#[tokio::test]
async fn a_bomb_is_refused_and_not_asked_for_again() {
    let bomb = gzip(&vec![b'x'; 30 << 20]);
    let server = Server::start(vec![stated("200 OK", &["Content-Encoding: gzip"], &bomb)]).await;

    let upstream = Wire::new(&server).upstream;
    let error = upstream.get(&server.url("/"), &[]).await.unwrap_err();

    assert!(matches!(error, Error::Unreadable(_)), "{error}");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let server = Server::start(vec![
        stated("200 OK", &[], &[b'x'; 2000]),
        answer("200 OK", &[], &[b'x'; 2000]),
    ])
    .await;
    let upstream = Wire::new(&server).upstream.allowing(1000);

    for _ in 0..2 {
        let error = upstream.get(&server.url("/"), &[]).await.unwrap_err();
        assert!(text(&error).contains("larger than 1000 bytes"), "{error}");
    }
}

#[tokio::test]
async fn a_redirect_is_followed() {
    let server = Server::start(vec![
        stated("302 Found", &["Location: /there"], b""),
        stated("200 OK", &[], b"ok"),
    ])
    .await;
    let port = server.address.port();

    let upstream = Wire::new(&server).upstream;
    let url = format!("http://one.example.org:{port}/here");
    let answer = upstream.get(&url, &[]).await.unwrap();

    assert_eq!(answer.text(), Ok("ok"));
    assert_eq!(answer.url, format!("http://one.example.org:{port}/there"));
}

#[tokio::test]
async fn a_redirect_into_our_own_network_is_refused() {
    let location = "Location: http://169.254.169.254/latest";
    let server = Server::start(vec![stated("302 Found", &[location], b"")]).await;
    let port = server.address.port();

    let upstream = Wire::new(&server).upstream;
    let url = format!("http://one.example.org:{port}/");
    let error = upstream.get(&url, &[]).await.unwrap_err();

    assert!(matches!(error, Error::Unreadable(_)), "{error}");
    assert!(text(&error).contains("own network"), "{error}");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn redirects_in_a_circle_end() {
    let server = Server::start(vec![stated("302 Found", &["Location: /"], b"")]).await;
    let port = server.address.port();

    let upstream = Wire::new(&server).upstream;
    let url = format!("http://one.example.org:{port}/");
    let error = upstream.get(&url, &[]).await.unwrap_err();

    assert!(text(&error).contains("more than five"), "{error}");
    assert_eq!(server.asked().len(), 6);
}

#[tokio::test]
async fn what_is_no_web_address_is_not_asked() {
    let server = Server::start(vec![]).await;
    let upstream = Wire::new(&server).upstream;

    for url in ["", "plan", "ftp://a.org/", "file:///etc/passwd"] {
        let error = upstream.get(url, &[]).await.unwrap_err();
        assert!(matches!(error, Error::Unreadable(_)), "{url}: {error}");
    }
}

#[tokio::test]
async fn what_was_recorded_replays_the_same_without_its_secrets() {
    let secret = ["Content-Encoding: gzip", "Set-Cookie: session=hidden-a"];
    let server = Server::start(vec![
        stated("200 OK", &secret, &gzip(b"packed")),
        answer("200 OK", &[], &[0xff, 0x01]),
        stated("503 Service Unavailable", &[], b""),
        stated("200 OK", &[], b"posted"),
    ])
    .await;
    let (options, _) = options(&server);
    let clock = options.clock.clone();
    let ask_all = async |upstream: &Upstream| {
        let (url, query) = (server.url("/a"), [("token", "hidden-b"), ("day", "1")]);
        let form = [("jwt", "hidden-c"), ("day", "2")];
        [
            upstream.get(&url, &query).await.unwrap(),
            upstream.get(&server.url("/b"), &[]).await.unwrap(),
            upstream.post_form(&url, &form).await.unwrap(),
        ]
        .map(|answer| (answer.status, answer.url, answer.body, answer.whole))
    };

    let (live, recorder) = Upstream::recording(options).unwrap();
    let heard = ask_all(&live).await;
    let tape = recorder.cassette().to_json();
    let replay = Upstream::replay(vec![Cassette::parse(tape.as_bytes()).unwrap()], clock);

    assert_eq!(recorder.cassette().len(), 4);
    assert!(!tape.contains("hidden"), "{tape}");
    assert_eq!(heard[0].2, "packed");
    assert_eq!(
        heard.clone().map(|(_, _, _, whole)| whole),
        [true, false, true]
    );
    assert_eq!(ask_all(&replay).await, heard);
}
