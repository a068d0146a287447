//! The frame of all mails: what is said is said once, and set as text and as HTML.
//!
//! The text is for programs that show nothing else, in lines of at most [`COLUMNS`] characters but
//! for addresses of pages, which are never broken. The HTML needs no script, no picture and nothing
//! from another host, fits a phone, and is escaped here and nowhere else.

mod html;
mod text;

use crate::words;

/// Widest line of the text.
pub const COLUMNS: usize = 76;

/// What a mail says, from top to bottom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letter {
    title: String,
    blocks: Vec<Block>,
    foot: Vec<Block>,
}

/// A named figure and what is said of it, a line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// A word or two.
    pub name: &'static str,
    /// Its lines; the first is the most important one.
    pub lines: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Block {
    Lead(String),
    Paragraph(String),
    Heading(String),
    Facts(Vec<Fact>),
    Button { words: String, url: String },
    Link { words: String, url: String },
    Note(String),
}

impl Letter {
    /// A letter with this title, which HTML shows in the window only: the first words of the mail
    /// are those of [`Letter::lead`].
    #[must_use]
    pub fn new(title: impl Into<String>) -> Letter {
        Letter {
            title: title.into(),
            ..Letter::default()
        }
    }

    /// The sentence it is all about.
    #[must_use]
    pub fn lead(self, text: impl Into<String>) -> Letter {
        self.with(Block::Lead(text.into()))
    }

    /// A plain paragraph.
    #[must_use]
    pub fn paragraph(self, text: impl Into<String>) -> Letter {
        self.with(Block::Paragraph(text.into()))
    }

    /// Begins a part of a longer letter.
    #[must_use]
    pub fn heading(self, text: impl Into<String>) -> Letter {
        self.with(Block::Heading(text.into()))
    }

    /// Figures, one under the other. None: nothing.
    #[must_use]
    pub fn facts(self, facts: Vec<Fact>) -> Letter {
        if facts.is_empty() {
            return self;
        }
        self.with(Block::Facts(facts))
    }

    /// The one thing to do.
    #[must_use]
    pub fn button(self, words: impl Into<String>, url: impl Into<String>) -> Letter {
        let (words, url) = (words.into(), url.into());
        self.with(Block::Button { words, url })
    }

    /// A page to read on.
    #[must_use]
    pub fn link(self, words: impl Into<String>, url: impl Into<String>) -> Letter {
        let (words, url) = (words.into(), url.into());
        self.with(Block::Link { words, url })
    }

    /// Something that may be read in small print.
    #[must_use]
    pub fn note(self, text: impl Into<String>) -> Letter {
        self.with(Block::Note(text.into()))
    }

    /// A sentence below the line: why the reader gets this.
    #[must_use]
    pub fn foot(mut self, text: impl Into<String>) -> Letter {
        self.foot.push(Block::Note(text.into()));
        self
    }

    /// A page, below the line.
    #[must_use]
    pub fn foot_link(mut self, words: impl Into<String>, url: impl Into<String>) -> Letter {
        let (words, url) = (words.into(), url.into());
        self.foot.push(Block::Link { words, url });
        self
    }

    /// As text.
    #[must_use]
    pub fn text(&self) -> String {
        text::set(self)
    }

    /// As a whole HTML document.
    #[must_use]
    pub fn html(&self) -> String {
        html::set(self)
    }

    fn with(mut self, block: Block) -> Letter {
        self.blocks.push(block);
        self
    }
}

/// The text on one line, without what is no letter.
#[must_use]
pub fn plain(text: &str) -> String {
    let safe = words::plain(text);
    safe.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The address, if a browser may follow it: `http` or `https` only.
fn followed(url: &str) -> Option<&str> {
    let known = url::Url::parse(url).ok()?;
    matches!(known.scheme(), "http" | "https").then_some(url)
}

#[cfg(test)]
mod tests;
