//! Folders for one test.

use std::path::{Path, PathBuf};

use uuid::Uuid;

/// A new folder, removed with its value.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// A new, empty folder in the system's temporary one.
    pub(crate) fn new() -> Scratch {
        let path = std::env::temp_dir().join(format!("starboard-test-{}", Uuid::new_v4().simple()));
        std::fs::create_dir(&path).unwrap();
        Scratch(path)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// A name in it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// `DATABASE_URL` of an SQLite file of this name in it.
    pub(crate) fn sqlite_url(&self, name: &str) -> String {
        format!("sqlite://{}", self.file(name).display())
    }

    /// Leaves the folder to somebody else to remove.
    pub(crate) fn keep(self) -> PathBuf {
        let path = self.0.clone();
        std::mem::forget(self);
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
