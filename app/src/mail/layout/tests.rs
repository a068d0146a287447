use super::*;

fn letter() -> Letter {
    Letter::new("A title")
        .lead("JWST should now be observing M-31.")
        .facts(vec![
            Fact {
                name: "Target",
                lines: vec!["M-31".to_owned(), "Galaxy".to_owned()],
            },
            Fact {
                name: "Programme",
                lines: vec!["4501".to_owned()],
            },
        ])
        .link("Activity", "https://board.example.org/activities/1")
        .foot("You get this because you asked for it.")
}

#[test]
fn as_text_names_stand_left_and_their_lines_right() {
    let text = "\
JWST should now be observing M-31.

Target     M-31
           Galaxy
Programme  4501

Activity:
https://board.example.org/activities/1

-- 
You get this because you asked for it.
";
    assert_eq!(letter().text(), text);
}

#[test]
fn no_line_of_text_is_wider_than_a_terminal_of_old() {
    let long = "Observations of a galaxy and of everything that stands near it, ".repeat(5);
    let url = format!("https://board.example.org/{}", "a".repeat(100));
    let facts = vec![Fact {
        name: "Programme",
        lines: vec![long.clone()],
    }];
    let letter = Letter::new("t").lead(&long).facts(facts).link("Page", &url);
    let text = letter.text();
    for line in text.lines().filter(|line| *line != url) {
        assert!(line.chars().count() <= COLUMNS, "{line}");
    }
    assert!(text.contains(&url));
    assert!(text.contains("\n           Observations"), "{text}");
    let endless = Letter::new("t").lead("é".repeat(200)).text();
    assert!(endless.lines().all(|line| line.chars().count() <= COLUMNS));
}

#[test]
fn as_html_whatever_came_from_outside_is_escaped() {
    let html = Letter::new("</title><script>")
        .lead("<img src=x onerror=alert(1)>")
        .facts(vec![Fact {
            name: "Target",
            lines: vec!["\"><script>".to_owned()],
        }])
        .link("<b>", "https://board.example.org/?a=1&b=\"2")
        .html();
    assert!(
        !html.contains("<script") && !html.contains("<img") && !html.contains("<b>"),
        "{html}"
    );
    assert!(html.contains("a=1&amp;b=&quot;2"), "{html}");
}

#[test]
fn only_web_addresses_are_links() {
    let letter = Letter::new("t")
        .link("Page", "javascript:alert(1)")
        .button("Go", "data:text/html,x");
    assert!(!letter.html().contains("href"));
    assert!(!letter.text().contains("javascript"));
}

#[test]
fn characters_that_turn_the_direction_are_left_out() {
    assert_eq!(plain("M\u{202E}31\r\n  \u{7}HST"), "M 31 HST");
}
