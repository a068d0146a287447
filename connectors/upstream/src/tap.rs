//! TAP, the VO's query protocol: ADQL in, CSV out.

use crate::table::shortened;
pub use crate::table::{Row, Table, read_csv};
use crate::votable::{self, Status};
use crate::{Answer, Error, Result, Upstream};

/// Text as an ADQL string literal, quotes and all.
#[must_use]
pub fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Asks the synchronous endpoint at `url` (`…/sync`) for at most `maxrec` rows.
///
/// CSV cannot say that it was cut off, so one row more is asked for: when it comes, it is dropped
/// and `overflow` is set. A `TOP` in `adql`, if any, must be larger than `maxrec`.
///
/// # Errors
/// `Unreadable` with the service's own words for an error it reports, whatever the HTTP status;
/// `Unreachable` for a maintenance page; and what [`Upstream`] answers.
pub async fn csv(upstream: &Upstream, url: &str, adql: &str, maxrec: usize) -> Result<Table> {
    let one_more = maxrec.saturating_add(1).to_string();
    let form = [
        ("REQUEST", "doQuery"),
        ("LANG", "ADQL"),
        ("FORMAT", "csv"),
        ("MAXREC", one_more.as_str()),
        ("QUERY", adql),
    ];
    let answer = upstream.post_form_any(url, &form).await?;
    if let Some(error) = complaint(&answer) {
        return Err(error);
    }
    let mut table = read_csv(&answer.body).map_err(|error| match error {
        Error::Unreadable(text) => Error::Unreadable(format!("{url}: {text}")),
        other => other,
    })?;
    table.whole = answer.whole;
    if table.rows.len() > maxrec {
        table.rows.truncate(maxrec);
        table.overflow = true;
    }
    Ok(table)
}

/// The error an answer stands for, if it is one.
///
/// A query the service could not answer needs a person; a service that is away needs patience.
fn complaint(answer: &Answer) -> Option<Error> {
    let status = answer.status;
    let body = answer.body.trim_ascii_start();
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    let is_away = status > 500;
    if !body.starts_with(b"<") {
        if status < 400 {
            return None;
        }
        let words = first_words(body);
        let text = format!("{} answered {status}: {words}", answer.url);
        return Some(if status >= 500 {
            Error::Unreachable(text)
        } else {
            Error::Unreadable(text)
        });
    }
    Some(match votable::status(body) {
        Ok(Status::Failed(message)) => {
            let text = format!("{} answered an error: {message}", answer.url);
            if is_away {
                Error::Unreachable(text)
            } else {
                Error::Unreadable(text)
            }
        }
        Ok(_) => Error::Unreadable(format!("{} answered a VOTable, not CSV", answer.url)),
        Err(_) => {
            let title = title(body).unwrap_or_else(|| "without a title".to_owned());
            let text = format!("{} answered {status} with a web page: {title}", answer.url);
            if (400..500).contains(&status) {
                Error::Unreadable(text)
            } else {
                Error::Unreachable(text)
            }
        }
    })
}

/// The beginning of a plain text, on one line.
fn first_words(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body.get(..2000).unwrap_or(body));
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() {
        return "no words".to_owned();
    }
    shortened(&words.join(" "), 300)
}

/// The title of a web page.
fn title(page: &[u8]) -> Option<String> {
    let page = String::from_utf8_lossy(page.get(..16_384).unwrap_or(page));
    // Lower case of ASCII only: positions stay the same.
    let lower = page.to_ascii_lowercase();
    let tag = lower.find("<title")?;
    let start = tag + lower.get(tag..)?.find('>')? + 1;
    let end = start + lower.get(start..)?.find("</title")?;
    let words: Vec<&str> = page.get(start..end)?.split_whitespace().collect();
    (!words.is_empty()).then(|| shortened(&words.join(" "), 200))
}

#[cfg(test)]
mod tests {
    use domain::Clock;

    use super::*;
    use crate::{Cassette, Take};

    const URL: &str = "https://tap.example.org/sync";

    async fn ask(status: u16, content_type: &str, body: &str) -> Result<Table> {
        let form = [
            ("REQUEST", "doQuery"),
            ("LANG", "ADQL"),
            ("FORMAT", "csv"),
            ("MAXREC", "3"),
            ("QUERY", "SELECT a FROM t WHERE n = 'O''Neil'"),
        ];
        let take = Take::post(URL, &form)
            .status(status)
            .answers(content_type, body);
        // Asked again while it is away, the service stays away.
        let upstream =
            Upstream::replay_repeating(vec![Cassette::new().with(take)], Clock::system());
        let adql = format!("SELECT a FROM t WHERE n = {}", quote("O'Neil"));
        csv(&upstream, URL, &adql, 2).await
    }

    #[tokio::test]
    async fn rows_up_to_the_limit_are_all_there_is() {
        let table = ask(200, "text/csv", "a\n1\n2\n").await.unwrap();

        assert_eq!(table.rows.len(), 2);
        assert!(!table.overflow);
        assert!(table.whole);
    }

    #[tokio::test]
    async fn one_row_more_is_dropped_and_says_that_there_is_more() {
        let table = ask(200, "text/csv", "a\n1\n2\n3\n").await.unwrap();

        assert_eq!(table.rows.len(), 2);
        assert!(table.overflow);
    }

    #[tokio::test]
    async fn an_error_is_told_in_the_services_words_whatever_the_status() {
        let body = "<?xml version=\"1.0\"?><VOTABLE><RESOURCE type=\"results\">\
             <INFO name=\"QUERY_STATUS\" value=\"ERROR\">no table t</INFO></RESOURCE></VOTABLE>";
        for status in [200, 400, 500] {
            assert_eq!(
                ask(status, "application/x-votable+xml", body)
                    .await
                    .unwrap_err(),
                Error::Unreadable(format!("{URL} answered an error: no table t"))
            );
        }
    }

    #[tokio::test]
    async fn a_maintenance_page_means_to_come_back_later() {
        let page = "<!DOCTYPE html><HTML><head><Title>\n Archive  closed </Title></head>&nbsp;";
        for status in [200, 503] {
            assert_eq!(
                ask(status, "text/html", page).await.unwrap_err(),
                Error::Unreachable(format!(
                    "{URL} answered {status} with a web page: Archive closed"
                ))
            );
        }
    }

    #[tokio::test]
    async fn plain_words_are_passed_on() {
        assert_eq!(
            ask(400, "text/plain", "Incorrect ADQL:\n  line 1")
                .await
                .unwrap_err(),
            Error::Unreadable(format!("{URL} answered 400: Incorrect ADQL: line 1"))
        );
        assert_eq!(
            ask(200, "text/plain", "Incorrect ADQL query: x")
                .await
                .unwrap_err(),
            Error::Unreadable(format!(
                "{URL}: words instead of a table: Incorrect ADQL query: x"
            ))
        );
    }
}
