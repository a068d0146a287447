//! Copies of answers kept for conditional GETs.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use http::header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use http::{HeaderMap, HeaderValue};

use crate::Answer;

/// Largest body kept.
const LARGEST: usize = 2 << 20;

/// Most copies kept.
const MOST: usize = 64;

/// Answers that can be asked for again by their validators; the least recently used goes first.
#[derive(Debug, Default)]
pub(crate) struct Validators {
    copies: Mutex<VecDeque<Kept>>,
}

/// An answer and what identifies its state at the upstream.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    url: String,
    tag: Option<HeaderValue>,
    modified: Option<HeaderValue>,
    pub(crate) answer: Answer,
}

impl Kept {
    /// Asks only for something newer than this copy.
    pub(crate) fn condition(&self, headers: &mut HeaderMap) {
        if let Some(tag) = &self.tag {
            headers.insert(IF_NONE_MATCH, tag.clone());
        }
        if let Some(modified) = &self.modified {
            headers.insert(IF_MODIFIED_SINCE, modified.clone());
        }
    }
}

impl Validators {
    /// Forgets every copy.
    pub(crate) fn clear(&self) {
        self.copies
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// The copy of what `url` answered last.
    pub(crate) fn copy(&self, url: &str) -> Option<Kept> {
        let mut copies = self.copies.lock().unwrap_or_else(PoisonError::into_inner);
        let at = copies.iter().position(|kept| kept.url == url)?;
        let kept = copies.remove(at)?;
        copies.push_back(kept.clone());
        Some(kept)
    }

    /// Keeps an answer that is whole, small and has a validator.
    pub(crate) fn keep(&self, url: &str, headers: &HeaderMap, answer: &Answer) {
        let mut copies = self.copies.lock().unwrap_or_else(PoisonError::into_inner);
        copies.retain(|kept| kept.url != url);
        let tag = headers.get(ETAG).cloned();
        let modified = headers.get(LAST_MODIFIED).cloned();
        let usable = answer.status == 200 && answer.whole && answer.body.len() <= LARGEST;
        if !usable || (tag.is_none() && modified.is_none()) {
            return;
        }
        if copies.len() >= MOST {
            copies.pop_front();
        }
        copies.push_back(Kept {
            url: url.to_owned(),
            tag,
            modified,
            answer: answer.clone(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: Vec<u8>) -> Answer {
        Answer {
            status: 200,
            url: String::new(),
            content_type: String::new(),
            body: body.into(),
            whole: true,
        }
    }

    fn tagged() -> HeaderMap {
        HeaderMap::from_iter([(ETAG, HeaderValue::from_static("\"1\""))])
    }

    #[test]
    fn the_least_recently_used_copy_goes_first() {
        let validators = Validators::default();
        for n in 0..MOST {
            validators.keep(&format!("u{n}"), &tagged(), &answer(vec![1]));
        }
        assert!(validators.copy("u0").is_some());

        validators.keep("one more", &tagged(), &answer(vec![1]));

        assert!(validators.copy("u0").is_some());
        assert!(validators.copy("u1").is_none());
        assert!(validators.copy("one more").is_some());
    }

    #[test]
    fn large_partial_and_untagged_answers_are_not_kept() {
        let validators = Validators::default();
        let partial = Answer {
            whole: false,
            ..answer(vec![1])
        };

        validators.keep("large", &tagged(), &answer(vec![0; LARGEST + 1]));
        validators.keep("partial", &tagged(), &partial);
        validators.keep("untagged", &HeaderMap::new(), &answer(vec![1]));

        for url in ["large", "partial", "untagged"] {
            assert!(validators.copy(url).is_none(), "{url}");
        }
    }
}
