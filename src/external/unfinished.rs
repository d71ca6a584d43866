//! Files and folders that are not whole yet: under a name of their own until they are, and gone if they
//! never are.

use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// What tells this process from all others that write to the same file system, now or before: a part
/// of the names of its files. Nothing else depends on it.
pub fn writer() -> &'static str {
    static WRITER: OnceLock<String> = OnceLock::new();
    WRITER.get_or_init(|| {
        // Two containers on two machines can have the same process id and the same name.
        let mut hasher = RandomState::new().build_hasher();
        hasher.write(host().as_bytes());
        hasher.write_u32(std::process::id());
        if let Ok(now) = SystemTime::now().duration_since(UNIX_EPOCH) {
            hasher.write_u128(now.as_nanos());
        }
        format!("{:016x}", hasher.finish())
    })
}

/// The name of this machine.
pub fn host() -> String {
    let named = fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let named = named.or_else(|| std::env::var("HOSTNAME").ok()).unwrap_or_default();
    named.trim().to_owned()
}

/// A name for a file or folder until it is whole. What lies there when this is dropped is removed: on a
/// full disk every attempt would else leave a part of its work and make the next one fail earlier.
#[derive(Debug)]
pub struct Unfinished {
    path: PathBuf,
    published: bool,
}

impl Unfinished {
    /// A name in the same folder that no other process and no other call gives. Nothing is made there.
    pub fn beside(path: &Path) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".tmp-{}-{}", writer(), NEXT.fetch_add(1, Ordering::Relaxed)));
        Self { path: path.with_file_name(name), published: false }
    }

    /// Where to write.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the file or folder its name, in place of a file that has it.
    ///
    /// # Errors
    /// What the system says; then it is removed.
    pub fn publish(mut self, name: &Path) -> io::Result<()> {
        fs::rename(&self.path, name)?;
        self.published = true;
        Ok(())
    }

    /// Gives the file its name unless there is one that has it; tells whether it did. Of several
    /// processes that try it at once exactly one is told so, on NFS too.
    ///
    /// # Errors
    /// What the system says; then it is removed.
    pub fn publish_first(self, name: &Path) -> io::Result<bool> {
        match fs::hard_link(&self.path, name) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            // A file system without links: a name that is there already is respected, if not for sure.
            Err(_) if !name.exists() => self.publish(name).map(|()| true),
            Err(_) => Ok(false),
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if self.published {
            return;
        }
        // Neither is an error that anyone could act upon, and mostly there is nothing.
        if fs::remove_file(&self.path).is_err_and(|error| error.kind() != io::ErrorKind::NotFound) {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_not_published_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("a");
        let file = Unfinished::beside(&name);
        fs::write(file.path(), "part").unwrap();
        drop(file);
        let inner = Unfinished::beside(&name);
        fs::create_dir(inner.path()).unwrap();
        fs::write(inner.path().join("b"), "part").unwrap();
        drop(inner);
        drop(Unfinished::beside(&name));
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn what_cannot_be_published_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("missing/a");
        for first in [false, true] {
            let file = Unfinished::beside(&folder.path().join("a"));
            fs::write(file.path(), "whole").unwrap();
            match first {
                true => assert!(file.publish_first(&name).is_err()),
                false => assert!(file.publish(&name).is_err()),
            }
        }
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn the_first_keeps_its_name_and_the_last_takes_it() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("a");
        let write = |content: &str| {
            let file = Unfinished::beside(&name);
            fs::write(file.path(), content).unwrap();
            file
        };
        let (one, two, three) = (write("one"), write("two"), write("three"));
        assert!(one.publish_first(&name).unwrap());
        assert!(!two.publish_first(&name).unwrap());
        assert_eq!(fs::read_to_string(&name).unwrap(), "one");
        three.publish(&name).unwrap();
        assert_eq!(fs::read_to_string(&name).unwrap(), "three");
        assert_eq!(names(folder.path()), ["a"]);
    }
}
