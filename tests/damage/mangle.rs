//! Damage as networks, disks and editors do it.

use std::ops::Range;

use super::dice::Dice;

/// A damaged copy: mostly of one kind of damage, sometimes of two on top of each other. More would
/// only be refused more often.
pub(super) fn damaged(whole: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut body = whole.to_vec();
    for _ in 0..=dice.below(3) / 2 {
        damage(&mut body, dice);
    }
    body
}

fn damage(body: &mut Vec<u8>, dice: &mut Dice) {
    match dice.below(8) {
        0 => body.truncate(dice.below(body.len())),
        1 => flip(body, dice),
        2 => swap_fields(body, dice),
        3 => swap_fields_of_a_line(body, dice),
        4 => {
            let line = line_at(body, dice.below(body.len()));
            let copy = body[line.clone()].to_vec();
            body.splice(line.start..line.start, copy).for_each(drop);
        }
        5 => {
            let line = line_at(body, dice.below(body.len()));
            body.drain(line).for_each(drop);
        }
        6 => {
            let at = dice.below(body.len());
            let garbage = [dice.byte() | 0x80, 0xff, dice.byte()];
            body.splice(at..at, garbage).for_each(drop);
        }
        _ => {
            let at = dice.below(body.len());
            let to = body.len().min(at + dice.below(60));
            body.drain(at..to).for_each(drop);
        }
    }
}

/// Flips a bit in a few bytes, or makes one digit another: the damage that still reads well.
fn flip(body: &mut [u8], dice: &mut Dice) {
    for _ in 0..=dice.below(4) {
        let at = dice.below(body.len());
        let digit = u8::try_from(dice.below(10)).unwrap();
        let bit = dice.below(8);
        let read_well = dice.below(2) == 0;
        let ahead = body.iter_mut().skip(at);
        let mut ahead = ahead.skip_while(|byte| read_well && !byte.is_ascii_digit());
        match ahead.next() {
            Some(byte) if read_well => *byte = b'0' + digit,
            Some(byte) => *byte ^= 1 << bit,
            None => {}
        }
    }
}

/// Swaps two fields anywhere.
fn swap_fields(body: &mut Vec<u8>, dice: &mut Dice) {
    let (one, other) = (dice.below(body.len()), dice.below(body.len()));
    swap(body, field_at(body, one), field_at(body, other));
}

/// Swaps two fields of one line.
fn swap_fields_of_a_line(body: &mut Vec<u8>, dice: &mut Dice) {
    let line = line_at(body, dice.below(body.len()));
    let mut place = || line.start + dice.below(line.len());
    let (one, other) = (place(), place());
    swap(body, field_at(body, one), field_at(body, other));
}

fn swap(body: &mut Vec<u8>, one: Range<usize>, other: Range<usize>) {
    let (first, last) = match one.start <= other.start {
        true => (one, other),
        false => (other, one),
    };
    if first.end > last.start {
        return;
    }
    let mut swapped = body[..first.start].to_vec();
    swapped.extend_from_slice(&body[last.clone()]);
    swapped.extend_from_slice(&body[first.end..last.start]);
    swapped.extend_from_slice(&body[first]);
    swapped.extend_from_slice(&body[last.end..]);
    *body = swapped;
}

/// The field around a place: up to a comma, a colon before a value, two blanks, or a line's end.
fn field_at(body: &[u8], at: usize) -> Range<usize> {
    let ends = |place: usize| match body.get(place) {
        None | Some(b',' | b'\n' | b'{' | b'}' | b'[' | b']') => true,
        Some(b':') => body
            .get(place + 1)
            .is_none_or(|next| !next.is_ascii_digit()),
        Some(b' ') => body.get(place + 1) == Some(&b' '),
        Some(_) => false,
    };
    let end = (at..=body.len()).find(|place| ends(*place)).unwrap_or(at);
    let before = (0..at.min(body.len())).rev().find(|place| ends(*place));
    let start = before.map_or(0, |place| place + 1).min(end);
    start..end
}

/// The line around a place, with its end.
fn line_at(body: &[u8], at: usize) -> Range<usize> {
    let at = at.min(body.len());
    let start = body[..at].iter().rposition(|byte| *byte == b'\n');
    let end = body[at..].iter().position(|byte| *byte == b'\n');
    start.map_or(0, |start| start + 1)..end.map_or(body.len(), |end| at + end + 1)
}

#[test]
fn fields_end_at_commas_columns_and_lines() {
    let mut body = b"a: 1, b\ncolumn one  two\n".to_vec();

    assert_eq!(field_at(&body, 3), 2..4);
    assert_eq!(field_at(&body, 10), 8..18);
    swap(&mut body, 20..23, 8..18);

    assert_eq!(body, b"a: 1, b\ntwo  column one\n");
    assert_eq!(line_at(&body, 9), 8..24);
}
