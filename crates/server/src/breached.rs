//! Passwords that others have lost, as a Bloom filter in the data folder, so that asking for one needs
//! no network.
//!
//! `compliancelayer hibp import FILE` makes it of a list in the form of Pwned Passwords: one SHA-1 a
//! line, in hexadecimal, with or without `:count`, in any order. 29 bits an entry and 20 probes give
//! one false alarm in a million. The filter is cut into partitions by the first bits of the hash, so
//! that it is built with bounded memory: a sorted list in one pass, any other in as many as the filter
//! has windows of [`Sizes::window`] partitions.
//!
//! The file is opened for each question. So an import beside a running server holds at once, and no
//! memory is kept for it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::Serialize;
use sha1::{Digest, Sha1};

use crate::data_folder;

const NAME: &str = "breached-passwords.bloom";
const MAGIC: &[u8; 8] = b"CLBLOOM1";
const HEADER_BYTES: usize = 32;
const BITS_PER_ENTRY: u64 = 29;
const PROBES: u64 = 20;
/// A line holds 40 digits, a colon and a count.
const MAX_LINE: u64 = 100;

type Hash = [u8; 20];

/// How a filter is cut up while it is built.
struct Sizes {
    /// Most bytes of a partition.
    partition: u64,
    /// Partitions that are in memory at a time.
    window: u64,
}

/// 256 MiB in memory.
const SIZES: Sizes = Sizes { partition: 16 << 20, window: 16 };

/// What was imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Imported {
    pub passwords: u64,
    /// Size of the filter.
    pub bytes: u64,
    pub path: PathBuf,
}

/// Why a list cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportProblem {
    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error(
        "{path}, line {line}: not a SHA-1 in hexadecimal, with or without `:count`; take the SHA-1 \
         list of Pwned Passwords"
    )]
    Line { path: PathBuf, line: u64 },
    #[error("{path} holds no hashes")]
    Empty { path: PathBuf },
}

/// The form of a filter, as its header tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Form {
    partitions: u64,
    partition_bytes: u64,
    entries: u64,
}

impl Form {
    fn for_entries(entries: u64, sizes: &Sizes) -> Self {
        let bytes = entries.saturating_mul(BITS_PER_ENTRY).div_ceil(8).max(64);
        let partitions = bytes.div_ceil(sizes.partition);
        Self { partitions, partition_bytes: bytes.div_ceil(partitions), entries }
    }

    fn header(self) -> [u8; HEADER_BYTES] {
        let mut header = [0; HEADER_BYTES];
        header[..8].copy_from_slice(MAGIC);
        header[8..16].copy_from_slice(&self.partitions.to_le_bytes());
        header[16..24].copy_from_slice(&self.partition_bytes.to_le_bytes());
        header[24..].copy_from_slice(&self.entries.to_le_bytes());
        header
    }

    fn read(header: &[u8; HEADER_BYTES]) -> io::Result<Self> {
        let number = |at: usize| {
            u64::from_le_bytes(header[at..at + 8].try_into().expect("eight bytes are eight bytes"))
        };
        let form = Self { partitions: number(8), partition_bytes: number(16), entries: number(24) };
        let is_good = header.starts_with(MAGIC) && form.partitions > 0 && form.partition_bytes > 0;
        is_good.then_some(form).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                "is no filter of ours; import the list again",
            )
        })
    }

    /// Returns the partition that a hash belongs to. Later hashes never belong to an earlier one.
    fn partition(self, hash: &Hash) -> u64 {
        let first = u64::from_be_bytes(hash[..8].try_into().expect("eight bytes are eight bytes"));
        ((u128::from(first) * u128::from(self.partitions)) >> 64) as u64
    }

    /// Returns the bits of a hash within its partition.
    fn probes(self, hash: &Hash) -> impl Iterator<Item = u64> {
        let number = |bytes: &[u8]| bytes.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
        let (start, step) = (number(&hash[8..14]), number(&hash[14..]) | 1);
        let bits = self.partition_bytes * 8;
        (0..PROBES).map(move |probe| (start + probe * step) % bits)
    }
}

