//! Frames of the past that wait for clients. Each is in memory once, however many it waits for:
//! thousands who come back at once ask for much the same, and some of them take it slowly.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::Frame;
use crate::areas::activities::event_log::Line;

/// Frames known of before those are forgotten that wait for nobody any more.
const AT_LEAST: usize = 1_024;

/// All of this process, by their places.
#[derive(Default)]
pub(super) struct Past(Mutex<Known>);

#[derive(Default)]
struct Known {
    frames: HashMap<i64, Weak<Frame>>,
    /// How many may be known before the next look at who still waits.
    most: usize,
}

impl Past {
    /// The frames of these lines; of those that somebody waits for already, the same.
    pub(super) fn frames(&self, lines: &[Line]) -> Vec<Arc<Frame>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let frames = lines.iter().map(|line| known.frame(line)).collect();
        if known.frames.len() > known.most.max(AT_LEAST) {
            known.forget();
        }
        frames
    }

    /// Forgets what waits for nobody: when nobody asks for the past any more, nothing else would.
    pub(super) fn forget(&self) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.forget();
    }
}

impl Known {
    fn frame(&mut self, line: &Line) -> Arc<Frame> {
        let known = self.frames.get(&line.seq).and_then(Weak::upgrade);
        // The line may have been redacted since, or be one of another log.
        if let Some(frame) = known.filter(|frame| frame.text.as_str() == line.envelope) {
            return frame;
        }
        let frame = Frame::event(line);
        self.frames.insert(line.seq, Arc::downgrade(&frame));
        frame
    }

    fn forget(&mut self) {
        self.frames.retain(|_, frame| frame.strong_count() > 0);
        self.most = 2 * self.frames.len();
        self.frames.shrink_to(self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(from: i64, to: i64) -> Vec<Line> {
        (from..=to)
            .map(|seq| Line {
                seq,
                envelope: format!("event {seq}"),
            })
            .collect()
    }

    #[test]
    fn a_frame_that_waits_already_is_not_made_again() {
        let past = Past::default();

        let first = past.frames(&lines(1, 3));
        let second = past.frames(&lines(2, 4));

        assert!(Arc::ptr_eq(&first[1], &second[0]));
        assert!(Arc::ptr_eq(&first[2], &second[1]));
        assert_eq!(second[2].text.as_str(), "event 4");
    }

    #[test]
    fn a_line_that_reads_otherwise_by_now_is_another_frame() {
        let past = Past::default();
        let before = past.frames(&lines(1, 1));
        let mut redacted = lines(1, 1);
        redacted[0].envelope = "less".to_owned();

        let after = past.frames(&redacted);

        assert_eq!(before[0].text.as_str(), "event 1");
        assert_eq!(after[0].text.as_str(), "less");
        let again = past.frames(&redacted);
        assert!(Arc::ptr_eq(&after[0], &again[0]));
    }

    #[test]
    fn what_waits_for_nobody_is_forgotten() {
        let past = Past::default();
        let waiting = past.frames(&lines(1, 10));
        for page in 1..1_000 {
            past.frames(&lines(page * 100, page * 100 + 99));

            let known = past.0.lock().unwrap().frames.len();
            assert!(known <= AT_LEAST + 100, "{known} frames are known");
        }

        past.forget();
        assert_eq!(past.0.lock().unwrap().frames.len(), 10);
        let again = past.frames(&lines(1, 10));
        let mut both = waiting.iter().zip(&again);
        assert!(both.all(|(one, other)| Arc::ptr_eq(one, other)));
    }
}
