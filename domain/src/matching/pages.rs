//! Things under small numbers, in pages: nothing is moved when there are more, and a page nobody
//! needs is given back.

use std::collections::BTreeSet;

/// Things a page holds.
const PAGE: usize = 256;

/// Things under numbers.
#[derive(Debug)]
pub(super) struct Pages<T> {
    pages: Vec<Page<T>>,
    /// Pages with room for one more, those at the end left out.
    room: BTreeSet<usize>,
    len: usize,
}

#[derive(Debug)]
struct Page<T> {
    things: Vec<Option<T>>,
    live: usize,
}

impl<T> Default for Pages<T> {
    fn default() -> Self {
        Pages {
            pages: Vec::new(),
            room: BTreeSet::new(),
            len: 0,
        }
    }
}

impl<T> Pages<T> {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(super) fn get(&self, number: u32) -> Option<&T> {
        let (page, place) = split(number);
        self.pages.get(page)?.things.get(place)?.as_ref()
    }

    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        let (page, place) = split(number);
        self.pages.get_mut(page)?.things.get_mut(place)?.as_mut()
    }

    /// Puts a thing under a number.
    pub(super) fn put(&mut self, number: u32, thing: T) {
        let (page, place) = split(number);
        while self.pages.len() <= page {
            self.room.insert(self.pages.len());
            self.pages.push(Page::empty());
        }
        if let Some(page) = self.pages.get_mut(page) {
            if page.things.len() <= place {
                page.things.reserve_exact(PAGE - page.things.len());
                page.things.resize_with(place + 1, || None);
            }
            let before = page.things.get_mut(place).and_then(|at| at.replace(thing));
            if before.is_none() {
                page.live += 1;
                self.len += 1;
            }
        }
        self.note_room(page);
    }

    /// Puts a thing under a number nothing has, the least where there is one to spare.
    pub(super) fn add(&mut self, thing: T) -> u32 {
        let page = self.room.first().copied().unwrap_or(self.pages.len());
        let place = self.pages.get(page).map_or(0, Page::vacancy);
        let number = u32::try_from(page * PAGE + place).unwrap_or(u32::MAX);
        self.put(number, thing);
        number
    }

    /// Takes what is under a number.
    pub(super) fn take(&mut self, number: u32) -> Option<T> {
        let (place, within) = split(number);
        let page = self.pages.get_mut(place)?;
        let thing = page.things.get_mut(within)?.take()?;
        page.live -= 1;
        self.len -= 1;
        if page.live == 0 {
            *page = Page::empty();
        }
        self.note_room(place);
        while self.pages.last().is_some_and(|page| page.live == 0) {
            self.pages.pop();
            self.room.remove(&self.pages.len());
        }
        Some(thing)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        let things = self.pages.iter().flat_map(|page| &page.things);
        things.filter_map(Option::as_ref)
    }

    /// Memory of the pages, not of what the things own.
    pub(super) fn bytes(&self) -> usize {
        let of_things = |page: &Page<T>| page.things.capacity() * size_of::<Option<T>>();
        self.pages.capacity() * size_of::<Page<T>>()
            + self.pages.iter().map(of_things).sum::<usize>()
    }

    fn note_room(&mut self, page: usize) {
        match self.pages.get(page) {
            Some(it) if it.live < PAGE => self.room.insert(page),
            _ => self.room.remove(&page),
        };
    }
}

impl<T> Page<T> {
    fn empty() -> Self {
        Page {
            things: Vec::new(),
            live: 0,
        }
    }

    /// The least place without a thing.
    fn vacancy(&self) -> usize {
        if self.live == self.things.len() {
            return self.live;
        }
        let empty = self.things.iter().position(Option::is_none);
        empty.unwrap_or(self.things.len())
    }
}

#[inline]
fn split(number: u32) -> (usize, usize) {
    let number = number as usize;
    (number / PAGE, number % PAGE)
}

/// Adds to a list that is to have little room to spare.
pub(super) fn push<T>(list: &mut Vec<T>, item: T) {
    if list.len() == list.capacity() {
        list.reserve_exact(list.len() / 4 + 1);
    }
    list.push(item);
}

/// Gives back what a list that became short no longer needs.
pub(super) fn trim<T>(list: &mut Vec<T>) {
    if list.capacity() > 8 && list.len() < list.capacity() / 2 || list.is_empty() {
        list.shrink_to(list.len() + list.len() / 4);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_used_again_and_empty_pages_given_back() {
        let mut pages = Pages::default();
        let numbers: Vec<u32> = (0..1000).map(|thing| pages.add(thing)).collect();
        assert_eq!(numbers, (0..1000).collect::<Vec<u32>>());
        for number in 300..1000 {
            assert_eq!(pages.take(number), Some(number));
        }
        assert_eq!((pages.len(), pages.pages.len()), (300, 2));
        assert_eq!(pages.take(7), Some(7));
        assert_eq!(pages.add(7), 7);
        assert_eq!(pages.add(300), 300);
        assert_eq!(pages.take(4000), None);
        assert_eq!(pages.iter().count(), 301);
    }

    #[test]
    fn a_thing_may_stand_far_out_alone() {
        let mut pages = Pages::default();
        pages.put(70_000, 'a');
        pages.put(70_000, 'b');
        assert_eq!((pages.get(70_000), pages.get(69_999)), (Some(&'b'), None));
        assert_eq!(pages.take(70_000), Some('b'));
        assert_eq!((pages.len(), pages.pages.len()), (0, 0));
    }
}
