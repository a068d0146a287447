//! How often somebody may try, and who that is.

use chrono::TimeDelta;
use serde_json::json;

use super::{ASTRONOMER, Browser, PASSWORD};
use crate::harness::http::Answer;
use crate::harness::hub::{TestHub, on_both};

/// Tries in a quarter of an hour, of one address from one network.
const TRIES: usize = 10;

async fn wrong(browser: &Browser<'_>, email: &str) -> Answer {
    browser.signs_in(email, "a wrong password").await
}

#[tokio::test]
async fn guessing_ends_after_a_few_tries_and_goes_on_later() {
    on_both(async |hub: TestHub| {
        let browser = Browser::of(&hub, ASTRONOMER).await;
        browser.carry(None);
        for _ in 0..TRIES {
            assert_eq!(wrong(&browser, ASTRONOMER).await.status, 401);
        }

        let runs = hub.hub.passwords.runs();
        let refused = browser.signs_in(ASTRONOMER, PASSWORD).await;

        assert_eq!(
            (refused.status, refused.header("retry-after")),
            (429, Some("900"))
        );
        assert_eq!(hub.hub.passwords.runs(), runs);
        assert_eq!(
            browser
                .signs_in("observer@example.org", PASSWORD)
                .await
                .status,
            401
        );
        hub.advance(TimeDelta::minutes(15));
        assert_eq!(browser.signs_in(ASTRONOMER, PASSWORD).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn known_and_unknown_addresses_are_limited_alike() {
    let hub = TestHub::start().await;
    let browser = Browser::of(&hub, ASTRONOMER).await;
    let mut told = [Vec::new(), Vec::new()];
    for (told, email) in told.iter_mut().zip([ASTRONOMER, "nobody@example.org"]) {
        for _ in 0..=TRIES {
            let answer = wrong(&browser, email).await;
            told.push((answer.status, answer.body));
        }
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn signing_in_clears_the_count() {
    let hub = TestHub::start().await;
    let browser = Browser::of(&hub, ASTRONOMER).await;
    for _ in 0..3 {
        for _ in 1..TRIES {
            assert_eq!(wrong(&browser, ASTRONOMER).await.status, 401);
        }
        assert_eq!(browser.signs_in(ASTRONOMER, PASSWORD).await.status, 200);
    }
}

#[tokio::test]
async fn a_stranger_elsewhere_does_not_lock_the_owner_out() {
    let hub = TestHub::start().await;
    let owner = Browser::of(&hub, ASTRONOMER).await;
    let stranger = Browser::at(&hub, "192.0.2.7");
    for _ in 0..=TRIES {
        wrong(&stranger, ASTRONOMER).await;
    }
    assert_eq!(wrong(&stranger, ASTRONOMER).await.status, 429);
    assert_eq!(owner.signs_in(ASTRONOMER, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_forwarded_address_counts_for_nothing_from_an_untrusted_peer() {
    on_both(async |hub: TestHub| {
        Browser::of(&hub, ASTRONOMER).await;
        let mut told = Vec::new();
        for n in 0..=TRIES {
            let mut browser = Browser::at(&hub, "192.0.2.7");
            browser
                .headers
                .push(("x-forwarded-for", format!("198.51.100.{n}")));
            told.push(wrong(&browser, ASTRONOMER).await.status);
        }
        assert_eq!(told[..TRIES], [401; TRIES]);
        assert_eq!(told[TRIES], 429);
    })
    .await;
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_counts_for_itself() {
    on_both(async |mut hub: TestHub| {
        hub.configure(|config| config.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()]);
        Browser::of(&hub, ASTRONOMER).await;
        let client = |forwarded: &str| {
            let mut browser = Browser::at(&hub, "10.1.1.1");
            browser
                .headers
                .push(("x-forwarded-for", forwarded.to_owned()));
            browser
        };
        let one = client("198.51.100.1");
        for _ in 0..=TRIES {
            wrong(&one, ASTRONOMER).await;
        }

        assert_eq!(wrong(&one, ASTRONOMER).await.status, 429);
        assert_eq!(wrong(&client("198.51.100.2"), ASTRONOMER).await.status, 401);
        // What the client itself wrote stands before what the proxy appended.
        let disguised = client("198.51.100.3, 198.51.100.1");
        assert_eq!(wrong(&disguised, ASTRONOMER).await.status, 429);
    })
    .await;
}

#[tokio::test]
async fn one_customer_of_an_ipv6_network_is_one() {
    let hub = TestHub::start().await;
    Browser::of(&hub, ASTRONOMER).await;
    for n in 0..TRIES {
        let browser = Browser::at(&hub, &format!("2001:db8:1:2::{n}"));
        assert_eq!(wrong(&browser, ASTRONOMER).await.status, 401);
    }
    let same = Browser::at(&hub, "2001:db8:1:2:ffff::1");
    assert_eq!(wrong(&same, ASTRONOMER).await.status, 429);
    let next = Browser::at(&hub, "2001:db8:1:3::1");
    assert_eq!(wrong(&next, ASTRONOMER).await.status, 401);
}

#[tokio::test]
async fn nobody_is_written_to_without_end() {
    on_both(async |hub: TestHub| {
        for path in ["/api/auth/register", "/api/auth/forgot"] {
            let mut told = Vec::new();
            for n in 0..6 {
                let browser = Browser::at(&hub, &format!("192.0.2.{n}"));
                let mut given = json!({ "email": ASTRONOMER });
                if path.ends_with("register") {
                    given["password"] = PASSWORD.into();
                }
                told.push(browser.post(path, given).await.status);
            }
            assert_eq!(told, [202, 202, 202, 202, 202, 429], "{path}");
        }
    })
    .await;
}