/// Returns whether a password is in the filter of a data folder. Without a filter none is. Reads a
/// few bytes from disk.
pub(crate) fn holds(data_dir: &Path, password: &str) -> io::Result<bool> {
    let file = match File::open(data_dir.join(NAME)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        opened => opened?,
    };
    let mut header = [0; HEADER_BYTES];
    file.read_exact_at(&mut header, 0)?;
    let form = Form::read(&header)?;
    let hash: Hash = Sha1::digest(password).into();
    let begin = HEADER_BYTES as u64 + form.partition(&hash) * form.partition_bytes;
    for bit in form.probes(&hash) {
        let mut byte = [0];
        file.read_exact_at(&mut byte, begin + bit / 8)?;
        if byte[0] & (1 << (bit % 8)) == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Makes the filter of a data folder from a list, in place of an earlier one.
pub fn import(data_dir: &Path, list: &Path) -> Result<Imported, ImportProblem> {
    import_with(data_dir, list, &SIZES)
}

fn import_with(data_dir: &Path, list: &Path, sizes: &Sizes) -> Result<Imported, ImportProblem> {
    let (mut entries, mut is_sorted, mut last) = (0, true, [0; 20]);
    read(list, |hash| {
        entries += 1;
        is_sorted &= last <= hash;
        last = hash;
        Ok(())
    })?;
    if entries == 0 {
        return Err(ImportProblem::Empty { path: list.to_owned() });
    }
    let path = data_dir.join(NAME);
    data_folder::create(data_dir)
        .map_err(|source| ImportProblem::File { path: data_dir.to_owned(), source })?;
    let failed = |source| ImportProblem::File { path: path.clone(), source };
    let draft = path.with_extension("draft");
    let mut options = File::options();
    let mut file =
        options.write(true).create(true).truncate(true).mode(0o600).open(&draft).map_err(failed)?;
    let form = Form::for_entries(entries, sizes);
    file.write_all(&form.header()).map_err(failed)?;
    let mut window = Window::new(form, sizes.window);
    if is_sorted {
        read(list, |hash| {
            while form.partition(&hash) >= window.end {
                window.write(&mut file)?;
            }
            window.set(&hash);
            Ok(())
        })?;
    }
    while window.first < form.partitions {
        if !is_sorted {
            read(list, |hash| {
                if (window.first..window.end).contains(&form.partition(&hash)) {
                    window.set(&hash);
                }
                Ok(())
            })?;
        }
        window.write(&mut file).map_err(failed)?;
    }
    file.sync_all().map_err(failed)?;
    std::fs::rename(&draft, &path).map_err(failed)?;
    let bytes = HEADER_BYTES as u64 + form.partitions * form.partition_bytes;
    Ok(Imported { passwords: entries, bytes, path })
}

/// The partitions that are being filled.
struct Window {
    form: Form,
    width: u64,
    first: u64,
    /// Exclusive.
    end: u64,
    bytes: Vec<u8>,
}

impl Window {
    fn new(form: Form, width: u64) -> Self {
        let mut window = Self { form, width, first: 0, end: 0, bytes: Vec::new() };
        window.move_to(0);
        window
    }

    fn move_to(&mut self, first: u64) {
        self.first = first;
        self.end = (first + self.width).min(self.form.partitions);
        self.bytes.clear();
        let bytes = self.end.saturating_sub(first) * self.form.partition_bytes;
        self.bytes.resize(usize::try_from(bytes).unwrap_or(usize::MAX), 0);
    }

    fn set(&mut self, hash: &Hash) {
        let begin = (self.form.partition(hash) - self.first) * self.form.partition_bytes;
        for bit in self.form.probes(hash) {
            // The window is in memory, so its size is a `usize`.
            self.bytes[(begin + bit / 8) as usize] |= 1 << (bit % 8);
        }
    }

    fn write(&mut self, to: &mut File) -> io::Result<()> {
        to.write_all(&self.bytes)?;
        self.move_to(self.end);
        Ok(())
    }
}

/// Calls `each` with every hash of a list.
fn read(path: &Path, mut each: impl FnMut(Hash) -> io::Result<()>) -> Result<(), ImportProblem> {
    let failed = |source| ImportProblem::File { path: path.to_owned(), source };
    let mut lines = BufReader::with_capacity(1 << 20, File::open(path).map_err(failed)?);
    let mut text = Vec::new();
    for line in 1.. {
        text.clear();
        let read = lines.by_ref().take(MAX_LINE).read_until(b'\n', &mut text).map_err(failed)?;
        if read == 0 {
            break;
        }
        let trimmed = text.trim_ascii();
        if trimmed.is_empty() {
            continue;
        }
        let hash = hash(trimmed);
        each(hash.ok_or_else(|| ImportProblem::Line { path: path.to_owned(), line })?)
            .map_err(failed)?;
    }
    Ok(())
}

fn hash(line: &[u8]) -> Option<Hash> {
    let (digits, rest) = line.split_at_checked(40)?;
    let is_count = match rest.split_first() {
        None => true,
        Some((colon, count)) => {
            *colon == b':' && !count.is_empty() && count.iter().all(u8::is_ascii_digit)
        }
    };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut hash = [0; 20];
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    is_count.then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small ones, so that a small list has many windows.
    const SMALL: Sizes = Sizes { partition: 2_048, window: 2 };

    fn lines(passwords: impl Iterator<Item = String>) -> Vec<String> {
        let hex = |password: String| crate::auth::secrets::hex(&Sha1::digest(password));
        passwords.map(|password| format!("{}:3\r\n", hex(password).to_uppercase())).collect()
    }

    fn imported(folder: &Path, lines: &[String], sizes: &Sizes) -> Result<Imported, ImportProblem> {
        let list = folder.join("list.txt");
        std::fs::write(&list, lines.concat()).unwrap();
        import_with(folder, &list, sizes)
    }

    #[test]
    fn what_was_imported_is_found_and_little_else() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!holds(folder.path(), "password-1").unwrap(), "without a filter none is known");
        let mut list = lines((0..2_000).map(|number| format!("password-{number}")));
        let unsorted = imported(folder.path(), &list, &SMALL).unwrap();
        let bytes = std::fs::read(&unsorted.path).unwrap();
        list.sort();
        let sorted = imported(folder.path(), &list, &SMALL).unwrap();
        assert_eq!(sorted, unsorted);
        assert!(std::fs::read(&sorted.path).unwrap() == bytes, "the order of the list shows");
        assert_eq!((sorted.passwords, sorted.bytes), (2_000, bytes.len() as u64));
        for number in 0..2_000 {
            assert!(holds(folder.path(), &format!("password-{number}")).unwrap());
        }
        let false_alarms =
            (0..20_000).filter(|n| holds(folder.path(), &format!("other-{n}")).unwrap());
        assert!(false_alarms.count() <= 2);
    }

    #[test]
    fn a_list_may_be_there_before_the_first_start() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("list");
        std::fs::write(&list, lines(["one".to_owned()].into_iter()).concat()).unwrap();
        let data_dir = folder.path().join("data");
        import(&data_dir, &list).unwrap();
        let mode = std::os::unix::fs::MetadataExt::mode(&data_dir.metadata().unwrap());
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn a_list_of_something_else_is_refused_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let good = lines(std::iter::once("x".to_owned())).concat();
        for bad in [
            "password\n",
            "00\n",
            &good.replace(':', ";"),
            &"0".repeat(41),
            &"0".repeat(5_000),
            &good.replace(":3", ":"),
        ] {
            let text = [good.clone(), "\n".to_owned(), (*bad).to_owned()];
            let problem = imported(folder.path(), &text, &SIZES).unwrap_err();
            assert!(matches!(problem, ImportProblem::Line { line: 3, .. }), "{bad}: {problem}");
        }
        let empty = imported(folder.path(), &[], &SIZES).unwrap_err();
        assert!(matches!(empty, ImportProblem::Empty { .. }));
        assert!(imported(folder.path(), &[good], &SIZES).is_ok());
        std::fs::write(folder.path().join(NAME), [0; 100]).unwrap();
        assert!(holds(folder.path(), "x").is_err());
    }
}
