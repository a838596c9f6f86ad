//! A keyed collection that forgets its oldest entry when it is full.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard},
};

pub(crate) struct Shelf<T> {
    bound: usize,
    inner: Mutex<Inner<T>>,
}

struct Inner<T> {
    next: u64,
    by_age: BTreeMap<u64, (String, T)>,
    by_key: HashMap<String, u64>,
}

impl<T: Clone> Shelf<T> {
    pub(crate) fn new(bound: usize) -> Self {
        let inner = Inner {
            next: 0,
            by_age: BTreeMap::new(),
            by_key: HashMap::new(),
        };
        Self {
            bound,
            inner: Mutex::new(inner),
        }
    }

    /// Stores `value`; an entry with the same key keeps its age and is replaced.
    pub(crate) fn put(&self, key: &str, value: T) {
        let mut inner = self.lock();
        let age = inner.by_key.get(key).copied().unwrap_or(inner.next);
        inner.next = inner.next.max(age + 1);
        inner.by_key.insert(key.to_owned(), age);
        inner.by_age.insert(age, (key.to_owned(), value));
        while inner.by_age.len() > self.bound {
            if let Some((_, (oldest, _))) = inner.by_age.pop_first() {
                inner.by_key.remove(&oldest);
            }
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<T> {
        let inner = self.lock();
        let age = inner.by_key.get(key)?;
        inner.by_age.get(age).map(|(_, value)| value.clone())
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.lock().by_key.contains_key(key)
    }

    pub(crate) fn change<R>(&self, key: &str, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut inner = self.lock();
        let age = inner.by_key.get(key).copied()?;
        inner.by_age.get_mut(&age).map(|(_, value)| change(value))
    }

    pub(crate) fn remove(&self, key: &str) -> Option<T> {
        let mut inner = self.lock();
        let age = inner.by_key.remove(key)?;
        inner.by_age.remove(&age).map(|(_, value)| value)
    }

    /// Forgets what `is_meant`.
    pub(crate) fn remove_all(&self, is_meant: impl Fn(&T) -> bool) {
        let mut inner = self.lock();
        let Inner { by_age, by_key, .. } = &mut *inner;
        by_age.retain(|_, (key, value)| {
            let goes = is_meant(value);
            if goes {
                by_key.remove(key);
            }
            !goes
        });
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        let mut inner = self.lock();
        inner.by_age.clear();
        inner.by_key.clear();
    }

    /// The newest `limit` entries that `keep` wants, newest first.
    pub(crate) fn newest(&self, limit: usize, keep: impl Fn(&T) -> bool) -> Vec<T> {
        self.older(None, limit, keep)
    }

    /// The same among the entries older than the one with the key `than`.
    pub(crate) fn older(
        &self,
        than: Option<&str>,
        limit: usize,
        keep: impl Fn(&T) -> bool,
    ) -> Vec<T> {
        let inner = self.lock();
        let end = than
            .and_then(|key| inner.by_key.get(key))
            .copied()
            .unwrap_or(u64::MAX);
        let wanted = inner.by_age.range(..end).rev().map(|(_, (_, value))| value);
        wanted
            .filter(|value| keep(value))
            .take(limit)
            .cloned()
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        self.inner
            .lock()
            .expect("no code that holds this lock can panic")
    }
}

#[cfg(test)]
mod tests {
    use super::Shelf;

    #[test]
    fn the_oldest_entry_makes_room() {
        let shelf = Shelf::new(2);
        for (key, value) in [("a", 1), ("b", 2), ("a", 3), ("c", 4)] {
            shelf.put(key, value);
        }
        assert_eq!(shelf.newest(9, |_| true), [4, 2]);
        assert!(!shelf.has("a"), "replacing does not make an entry younger");
    }
}
