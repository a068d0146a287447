//! A letter as HTML.
//!
//! Mail programs know little: tables for what stands side by side, styles on the elements
//! themselves, and a sheet only for what may be missing (dark screens, narrow ones).

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Block, Fact, Letter, followed, plain};

const SHEET: &str = "\
:root{color-scheme:light dark;supported-color-schemes:light dark}\
@media(prefers-color-scheme:dark){\
body,.page{background:#11161d!important}.sheet{background:#1a212b!important;border-color:#2c3642!important}\
.word,.lead,h2{color:#e8edf3!important}.name,.note{color:#9fadbd!important}\
.link{color:#7cb8f5!important}.rule{border-color:#2c3642!important}}\
@media(max-width:480px){.page{padding:0!important}\
.sheet{border-left:0!important;border-right:0!important;border-radius:0!important}\
.inside{padding:20px 16px!important}}";

/// Longest word kept on one line, in characters: a narrow screen has room for it.
const LONGEST_TOGETHER: usize = 24;

const FONT: &str = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;";

pub(super) fn set(letter: &Letter) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (plain(&letter.title)) }
                style { (PreEscaped(SHEET)) }
            }
            body style="margin:0;padding:0;background:#eef1f5;" {
                table.page role="presentation" width="100%" cellpadding="0" cellspacing="0"
                    style="background:#eef1f5;padding:24px 8px;" {
                    tr { td align="center" { (sheet(letter)) } }
                }
            }
        }
    };
    page.into_string()
}

fn sheet(letter: &Letter) -> Markup {
    html! {
        table.sheet role="presentation" cellpadding="0" cellspacing="0"
            style="width:100%;max-width:600px;background:#ffffff;border:1px solid #dde3ea;border-radius:8px;" {
            tr {
                td.inside align="left" style={ "padding:28px 32px;" (FONT) "font-size:16px;line-height:1.5;" } {
                    @for block in &letter.blocks { (set_block(block)) }
                    @if !letter.foot.is_empty() {
                        div.rule style="border-top:1px solid #dde3ea;margin:28px 0 16px;" {}
                        @for block in &letter.foot { (set_foot(block)) }
                    }
                }
            }
        }
    }
}

fn set_block(block: &Block) -> Markup {
    match block {
        Block::Lead(words) => html! {
            p.lead style="margin:0 0 16px;font-size:20px;line-height:1.35;font-weight:600;color:#16202c;" {
                (flowing(words))
            }
        },
        Block::Paragraph(words) => html! {
            p.word style="margin:0 0 16px;color:#26313d;" { (flowing(words)) }
        },
        Block::Heading(words) => html! {
            h2.rule style="margin:28px 0 12px;padding-top:20px;border-top:1px solid #dde3ea;\
                font-size:17px;line-height:1.35;color:#16202c;" { (flowing(words)) }
        },
        Block::Facts(facts) => html! {
            table role="presentation" cellpadding="0" cellspacing="0"
                style="width:100%;margin:0 0 16px;font-size:15px;line-height:1.45;" {
                @for fact in facts { (set_fact(fact)) }
            }
        },
        Block::Button { words, url } => html! {
            p style="margin:20px 0;" {
                @if let Some(url) = followed(url) {
                    a href=(url) target="_blank" rel="noopener noreferrer"
                        style="display:inline-block;padding:11px 20px;background:#1c4e80;color:#ffffff;\
                            text-decoration:none;font-weight:600;border-radius:6px;" { (plain(words)) }
                }
            }
        },
        Block::Link { words, url } => html! {
            p style="margin:0 0 8px;font-size:15px;" { (anchor(words, url)) }
        },
        Block::Note(words) => html! {
            p.note style="margin:0 0 12px;font-size:14px;line-height:1.45;color:#5b6776;" { (plain(words)) }
        },
    }
}

fn set_fact(fact: &Fact) -> Markup {
    html! {
        tr {
            td.name valign="top" style="padding:4px 14px 4px 0;width:1%;white-space:nowrap;color:#5b6776;" {
                (fact.name)
            }
            td.word valign="top" style="padding:4px 0;color:#26313d;overflow-wrap:anywhere;" {
                @for (number, line) in fact.lines.iter().enumerate() {
                    @if number == 0 { (plain(line)) }
                    @else { br; span.name style="color:#5b6776;" { (plain(line)) } }
                }
            }
        }
    }
}

fn set_foot(block: &Block) -> Markup {
    match block {
        Block::Link { words, url } => html! {
            p.note style="margin:0 0 6px;font-size:13px;color:#5b6776;" { (anchor(words, url)) }
        },
        Block::Note(words) => html! {
            p.note style="margin:0 0 8px;font-size:13px;line-height:1.45;color:#5b6776;" { (plain(words)) }
        },
        other => set_block(other),
    }
}

fn anchor(words: &str, url: &str) -> Markup {
    html! {
        @match followed(url) {
            Some(url) => a.link href=(url) target="_blank" rel="noopener noreferrer"
                style="color:#0b5cad;" { (plain(words)) },
            None => (plain(words)),
        }
    }
}

/// Words that wrap between each other, not within: `M-31` stays on one line.
fn flowing(words: &str) -> Markup {
    let words = plain(words);
    let together = |word: &str| word.contains('-') && word.chars().count() <= LONGEST_TOGETHER;
    html! {
        @for (number, word) in words.split(' ').enumerate() {
            @if number > 0 { " " }
            @if together(word) { span style="white-space:nowrap;" { (word) } }
            @else { (word) }
        }
    }
}
