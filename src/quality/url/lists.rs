//! Lists of hosts, URLs and words: read line by line, kept as hashes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use memchr::memchr;
use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

use super::UrlError;
use crate::shard::Compression;
use crate::shard::compression::Decoder;
use crate::stage::Resource;

/// The longest line that can be an entry, in bytes; a longer one is malformed and is not held.
const LONGEST_LINE: usize = 64 << 10;

/// As much as is looked at to tell a tar archive from a list.
const HEAD: u64 = 512;

/// A set of strings, as sorted xxh3-64 hashes with an index of their upper bits: 8 bytes a string,
/// and a look-up reads one or two cache lines.
///
/// A string that is not in a set of n is taken for one that is with probability n / 2^64: for
/// 4.5 million hosts and a billion look-ups, about 2 in 10,000 that it happens at all.
#[derive(Debug, Default)]
pub(super) struct HashList {
    hashes: Vec<u64>,
    /// Where the hashes with each value of the upper bits begin; one more than there are values.
    starts: Vec<usize>,
    shift: u32,
}

impl HashList {
    fn new(mut hashes: Vec<u64>) -> Self {
        hashes.sort_unstable();
        hashes.dedup();
        hashes.shrink_to_fit();
        // About eight hashes, a cache line, for each value.
        let bits = (hashes.len() / 8).max(2).next_power_of_two().trailing_zeros();
        let shift = u64::BITS - bits;
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        let mut at = 0;
        for value in 0..1_u64 << bits {
            starts.push(at);
            at += hashes
                .get(at..)
                .map_or(0, |rest| rest.iter().take_while(|hash| **hash >> shift == value).count());
        }
        starts.push(at);
        Self { hashes, starts, shift }
    }

    /// Whether a string with this hash is in the list.
    pub(super) fn has_hash(&self, hash: u64) -> bool {
        let value = hash.checked_shr(self.shift).unwrap_or(0) as usize;
        match (self.starts.get(value), self.starts.get(value + 1)) {
            (Some(&start), Some(&end)) => self
                .hashes
                .get(start..end)
                .is_some_and(|bucket| bucket.binary_search(&hash).is_ok()),
            _ => false,
        }
    }

    /// Whether a string is in the list.
    pub(super) fn has(&self, string: &str) -> bool {
        self.has_hash(xxh3_64(string.as_bytes()))
    }

    /// The number of strings.
    pub(super) fn len(&self) -> usize {
        self.hashes.len()
    }

    /// What it holds, in bytes.
    pub(super) fn memory(&self) -> u64 {
        (self.hashes.capacity() * size_of::<u64>() + self.starts.capacity() * size_of::<usize>())
            as u64
    }
}

/// What was wrong with the lists of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Account {
    /// Lines that are neither blank nor comments.
    pub(super) entries: u64,
    /// Those of them that can't be entries of this kind, and are left out.
    pub(super) malformed: u64,
}

/// Reads lists, and records which files that were.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) resources: Vec<Resource>,
}

impl Reader {
    /// Reads the files of one kind into a set. `entry` says what is looked up for a line, without
    /// white space at its ends; `None` if the line is malformed.
    pub(super) fn hashes(
        &mut self,
        role: &'static str,
        paths: &[PathBuf],
        mut entry: impl FnMut(&str, &mut String) -> Option<()>,
    ) -> Result<(HashList, Account), UrlError> {
        let (mut hashes, mut account) = (Vec::new(), Account::default());
        let mut key = String::new();
        for path in paths {
            self.read(role, path, |line| {
                account.entries += 1;
                key.clear();
                match std::str::from_utf8(line).ok().and_then(|line| entry(line.trim(), &mut key)) {
                    Some(()) => hashes.push(xxh3_64(key.as_bytes())),
                    None => account.malformed += 1,
                }
            })?;
        }
        Ok((HashList::new(hashes), account))
    }

    /// Reads the files of one kind as they are, for lists that are not looked up by hash.
    pub(super) fn strings(
        &mut self,
        role: &'static str,
        paths: &[PathBuf],
        mut entry: impl FnMut(&str, &mut String) -> Option<()>,
    ) -> Result<(Vec<String>, Account), UrlError> {
        let (mut strings, mut account) = (Vec::new(), Account::default());
        for path in paths {
            self.read(role, path, |line| {
                account.entries += 1;
                let mut key = String::new();
                match std::str::from_utf8(line).ok().and_then(|line| entry(line.trim(), &mut key)) {
                    Some(()) => strings.push(key),
                    None => account.malformed += 1,
                }
            })?;
        }
        strings.sort_unstable();
        strings.dedup();
        Ok((strings, account))
    }

