use super::*;

fn with(pairs: &[(&str, &str)]) -> anyhow::Result<Config> {
    Config::read(|name| {
        pairs
            .iter()
            .find(|(k, _)| *k == name)
            .map(|(_, v)| (*v).to_owned())
    })
}

#[test]
fn nothing_set_gives_a_hub_for_this_machine_only() {
    let config = with(&[]).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.public_url, "http://localhost:8080");
    assert_eq!(config.sqlite_file(), Some("starboard.db".into()));
}

#[test]
fn a_platform_that_sets_the_port_is_listened_to_from_everywhere() {
    let config = with(&[("PORT", "5000")]).unwrap();
    assert_eq!(config.listen.to_string(), "0.0.0.0:5000");
    let config = with(&[("PORT", "5000"), ("BIND", "127.0.0.1")]).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:5000");
}

#[test]
fn debug_output_tells_no_secret() {
    let config = with(&[
        ("DATABASE_URL", "postgres://hub:hidden-1@db/starboard"),
        ("REDIS_URL", "redis://:hidden-2@cache"),
        ("SENTRY_DSN", "https://hidden-3@sentry.example/1"),
        ("SECRET_KEY", "hidden-4 and so on for 32 characters"),
        ("SMTP_URL", "smtps://board:hidden-5@mail.example.org"),
        ("MAIL_FROM", "board@example.org"),
    ]);
    let shown = format!("{:?}", config.unwrap());
    assert!(!shown.contains("hidden"), "{shown}");
    assert!(shown.contains("secret_key: Some(***)"), "{shown}");
}

#[test]
fn a_bad_value_is_named_with_what_it_takes() {
    for (name, value, message) in [
        (
            "PORT",
            "http",
            "PORT is \"http\"; it takes a number from 0 to 65535",
        ),
        (
            "BIND",
            "here",
            "BIND is \"here\"; it takes an IP address such as 127.0.0.1",
        ),
        (
            "DATABASE_URL",
            "mysql://x",
            "DATABASE_URL begins with \"mysql\"; it takes sqlite://FILE or postgres://…",
        ),
        (
            "REDIS_URL",
            "http://x",
            "REDIS_URL is not an address it can use; it takes redis:// or rediss://…",
        ),
        (
            "EVENT_DAYS",
            "0",
            "EVENT_DAYS is \"0\"; it takes a number of days from 1 to 3650",
        ),
        (
            "LOG_FORMAT",
            "xml",
            "LOG_FORMAT is \"xml\"; it takes text or json",
        ),
        (
            "SECRET_KEY",
            "short",
            "SECRET_KEY has 5 characters; it takes at least 32",
        ),
        (
            "TRUSTED_PROXIES",
            "10.0.0.0/8, proxy",
            "TRUSTED_PROXIES names \"proxy\"; it takes a comma list of networks such as 10.0.0.0/8",
        ),
        (
            "SMTP_URL",
            "http://mail.example.org",
            "SMTP_URL is not an address it can use; it takes smtp:// or smtps://…",
        ),
        (
            "SMTP_URL",
            "smtp://mail.example.org",
            "MAIL_FROM is not set: with SMTP_URL it takes an address such as Board <board@example.org>",
        ),
        (
            "MAIL_FROM",
            "the board",
            "MAIL_FROM is \"the board\"; it takes an address such as Board <board@example.org>",
        ),
        (
            "ALLOW_PRIVATE_WEBHOOKS",
            "yes",
            "ALLOW_PRIVATE_WEBHOOKS is \"yes\"; it takes true or false",
        ),
        (
            "STARBOARD_RETRY_STEPS",
            "1,soon",
            "STARBOARD_RETRY_STEPS has \"soon\"; it takes seconds from 1 to 604800",
        ),
    ] {
        let error = with(&[(name, value)]).unwrap_err().to_string();
        assert_eq!(error, message);
    }
}

#[test]
fn trusted_proxies_are_networks_or_single_addresses() {
    let config = with(&[("TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.7,fd00::/8")]).unwrap();
    let shown: Vec<String> = config
        .trusted_proxies
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(shown, ["10.0.0.0/8", "192.0.2.7/32", "fd00::/8"]);
}

#[test]
fn tests_of_faults_may_hurry() {
    let usual = with(&[]).unwrap().pace;
    assert_eq!(usual, Pace::default());

    let hurried = with(&[
        ("STARBOARD_RETRY_STEPS", "1, 2"),
        ("STARBOARD_CLAIM_SECONDS", "4"),
    ]);
    let hurried = hurried.unwrap().pace;
    assert_eq!(hurried.delivery_retries, [1, 2].map(Duration::from_secs));
    assert_eq!(hurried.sending(), Duration::from_secs(2));
}

#[test]
fn only_an_address_of_this_machine_is_local() {
    for (url, local) in [
        ("http://localhost:8080", true),
        ("http://127.0.0.1", true),
        ("http://[::1]:8080", true),
        ("https://board.example.org", false),
        ("https://localhost.example.org", false),
        ("http://192.168.0.4", false),
    ] {
        assert_eq!(
            with(&[("PUBLIC_URL", url)]).unwrap().is_local(),
            local,
            "{url}"
        );
    }
}
