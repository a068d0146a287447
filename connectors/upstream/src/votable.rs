//! What a VOTable says about the query it answers.
//!
//! The word stands in `INFO` (or `PARAM`) elements named `QUERY_STATUS`, or `Error` in old
//! services, before the table or behind it: a table is worth nothing before its document has been
//! read to the end.

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::table::shortened;
use crate::{Error, Result};

/// Deepest nesting read.
const DEEPEST: usize = 64;

/// Most characters of a message kept.
const LONGEST: usize = 500;

/// What became of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// All rows are there.
    Ok,
    /// There were more rows than the service gives.
    Overflow,
    /// It failed, in the service's own words; rows before that are worth nothing.
    Failed(String),
}

/// Reads a VOTable to its end and says what became of the query.
///
/// # Errors
/// `Unreadable` when it is no VOTable, or ends before it is closed.
pub fn status(body: &[u8]) -> Result<Status> {
    let text = std::str::from_utf8(body)
        .map_err(|_| Error::Unreadable("a VOTable that is not UTF-8".to_owned()))?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut reading = Reading::default();
    loop {
        let event = reader
            .read_event()
            .map_err(|e| Error::Unreadable(format!("broken XML: {e}")))?;
        match event {
            Event::Start(tag) => reading.open(&tag, true)?,
            Event::Empty(tag) => reading.open(&tag, false)?,
            Event::End(_) => reading.close(),
            Event::Text(text) => reading.say(&text.into_inner()),
            Event::CData(text) => reading.say(&text.into_inner()),
            Event::GeneralRef(entity) => match entity.resolve_char_ref() {
                Ok(Some(letter)) => reading.say(letter.encode_utf8(&mut [0; 4])),
                _ => reading.say(resolve_predefined_entity(&entity.into_inner()).unwrap_or("")),
            },
            Event::Eof => return reading.verdict(),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

/// What was read so far.
#[derive(Default)]
struct Reading {
    depth: usize,
    was_opened: bool,
    overflow: bool,
    failure: Option<String>,
    /// The status element we are in.
    word: Option<Word>,
}

/// A status element.
struct Word {
    depth: usize,
    value: String,
    text: String,
}

impl Reading {
    fn open(&mut self, tag: &BytesStart<'_>, has_end: bool) -> Result<()> {
        if self.depth == 0 {
            if self.was_opened || tag.local_name().as_ref() != "VOTABLE" {
                return Err(Error::Unreadable("XML that is no VOTable".to_owned()));
            }
            self.was_opened = true;
        }
        self.depth = self.depth.saturating_add(1);
        if self.depth > DEEPEST {
            return Err(Error::Unreadable("XML nested too deeply".to_owned()));
        }
        if self.word.is_none()
            && let Some(value) = status_value(tag)
        {
            self.word = Some(Word {
                depth: self.depth,
                value,
                text: String::new(),
            });
        }
        if !has_end {
            self.close();
        }
        Ok(())
    }

    fn close(&mut self) {
        if let Some(word) = self.word.take_if(|word| word.depth == self.depth) {
            self.judge(&word);
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn say(&mut self, text: &str) {
        if let Some(word) = &mut self.word
            && word.text.len() < 4 * LONGEST
        {
            word.text.push_str(&shortened(text, LONGEST));
        }
    }

    /// Some services put the message where `ERROR` should stand.
    fn judge(&mut self, word: &Word) {
        let value = word.value.trim();
        match value.to_ascii_uppercase().as_str() {
            "OK" => {}
            "OVERFLOW" => self.overflow = true,
            "ERROR" | "FATAL" | "" => self.fail(word.text.trim()),
            _ => self.fail(value),
        }
    }

    fn fail(&mut self, message: &str) {
        let dense: Vec<&str> = message.split_whitespace().collect();
        let message = match dense.join(" ") {
            empty if empty.is_empty() => "an error without words".to_owned(),
            words => shortened(&words, LONGEST),
        };
        self.failure.get_or_insert(message);
    }

    fn verdict(self) -> Result<Status> {
        if let Some(message) = self.failure {
            return Ok(Status::Failed(message));
        }
        if !self.was_opened || self.depth > 0 {
            let text = "a VOTable that ends before it is closed";
            return Err(Error::Unreadable(text.to_owned()));
        }
        Ok(if self.overflow {
            Status::Overflow
        } else {
            Status::Ok
        })
    }
}

/// The `value` of a status element; nothing for other elements.
fn status_value(tag: &BytesStart<'_>) -> Option<String> {
    if !matches!(tag.local_name().as_ref(), "INFO" | "PARAM") {
        return None;
    }
    let attribute = |wanted: &str| {
        let mut found = tag.attributes().flatten();
        let found = found.find(|attribute| attribute.key.local_name().as_ref() == wanted)?;
        let value = found.normalized_value(XmlVersion::Implicit1_0);
        Some(value.map_or_else(|_| found.value.to_string(), |text| text.into_owned()))
    };
    let is_status = [attribute("name"), attribute("ID")]
        .into_iter()
        .flatten()
        .any(|name| ["QUERY_STATUS", "ERROR"].contains(&name.to_ascii_uppercase().as_str()));
    is_status.then(|| attribute("value").unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn in_results(inside: &str) -> String {
        format!(
            "<?xml version=\"1.0\"?>\n<!-- made for a test -->\n\
             <VOTABLE version=\"1.4\" xmlns=\"http://www.ivoa.net/xml/VOTable/v1.3\">\
             <RESOURCE type=\"results\">{inside}</RESOURCE></VOTABLE>"
        )
    }

    const TABLE: &str = "<TABLE><FIELD name=\"n\" datatype=\"int\"/><DATA><TABLEDATA>\
         <TR><TD>1</TD></TR></TABLEDATA></DATA></TABLE>";

    fn failed(text: &str) -> Result<Status> {
        Ok(Status::Failed(text.to_owned()))
    }

    #[test]
    fn a_status_of_ok_is_ok() {
        let body = in_results(&format!(
            "<INFO name=\"QUERY_STATUS\" value=\"OK\"/>{TABLE}"
        ));

        assert_eq!(status(body.as_bytes()), Ok(Status::Ok));
    }

    #[test]
    fn an_overflow_is_told_behind_the_table() {
        let body = in_results(&format!(
            "<INFO name=\"QUERY_STATUS\" value=\"OK\"/>{TABLE}\
             <INFO name=\"QUERY_STATUS\" value=\"OVERFLOW\"/>"
        ));

        assert_eq!(status(body.as_bytes()), Ok(Status::Overflow));
    }

    #[test]
    fn an_error_may_follow_a_table_that_began_well() {
        let body = in_results(&format!(
            "<INFO name=\"QUERY_STATUS\" value=\"OK\"/>{TABLE}\
             <INFO name=\"QUERY_STATUS\" value=\"ERROR\">out of &lt;time&gt;\n  &#38; space</INFO>"
        ));

        assert_eq!(status(body.as_bytes()), failed("out of <time> & space"));
    }

    #[test]
    fn an_error_in_a_table_cut_off_is_still_told() {
        let body = "<VOTABLE><RESOURCE><INFO name=\"QUERY_STATUS\" value=\"ERROR\">late</INFO>";

        assert_eq!(status(body.as_bytes()), failed("late"));
    }

    #[test]
    fn old_services_put_errors_elsewhere() {
        for (body, message) in [
            (
                "<VOTABLE version=\"1.0\"><INFO ID=\"Error\" name=\"Error\" value=\"bad RA\"/></VOTABLE>"
                    .to_owned(),
                "bad RA",
            ),
            (
                in_results("<PARAM name=\"Error\" datatype=\"char\" value=\"no such table\"/>"),
                "no such table",
            ),
            (
                in_results("<INFO name=\"QUERY_STATUS\" value=\"unknown column &quot;x&quot;\"/>"),
                "unknown column \"x\"",
            ),
            (
                in_results("<INFO name=\"QUERY_STATUS\" value=\"ERROR\"><![CDATA[a < b]]></INFO>"),
                "a < b",
            ),
            (
                in_results("<INFO name=\"QUERY_STATUS\" value=\"ERROR\"/>"),
                "an error without words",
            ),
            (
                "<!DOCTYPE VOTABLE SYSTEM \"http://us-vo.org/xml/VOTable.dtd\">\
                 <v:VOTABLE xmlns:v=\"x\"><v:INFO name=\"QUERY_STATUS\" value=\"ERROR\">no</v:INFO></v:VOTABLE>"
                    .to_owned(),
                "no",
            ),
        ] {
            assert_eq!(status(body.as_bytes()), failed(message), "{body}");
        }
    }

    #[test]
    fn a_document_that_is_not_closed_is_unreadable() {
        let body = format!("<VOTABLE><RESOURCE><INFO name=\"QUERY_STATUS\" value=\"OK\"/>{TABLE}");

        assert_eq!(
            status(body.as_bytes()),
            Err(Error::Unreadable(
                "a VOTable that ends before it is closed".to_owned()
            ))
        );
    }

    #[test]
    fn other_documents_are_unreadable() {
        let deep = format!("<VOTABLE>{}", "<RESOURCE>".repeat(100_000));
        for body in ["", "a,b\n1,2\n", "<html><body>down</body></html>", &deep] {
            assert!(status(body.as_bytes()).is_err());
        }
    }

    proptest! {
        #[test]
        fn no_text_stops_the_reader(body in "[<>/&;!\\[\\]A-Z\"= x\u{e9}-]{0,80}") {
            let _ = status(body.as_bytes());
            let _ = status(format!("<VOTABLE>{body}").as_bytes());
        }
    }
}