    /// Calls `each` for every line that is neither blank nor a comment. A line that is too long
    /// comes as bytes that are no UTF-8.
    fn read(
        &mut self,
        role: &'static str,
        path: &Path,
        each: impl FnMut(&[u8]),
    ) -> Result<(), UrlError> {
        let unreadable = |source| UrlError::Unreadable { role, path: path.to_owned(), source };
        let (compression, resource) = look(role, path).map_err(unreadable)?;
        if !self.resources.iter().any(|known| known.path == resource.path) {
            self.resources.push(resource);
        }
        let mut decoder = Decoder::open(path, compression).map_err(unreadable)?;
        let mut head = Vec::new();
        decoder.by_ref().take(HEAD).read_to_end(&mut head).map_err(unreadable)?;
        if head.get(257..262) == Some(b"ustar") {
            return Err(UrlError::Archive { role, path: path.to_owned() });
        }
        let stream = BufReader::with_capacity(1 << 18, head.as_slice().chain(decoder));
        lines(stream, each).map_err(unreadable)
    }
}

/// How a file is compressed, and what it is known by.
fn look(role: &str, path: &Path) -> io::Result<(Compression, Resource)> {
    let mut file = File::open(path)?;
    // It is read twice, which a pipe can't be.
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    let mut hasher = Xxh3Default::new();
    let mut buffer = vec![0; 1 << 18];
    let (mut head, mut bytes) = (Vec::new(), 0);
    loop {
        let read = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let part = buffer.get(..read).unwrap_or_default();
        head.extend(part.iter().take(8_usize.saturating_sub(head.len())));
        hasher.update(part);
        bytes += read as u64;
    }
    let resource = Resource {
        role: role.to_owned(),
        path: path.display().to_string(),
        xxh3: format!("{:032x}", hasher.digest128()),
        bytes,
    };
    Ok((Compression::of_content(&head), resource))
}

/// Calls `each` for every line that is neither blank nor begins with `#`, in bounded memory.
fn lines(mut stream: impl BufRead, mut each: impl FnMut(&[u8])) -> io::Result<()> {
    let mut pending = Vec::new();
    let mut too_long = false;
    let mut first = true;
    let mut finish = |line: &[u8], too_long: bool| {
        let line = if first { line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line) } else { line };
        first = false;
        let line = line.trim_ascii();
        if !line.is_empty() && !line.starts_with(b"#") {
            each(if too_long { b"\xFF" } else { line });
        }
    };
    loop {
        let buffer = match stream.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if buffer.is_empty() {
            finish(&pending, too_long);
            return Ok(());
        }
        let (part, used) = match memchr(b'\n', buffer) {
            Some(end) => (buffer.get(..end).unwrap_or_default(), end + 1),
            None => (buffer, buffer.len()),
        };
        let ends = used > part.len();
        if ends && pending.is_empty() {
            finish(part, part.len() > LONGEST_LINE);
        } else {
            let room = (LONGEST_LINE + 1).saturating_sub(pending.len());
            pending.extend(part.iter().take(room));
            too_long |= pending.len() > LONGEST_LINE;
            if ends {
                finish(&pending, too_long);
                pending.clear();
                too_long = false;
            }
        }
        stream.consume(used);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8], capacity: usize) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        lines(BufReader::with_capacity(capacity, bytes), |line| found.push(line.to_vec()))
            .expect("memory is readable");
        found
    }

    #[test]
    fn comments_and_blank_lines_are_no_entries() {
        let text = "\u{FEFF}one\r\n\n# two\n  three \n \t\nfour#4";
        for capacity in [1, 3, 1 << 10] {
            assert_eq!(read(text.as_bytes(), capacity), [&b"one"[..], b"three", b"four#4"]);
        }
    }

    #[test]
    fn a_line_without_an_end_is_not_held() {
        let mut text = vec![b'x'; LONGEST_LINE];
        assert_eq!(read(&text, 100), [text.clone()]);
        text.push(b'x');
        for capacity in [100, 1 << 20] {
            assert_eq!(read(&text, capacity), [b"\xFF"]);
            let with_next = [text.as_slice(), b"\nnext\n"].concat();
            assert_eq!(read(&with_next, capacity), [&b"\xFF"[..], b"next"]);
        }
    }

    #[test]
    fn an_empty_list_has_nothing() {
        let list = HashList::new(Vec::new());
        assert!(!list.has("") && !list.has_hash(0) && !list.has_hash(u64::MAX));
        assert!(!HashList::default().has_hash(0));
    }

    proptest! {
        #[test]
        fn a_list_has_what_was_put_in(
            hashes in prop::collection::vec(any::<u64>(), 0..400),
            others in prop::collection::vec(any::<u64>(), 0..50),
        ) {
            let list = HashList::new(hashes.iter().chain(&hashes).copied().collect());
            let unique: std::collections::BTreeSet<u64> = hashes.iter().copied().collect();
            prop_assert_eq!(list.len(), unique.len());
            for hash in &hashes {
                prop_assert!(list.has_hash(*hash));
            }
            for other in others {
                prop_assert_eq!(list.has_hash(other), unique.contains(&other));
                // The same upper bits, as those that are in the list.
                let near = hashes.first().copied().unwrap_or(0) ^ (other & 0xFFFF);
                prop_assert_eq!(list.has_hash(near), unique.contains(&near));
            }
        }
    }
}
