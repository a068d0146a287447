//! The second factor.

use std::time::Duration;

use app::areas::accounts::{self, Address, Role};
use axum::http::Method;
use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha1::Sha1;

use super::{ASTRONOMER, Browser, PASSWORD, mails, newest_mail, rows};
use crate::harness::hub::{TestHub, on_both};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// What an app shows at a time (RFC 6238), written here once more.
fn code(secret: &str, at: DateTime<Utc>) -> String {
    let secret = BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let mut mac = <Hmac<Sha1> as Mac>::new_from_slice(&secret).unwrap();
    mac.update(&(at.timestamp() / 30).to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let start = usize::from(digest[19] % 16);
    let four: [u8; 4] = digest[start..start + 4].try_into().unwrap();
    let number = u32::from_be_bytes(four) % (1 << 31) % 1_000_000;
    format!("{number:06}")
}

/// Sets up a second factor; answers its secret and the recovery codes.
pub(crate) async fn set_up(hub: &TestHub, browser: &Browser<'_>) -> (String, Vec<String>) {
    let begun = browser
        .post("/api/me/totp", json!({ "password": PASSWORD }))
        .await;
    assert_eq!(begun.status, 200, "{}", begun.body);
    let secret = begun.json()["secret"].as_str().unwrap().to_owned();
    let given = json!({ "code": code(&secret, hub.hub.clock.now()) });
    let done = browser.ask(Method::PUT, "/api/me/totp", Some(given)).await;
    assert_eq!(done.status, 200, "{}", done.body);
    let codes = done.json()["recovery_codes"].as_array().unwrap().clone();
    let text = |code: Value| code.as_str().unwrap().to_owned();
    (secret, codes.into_iter().map(text).collect())
}

#[tokio::test]
async fn a_second_factor_is_asked_for_once_it_is_set_up() {
    on_both(async |hub: TestHub| {
        let browser = Browser::of(&hub, ASTRONOMER).await;
        let (secret, _) = set_up(&hub, &browser).await;
        hub.advance(TimeDelta::seconds(60));

        let without = browser.signs_in(ASTRONOMER, PASSWORD).await;
        assert_eq!(
            (without.status, &without.json()["type"]),
            (401, &"/problems/code".into())
        );
        assert_eq!(without.header("set-cookie"), None);
        let wrong = browser.signs_in_with(ASTRONOMER, "000000").await;
        assert_eq!(
            (wrong.status, &wrong.json()["type"]),
            (401, &"/problems/code".into())
        );
        // Who does not know the password does not learn that there is a factor.
        let guessed = browser.signs_in(ASTRONOMER, "a wrong password").await;
        assert_eq!(guessed.json()["type"], "/problems/login");
        let now = code(&secret, hub.hub.clock.now());
        assert_eq!(browser.signs_in_with(ASTRONOMER, &now).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn a_code_counts_once_and_older_ones_not_at_all() {
    on_both(async |hub: TestHub| {
        let browser = Browser::of(&hub, ASTRONOMER).await;
        let (secret, _) = set_up(&hub, &browser).await;
        let at = |seconds: i64| code(&secret, hub.hub.clock.now() + TimeDelta::seconds(seconds));
        // The code that set it up is used.
        assert_eq!(browser.signs_in_with(ASTRONOMER, &at(0)).await.status, 401);

        hub.advance(TimeDelta::seconds(60));
        let now = at(0);
        assert_eq!(browser.signs_in_with(ASTRONOMER, &now).await.status, 200);
        assert_eq!(browser.signs_in_with(ASTRONOMER, &now).await.status, 401);
        assert_eq!(
            browser.signs_in_with(ASTRONOMER, &at(-30)).await.status,
            401
        );
        hub.advance(TimeDelta::seconds(30));
        assert_eq!(browser.signs_in_with(ASTRONOMER, &at(0)).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn two_who_use_one_code_at_once_are_one() {
    on_both(async |hub: TestHub| {
        let browser = Browser::of(&hub, ASTRONOMER).await;
        let (secret, _) = set_up(&hub, &browser).await;
        hub.advance(TimeDelta::seconds(60));
        let now = code(&secret, hub.hub.clock.now());
        let (here, there) = (Browser::new(&hub), Browser::new(&hub));

        let (one, other) = tokio::join!(
            here.signs_in_with(ASTRONOMER, &now),
            there.signs_in_with(ASTRONOMER, &now)
        );

        let mut both = [one.status, other.status];
        both.sort_unstable();
        assert_eq!(both, [200, 401]);
    })
    .await;
}

/// No password to be looked at keeps these apart. Several accounts: in which order the database
/// meets what it counts of one is chance.
#[tokio::test]
async fn many_who_set_up_a_factor_with_one_code_at_once_are_one() {
    on_both(async |hub: TestHub| {
        for name in ["a", "b", "c", "d"] {
            let browser = Browser::of(&hub, &format!("{name}@example.org")).await;
            let begun = browser
                .post("/api/me/totp", json!({ "password": PASSWORD }))
                .await;
            let secret = begun.json()["secret"].as_str().unwrap().to_owned();
            let given = json!({ "code": code(&secret, hub.hub.clock.now()) });

            let confirming =
                [(); 8].map(|()| browser.ask(Method::PUT, "/api/me/totp", Some(given.clone())));
            let answers = futures_util::future::join_all(confirming).await;

            let (done, refused): (Vec<u16>, Vec<u16>) = answers
                .iter()
                .map(|answer| answer.status)
                .partition(|status| *status == 200);
            assert_eq!(done.len(), 1);
            assert!(
                refused.iter().all(|s| [401, 409].contains(s)),
                "{refused:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_recovery_code_signs_in_once() {
    on_both(async |hub: TestHub| {
        let browser = Browser::of(&hub, ASTRONOMER).await;
        let (_, codes) = set_up(&hub, &browser).await;
        assert_eq!(codes.len(), 10);
        let typed = codes[3].to_uppercase().replace('-', " ");

        assert_eq!(browser.signs_in_with(ASTRONOMER, &typed).await.status, 200);
        assert_eq!(browser.json("/api/me/totp").await["recovery_codes_left"], 9);
        assert_eq!(
            browser.signs_in_with(ASTRONOMER, &codes[3]).await.status,
            401
        );
    })
    .await;
}

/// Else whoever got hold of a session and the password could make a second factor of their own.
#[tokio::test]
async fn new_recovery_codes_take_a_code_which_is_used() {
    on_both(async |hub: TestHub| {
        let browser = Browser::of(&hub, ASTRONOMER).await;
        let (secret, codes) = set_up(&hub, &browser).await;
        hub.advance(TimeDelta::seconds(60));
        let renew = async |code: &str| {
            let given = json!({ "password": PASSWORD, "code": code });
            browser.post("/api/me/totp/recovery", given).await
        };
        let without = json!({ "password": PASSWORD });
        let without = browser.post("/api/me/totp/recovery", without).await;
        assert_eq!(without.status, 400);
        let wrong = renew("000000").await;
        assert_eq!(
            (wrong.status, &wrong.json()["type"]),
            (401, &"/problems/code".into())
        );
        assert_eq!(
            browser.json("/api/me/totp").await["recovery_codes_left"],
            10
        );

        let now = code(&secret, hub.hub.clock.now());
        let renewed = renew(&now).await;
        assert_eq!(renewed.status, 200, "{}", renewed.body);
        let renewed = renewed.json()["recovery_codes"].as_array().unwrap().clone();
        assert_eq!(renewed.len(), 10);
        assert_eq!(renew(&now).await.status, 401, "it was used");
        assert_eq!(
            browser.signs_in_with(ASTRONOMER, &codes[4]).await.status,
            401
        );
        let fresh = renewed[0].as_str().unwrap();
        assert_eq!(renew(fresh).await.status, 200);
        assert_eq!(browser.signs_in_with(ASTRONOMER, fresh).await.status, 401);
    })
    .await;
}

#[tokio::test]
async fn an_owner_is_told_what_becomes_of_the_second_factor() {
    on_both(async |hub: TestHub| {
        let browser = Browser::of(&hub, ASTRONOMER).await;
        let mut before = mails(&hub).await.len();
        let mut told = async || {
            let told = mails(&hub).await.split_off(before);
            before += told.len();
            assert!(told.iter().all(|mail| mail.to == ASTRONOMER));
            told.into_iter()
                .map(|mail| mail.subject)
                .collect::<Vec<_>>()
        };

        let (secret, codes) = set_up(&hub, &browser).await;
        assert_eq!(told().await, ["Your Starboard account has a second factor"]);

        let given = json!({ "password": PASSWORD, "code": codes[0] });
        browser.post("/api/me/totp/recovery", given).await;
        assert_eq!(
            told().await,
            ["Your Starboard account has new recovery codes"]
        );

        hub.advance(TimeDelta::seconds(60));
        let given = json!({ "password": PASSWORD, "code": code(&secret, hub.hub.clock.now()) });
        browser
            .ask(Method::DELETE, "/api/me/totp", Some(given.clone()))
            .await;
        let ended = ["Your Starboard account has no second factor any more"];
        assert_eq!(told().await, ended);
        // Nothing was there to be ended.
        browser
            .ask(Method::DELETE, "/api/me/totp", Some(given))
            .await;
        assert!(told().await.is_empty());

        set_up(&hub, &browser).await;
        told().await;
        let address = Address::read(ASTRONOMER).unwrap();
        accounts::reset(&hub.hub, &address, true).await.unwrap();
        assert_eq!(told().await, ended);
    })
    .await;
}

/// Somebody who knows the password guesses codes from one network, until they have to wait.
async fn guesses(hub: &TestHub, network: &str) -> usize {
    let guesser = Browser::at(hub, network);
    let mut tries = 0;
    while guesser.signs_in_with(ASTRONOMER, "000000").await.status == 401 {
        tries += 1;
    }
    tries
}

#[tokio::test]
async fn who_guesses_codes_has_to_wait_and_the_owner_elsewhere_has_not() {
    on_both(async |hub: TestHub| {
        let browser = Browser::of(&hub, ASTRONOMER).await;
        let (secret, _) = set_up(&hub, &browser).await;
        let code_now = || code(&secret, hub.hub.clock.now());

        assert_eq!(guesses(&hub, "192.0.2.7").await, 10);
        hub.advance(TimeDelta::minutes(15));
        assert_eq!(guesses(&hub, "192.0.2.7").await, 10);
        hub.advance(TimeDelta::minutes(15));
        assert_eq!(guesses(&hub, "192.0.2.7").await, 0, "enough for a day");
        let guesser = Browser::at(&hub, "192.0.2.7");
        let right = guesser.signs_in_with(ASTRONOMER, &code_now()).await;
        assert_eq!(right.status, 429);

        let right = browser.signs_in_with(ASTRONOMER, &code_now()).await;
        assert_eq!(right.status, 200);
    })
    .await;
}

#[tokio::test]
async fn right_codes_are_not_counted_against_their_network() {
    let hub = TestHub::start().await;
    let browser = Browser::of(&hub, ASTRONOMER).await;
    let (secret, _) = set_up(&hub, &browser).await;
    for _ in 0..21 {
        hub.advance(TimeDelta::minutes(1));
        let now = code(&secret, hub.hub.clock.now());
        assert_eq!(browser.signs_in_with(ASTRONOMER, &now).await.status, 200);
    }
}

/// Counts as many wrong codes as if ten networks had guessed ten times each.
async fn many_guess(hub: &TestHub, browser: &Browser<'_>) {
    let (db, now) = (&hub.hub.db, hub.hub.clock.now());
    let me = browser.json("/api/me").await;
    let key = format!("codes of:{}", me["id"].as_str().unwrap());
    for _ in 0..100 {
        accounts::limit(db, &key, 100, DAY, now).await.unwrap();
    }
}

#[tokio::test]
async fn codes_cannot_be_guessed_for_long_from_many_networks_either() {
    let hub = TestHub::start().await;
    let browser = Browser::of(&hub, ASTRONOMER).await;
    let (secret, codes) = set_up(&hub, &browser).await;

    many_guess(&hub, &browser).await;

    hub.advance(TimeDelta::minutes(1));
    let now = code(&secret, hub.hub.clock.now());
    assert_eq!(browser.signs_in_with(ASTRONOMER, &now).await.status, 429);
    // Nobody guesses these.
    let recovery = browser.signs_in_with(ASTRONOMER, &codes[0]).await;
    assert_eq!(recovery.status, 200, "{}", recovery.body);
}

#[tokio::test]
async fn a_reset_password_forgives_guessed_codes_once_a_day() {
    let hub = TestHub::start().await;
    let browser = Browser::of(&hub, ASTRONOMER).await;
    let (secret, _) = set_up(&hub, &browser).await;
    let reset = async || {
        let given = json!({ "email": ASTRONOMER });
        browser.post("/api/auth/forgot", given).await;
        let token = newest_mail(&hub).await.token();
        let given = json!({ "token": token, "password": PASSWORD });
        assert_eq!(browser.post("/api/auth/reset", given).await.status, 204);
        hub.advance(TimeDelta::minutes(1));
        let now = code(&secret, hub.hub.clock.now());
        browser.signs_in_with(ASTRONOMER, &now).await.status
    };

    many_guess(&hub, &browser).await;
    assert_eq!(reset().await, 200);

    many_guess(&hub, &browser).await;
    assert_eq!(reset().await, 429, "else a mailbox alone would do to guess");
    hub.advance(TimeDelta::hours(24));
    let now = code(&secret, hub.hub.clock.now());
    assert_eq!(browser.signs_in_with(ASTRONOMER, &now).await.status, 200);
}

#[tokio::test]
async fn a_second_factor_is_ended_with_password_and_code() {
    on_both(async |hub: TestHub| {
        let browser = Browser::of(&hub, ASTRONOMER).await;
        let (secret, _) = set_up(&hub, &browser).await;
        let again = browser
            .post("/api/me/totp", json!({ "password": PASSWORD }))
            .await;
        assert_eq!(again.status, 409);
        hub.advance(TimeDelta::seconds(60));
        let end = async |password: &str, code: &str| {
            let given = json!({ "password": password, "code": code });
            browser
                .ask(Method::DELETE, "/api/me/totp", Some(given))
                .await
                .status
        };
        let now = code(&secret, hub.hub.clock.now());

        assert_eq!(end("a wrong password", &now).await, 400);
        assert_eq!(end(PASSWORD, "000000").await, 401);
        assert_eq!(end(PASSWORD, &now).await, 204);
        assert_eq!(browser.signs_in(ASTRONOMER, PASSWORD).await.status, 200);
        assert_eq!(rows(&hub, "select 1 from recovery_codes").await, 0);
    })
    .await;
}

#[tokio::test]
async fn setting_it_up_ends_other_sessions() {
    let hub = TestHub::start().await;
    let (here, there) = (Browser::of(&hub, ASTRONOMER).await, Browser::new(&hub));
    there.signs_in(ASTRONOMER, PASSWORD).await;

    set_up(&hub, &here).await;

    assert_eq!(there.get("/api/me").await.status, 401);
    assert_eq!(here.get("/api/me").await.status, 200);
}

#[tokio::test]
async fn the_secret_is_sealed() {
    let hub = TestHub::start().await;
    let browser = Browser::of(&hub, ASTRONOMER).await;
    let (secret, codes) = set_up(&hub, &browser).await;
    let plain = BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let hex: String = plain.iter().map(|byte| format!("{byte:02X}")).collect();

    let found = format!("select 1 from accounts where hex(totp_secret) like '%{hex}%'");
    assert_eq!(rows(&hub, &found).await, 0);
    assert_eq!(
        rows(&hub, "select 1 from accounts where totp_secret is not null").await,
        1
    );
    assert_eq!(
        rows(&hub, "select 1 from recovery_codes where length(hash) = 32").await,
        codes.len()
    );
}

#[tokio::test]
async fn an_admin_can_do_nothing_before_a_second_factor_is_set_up() {
    on_both(async |hub: TestHub| {
        let browser = Browser::of(&hub, ASTRONOMER).await;
        let given = json!({ "name": "laptop", "scope": "write" });
        let made = browser.post("/api/tokens", given.clone()).await.json();
        let address = Address::read(ASTRONOMER).unwrap();
        assert!(
            accounts::set_role(&hub.hub, &address, Role::Admin)
                .await
                .unwrap()
        );

        assert_eq!(browser.json("/api/me").await["role"], "admin");
        assert_eq!(browser.json("/api/me/totp").await["required"], true);
        assert_eq!(browser.get("/api/me/sites").await.status, 403);
        assert_eq!(browser.post("/api/tokens", given.clone()).await.status, 403);
        let mut program = Browser::new(&hub);
        let token = made["token"].as_str().unwrap();
        program.headers = vec![("authorization", format!("Bearer {token}"))];
        assert_eq!(program.get("/api/me").await.status, 403);

        let (secret, _) = set_up(&hub, &browser).await;
        assert_eq!(browser.post("/api/tokens", given).await.status, 201);
        assert_eq!(program.get("/api/me").await.status, 200);
        hub.advance(TimeDelta::seconds(60));
        let end = json!({ "password": PASSWORD, "code": code(&secret, hub.hub.clock.now()) });
        assert_eq!(
            browser
                .ask(Method::DELETE, "/api/me/totp", Some(end))
                .await
                .status,
            403
        );
    })
    .await;
}

#[tokio::test]
async fn a_reset_password_leaves_the_second_factor() {
    let hub = TestHub::start().await;
    let browser = Browser::of(&hub, ASTRONOMER).await;
    set_up(&hub, &browser).await;
    browser
        .post("/api/auth/forgot", json!({ "email": ASTRONOMER }))
        .await;
    let token = newest_mail(&hub).await.token();
    let given = json!({ "token": token, "password": "a new password" });
    assert_eq!(browser.post("/api/auth/reset", given).await.status, 204);

    let answer = browser.signs_in(ASTRONOMER, "a new password").await;
    assert_eq!(answer.json()["type"], "/problems/code");
}
