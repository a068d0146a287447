//! A letter as text.

use super::{Block, COLUMNS, Fact, Letter, followed, plain};

/// What stands between what is said and the foot; mail programs know it as the end of the text.
const LINE: &str = "-- ";

pub(super) fn set(letter: &Letter) -> String {
    let mut text = blocks(&letter.blocks);
    if !letter.foot.is_empty() {
        text.push_str(&format!("\n{LINE}\n{}", blocks(&letter.foot)));
    }
    text
}

fn blocks(blocks: &[Block]) -> String {
    let mut text = String::new();
    for block in blocks {
        if !text.is_empty() {
            text.push('\n');
        }
        match block {
            Block::Lead(words) | Block::Paragraph(words) | Block::Note(words) => {
                text.push_str(&paragraph("", "", words));
            }
            Block::Heading(words) => {
                let set = paragraph("", "", words);
                let widest = set.lines().map(|line| line.chars().count()).max();
                text.push_str(&set);
                text.push_str(&"-".repeat(widest.unwrap_or_default()));
                text.push('\n');
            }
            Block::Facts(facts) => text.push_str(&table(facts)),
            Block::Button { words, url } | Block::Link { words, url } => {
                text.push_str(&paragraph("", "", &format!("{words}:")));
                if let Some(url) = followed(url) {
                    text.push_str(url);
                    text.push('\n');
                }
            }
        }
    }
    text
}

/// Names on the left, what is said of them on the right.
fn table(facts: &[Fact]) -> String {
    let widest = facts.iter().map(|fact| fact.name.chars().count()).max();
    let width = widest.unwrap_or_default() + 2;
    let below = " ".repeat(width);
    let mut text = String::new();
    for fact in facts {
        let mut before = format!("{:width$}", fact.name);
        for line in &fact.lines {
            text.push_str(&paragraph(&before, &below, line));
            before.clone_from(&below);
        }
    }
    text
}

/// The words in lines, the first one after `before`, the others after `below`.
fn paragraph(before: &str, below: &str, words: &str) -> String {
    let mut text = String::new();
    let mut line = before.to_owned();
    let mut empty = true;
    let room = COLUMNS.saturating_sub(below.chars().count()).max(1);
    let words = plain(words);
    for word in words.split(' ').flat_map(|word| pieces(word, room)) {
        let blank = usize::from(!empty);
        if !empty && line.chars().count() + blank + word.chars().count() > COLUMNS {
            text.push_str(line.trim_end());
            text.push('\n');
            line = below.to_owned();
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(&word);
        empty = false;
    }
    text.push_str(line.trim_end());
    text.push('\n');
    text
}

/// The word, in pieces where it is wider than the room there is.
fn pieces(word: &str, room: usize) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let pieces = letters.chunks(room).map(|piece| piece.iter().collect());
    pieces.collect()
}
