//! Looks for API keys in files, offline: form and checksum tell a key from its likes.
//!
//! Prints where a key is and its public half, never the secret. Whether a key is alive only the
//! server knows.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use model::ApiToken;
use serde::Serialize;

use crate::failure::{Failure, GATE, NOT_TESTED, Result};

/// Larger files hold no source code.
const MAX_BYTES: u64 = 10 * 1024 * 1024;
/// A NUL among so many bytes at the start makes a file binary.
const HEAD: usize = 8 * 1024;
/// Folders that lie in folders deeper than this are not looked into.
const MAX_DEPTH: usize = 64;

/// Look for API keys in files
///
/// Looks through files and folders for keys of this service and prints where they are, with their
/// public halves and never with their secrets. Asks no server: the checksum in a key tells it from
/// what only looks like one. Skips `.git`, symbolic links, binary files and files over 10 MiB.
/// Exits with 1 when a key was found, with 3 when something could not be read.
#[derive(Debug, clap::Args)]
pub(crate) struct ScanSecretsArgs {
    /// Files or folders; `-` for standard input
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// A key and where it is.
#[derive(Debug, Serialize)]
struct Place {
    path: String,
    line: usize,
    column: usize,
    key_id: String,
}

#[derive(Debug, Default, Serialize)]
struct Outcome {
    found: Vec<Place>,
    /// Files that were looked through.
    files: usize,
    /// What could not be read, with the reason.
    unread: Vec<String>,
}

pub(crate) fn scan_secrets(
    out: &mut dyn Write,
    input: &mut dyn Read,
    args: &ScanSecretsArgs,
) -> Result<()> {
    let mut outcome = Outcome::default();
    for path in &args.paths {
        if path.as_os_str() == "-" {
            let mut bytes = Vec::new();
            // One byte more than allowed tells a text that was cut off.
            input.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
            if bytes.len() as u64 > MAX_BYTES {
                outcome.unread.push("-: longer than 10 MiB; the rest was not read".to_owned());
            }
            outcome.search("-", &bytes);
        } else {
            outcome.walk(path);
        }
    }
    outcome.print(out, args)?;
    match (outcome.found.len(), outcome.unread.len()) {
        (0, 0) => Ok(()),
        (0, unread) => {
            Err(Failure::new(NOT_TESTED, format!("{unread} paths could not be looked through")))
        }
        (found, _) => {
            let keys = if found == 1 { "key was" } else { "keys were" };
            Err(Failure::new(GATE, format!("{found} API {keys} found")).hint(
                "rotate each key, or revoke it; then take it out of the file and its history",
            ))
        }
    }
}

impl Outcome {
    /// Looks through a file, or a folder and all below it in the order of names.
    fn walk(&mut self, start: &Path) {
        // Whoever names a link wants what it leads to; links below lead out of the folder.
        let start_is_link = start.is_symlink();
        let mut waiting = vec![(start.to_owned(), 0)];
        while let Some((path, depth)) = waiting.pop() {
            let follow = depth == 0 && start_is_link;
            let kind = match follow {
                true => std::fs::metadata(&path),
                false => std::fs::symlink_metadata(&path),
            };
            let kind = match kind {
                Ok(kind) => kind,
                Err(error) => {
                    self.unread.push(format!("{}: {error}", path.display()));
                    continue;
                }
            };
            if kind.is_dir() {
                match entries(&path) {
                    Ok(_) if depth >= MAX_DEPTH => {
                        self.unread.push(format!("{}: too deep", path.display()));
                    }
                    Ok(entries) => {
                        waiting.extend(entries.into_iter().rev().map(|entry| (entry, depth + 1)));
                    }
                    Err(error) => self.unread.push(format!("{}: {error}", path.display())),
                }
            } else if kind.is_file() && kind.len() <= MAX_BYTES {
                match read(&path) {
                    Ok(bytes) => self.search(&path.display().to_string(), &bytes),
                    Err(error) => self.unread.push(format!("{}: {error}", path.display())),
                }
            }
        }
    }

