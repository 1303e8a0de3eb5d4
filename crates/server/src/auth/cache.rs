use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// Longest time that a value is believed without asking the database. Bounds what a crash between
/// a commit and its announcement can do.
const MAX_AGE: Duration = Duration::from_secs(1);
const MAX_ENTRIES: usize = 10_000;

/// Values that are good only as long as nothing that decides who may enter has changed.
pub(crate) struct Fresh<V> {
    entries: RwLock<HashMap<String, Entry<V>>>,
}

struct Entry<V> {
    /// The generation read before the value was.
    generation: i64,
    filled: Instant,
    value: Arc<V>,
}

impl<V> Entry<V> {
    fn is_good(&self, generation: i64) -> bool {
        self.generation == generation && self.filled.elapsed() < MAX_AGE
    }
}

impl<V> Default for Fresh<V> {
    fn default() -> Self {
        Self { entries: RwLock::default() }
    }
}

impl<V> Fresh<V> {
    /// Returns the value of `name`, if it was read while the generation was the present one.
    pub(crate) fn get(&self, name: &str, generation: i64) -> Option<Arc<V>> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(name).filter(|entry| entry.is_good(generation))?;
        Some(Arc::clone(&entry.value))
    }

    /// Keeps a value. `generation` must have been read before the value was: a change in between
    /// then makes the entry void instead of resurrecting what was revoked.
    pub(crate) fn put(&self, name: &str, generation: i64, value: Arc<V>) {
        let entry = Entry { generation, filled: Instant::now(), value };
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MAX_ENTRIES && !entries.contains_key(name) {
            entries.retain(|_, old| old.is_good(generation));
            if entries.len() >= MAX_ENTRIES {
                entries.clear();
            }
        }
        entries.insert(name.to_owned(), entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_voids_what_was_read_before_it() {
        let cache = Fresh::default();
        cache.put("a", 1, Arc::new("old"));
        assert_eq!(cache.get("a", 1).as_deref(), Some(&"old"));
        assert_eq!(cache.get("a", 2), None);
        // A slow reader that asked before the change comes back after it.
        cache.put("a", 1, Arc::new("old"));
        assert_eq!(cache.get("a", 2), None);
    }

    #[test]
    fn it_never_grows_without_end() {
        let cache = Fresh::default();
        for number in 0..MAX_ENTRIES + 5 {
            cache.put(&number.to_string(), 1, Arc::new(number));
        }
        assert!(cache.entries.read().unwrap().len() <= MAX_ENTRIES);
        assert!(cache.get(&(MAX_ENTRIES + 4).to_string(), 1).is_some());
    }
}