    fn search(&mut self, path: &str, bytes: &[u8]) {
        if bytes[..bytes.len().min(HEAD)].contains(&0) {
            return;
        }
        self.files += 1;
        let (mut line, mut line_start, mut counted) = (1, 0, 0);
        for (at, token) in ApiToken::find_all(bytes) {
            for (offset, byte) in bytes[counted..at].iter().enumerate() {
                if *byte == b'\n' {
                    line += 1;
                    line_start = counted + offset + 1;
                }
            }
            counted = at;
            self.found.push(Place {
                path: path.to_owned(),
                line,
                column: at - line_start + 1,
                key_id: token.key_id().to_owned(),
            });
        }
    }

    fn print(&self, out: &mut dyn Write, args: &ScanSecretsArgs) -> Result<()> {
        if args.json {
            let text = serde_json::to_string_pretty(self)
                .map_err(|error| Failure::other(error.to_string()))?;
            writeln!(out, "{text}")?;
            return Ok(());
        }
        for place in &self.found {
            // A path may hold anything, also what moves the cursor.
            let path: String = place
                .path
                .chars()
                .map(|letter| if letter.is_control() { '\u{fffd}' } else { letter })
                .collect();
            writeln!(out, "{path}:{}: API key {}…", place.line, place.key_id)?;
        }
        for unread in &self.unread {
            writeln!(out, "not read: {}", unread.replace(char::is_control, "\u{fffd}"))?;
        }
        Ok(())
    }
}

/// Reads a file, however it grows meanwhile.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn entries(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() != ".git" {
            entries.push(entry.path());
        }
    }
    entries.sort();
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "cl_4Zq0aB7xY1mN_K7dP2sVqR9tLwX3cF6hJ8kM1nB5gZ03xeS8l";

    fn run(paths: &[&Path], json: bool, input: &[u8]) -> (String, Option<u8>) {
        let args =
            ScanSecretsArgs { paths: paths.iter().map(|path| (*path).into()).collect(), json };
        let mut out = Vec::new();
        let mut input = input;
        let ended = scan_secrets(&mut out, &mut input, &args);
        (String::from_utf8(out).unwrap(), ended.err().map(|failure| failure.code))
    }

    #[test]
    fn keys_are_found_and_never_printed() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &[u8]| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("a/.env", format!("# keys\nCOMPLIANCELAYER_API_KEY={GOOD}\n").as_bytes());
        write("a/b/twice.txt", format!("{GOOD} {GOOD}").as_bytes());
        write(".git/config", GOOD.as_bytes());
        write("image", format!("\0{GOOD}").as_bytes());
        write("typo", GOOD.replace("8l", "80").as_bytes());
        let (text, code) = run(&[folder.path()], false, b"");
        assert_eq!(code, Some(GATE));
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(lines[0].ends_with("a/.env:2: API key cl_4Zq0aB7xY1mN…"));
        assert!(!text.contains("K7dP2sVq"));
        let (text, _) = run(&[folder.path()], true, b"");
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (&json["found"][0]["line"], &json["found"][0]["column"]),
            (&2.into(), &25.into())
        );
        assert_eq!(
            (json["found"][2]["column"].as_u64(), json["files"].as_u64()),
            (Some(54), Some(3))
        );
        assert!(!text.contains("K7dP2sVq"));
    }

    #[test]
    fn standard_input_is_searched_and_a_clean_one_is_no_failure() {
        let input = Path::new("-");
        let (text, code) = run(&[input], false, format!("token: {GOOD}").as_bytes());
        assert_eq!((text.as_str(), code), ("-:1: API key cl_4Zq0aB7xY1mN…\n", Some(GATE)));
        assert_eq!(run(&[input], false, b"nothing here"), (String::new(), None));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let (text, code) = run(&[Path::new("/nowhere/at/all")], false, b"");
        assert!(text.starts_with("not read: /nowhere/at/all: "), "{text}");
        assert_eq!(code, Some(NOT_TESTED));
    }

    #[test]
    fn links_below_a_folder_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("key"), GOOD).unwrap();
        let below = folder.path().join("below");
        std::fs::create_dir(&below).unwrap();
        std::os::unix::fs::symlink(folder.path(), below.join("up")).unwrap();
        assert_eq!(run(&[&below], false, b"").1, None);
        assert_eq!(run(&[&below.join("up")], false, b"").1, Some(GATE));
    }
}
