//! House rules that a reviewer would otherwise have to remember.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};

/// Who may depend on whom. A new arrow is a design decision: argue for it in the commit.
const ARROWS: &[(&str, &[&str])] = &[
    ("cli", &["lab", "model", "report", "scan", "server"]),
    ("lab", &[]),
    ("model", &[]),
    ("report", &["model", "scan"]),
    ("scan", &["model"]),
    ("server", &["model", "report", "scan", "store", "ui"]),
    ("store", &["model"]),
    ("ui", &["model", "report"]),
    ("xtask", &["scan", "server"]),
];

/// Lines a source file may have; a file of tests may have more.
const MOST_LINES: usize = 600;
const MOST_TEST_LINES: usize = 800;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Returns every file below a folder with that extension.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|have| have == extension) {
            found.push(path);
        }
    }
    found
}

fn sources() -> Vec<(String, String)> {
    let root = root();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        (name, std::fs::read_to_string(&path).unwrap())
    };
    let sources: Vec<_> = files(&root.join("crates"), "rs").into_iter().map(read).collect();
    assert!(sources.len() > 100, "the sources were not found");
    sources
}

#[test]
fn crates_depend_as_drawn() {
    for (name, allowed) in ARROWS {
        let path = root().join("crates").join(name).join("Cargo.toml");
        let manifest: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
        let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
        let ours: Vec<_> = dependencies
            .into_iter()
            .flat_map(toml::Table::keys)
            .filter(|dependency| ARROWS.iter().any(|(crate_name, _)| crate_name == dependency))
            .filter(|dependency| !allowed.contains(&dependency.as_str()))
            .collect();
        assert!(ours.is_empty(), "{name} must not depend on {ours:?}");
    }
    let crates = std::fs::read_dir(root().join("crates")).unwrap().count();
    assert_eq!(crates, ARROWS.len(), "every crate stands in the table");
}

#[test]
fn files_have_one_topic() {
    for (name, text) in sources() {
        let most = if name.contains("/tests/") { MOST_TEST_LINES } else { MOST_LINES };
        let lines = text.lines().count();
        assert!(lines <= most, "{name} has {lines} lines; what is the second topic?");
    }
}

#[test]
fn maps_and_long_files_open_with_a_header() {
    for (name, text) in sources() {
        let is_map = name.ends_with("/lib.rs") || name.ends_with("/mod.rs");
        if is_map || text.lines().count() > 150 && !name.contains("/tests/") {
            assert!(text.starts_with("//! "), "{name} opens with no `//!` header");
        }
    }
}

#[test]
fn nothing_is_switched_off_or_left_unfinished() {
    let words = ["#[ignore", "todo!(", "unimplemented!(", "FIXME", "should_panic", "assert!(true)"];
    for (name, text) in sources() {
        if name.ends_with("tidy.rs") {
            continue;
        }
        for word in words {
            assert!(!text.contains(word), "{name} holds `{word}`");
        }
    }
}

#[test]
fn no_file_is_a_drawer() {
    for (name, _) in sources() {
        let stem = Path::new(&name).file_stem().unwrap().to_str().unwrap().to_owned();
        for drawer in ["utils", "util", "helpers", "common", "misc", "manager"] {
            assert_ne!(stem, drawer, "{name}: say what it is for");
        }
    }
}

#[test]
fn migrations_are_numbered_without_a_gap_and_all_are_run() {
    let run = std::fs::read_to_string(root().join("crates/store/src/migrate.rs")).unwrap();
    let mut names: Vec<_> = files(&root().join("migrations"), "sql")
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    for (index, name) in names.iter().enumerate() {
        assert!(name.starts_with(&format!("{:04}_", index + 1)), "{name} is out of order");
        assert!(run.contains(name.as_str()), "{name} is never run");
    }
}

/// Checks that never pass, because not to see a mark proves nothing.
const NEVER_PASSES: &[&str] = &["waf/detected.rs"];

/// Reads only the words of the tests: whether the evidence behind them is what they say, a reviewer
/// has to see.
#[test]
fn every_check_shows_a_failing_a_passing_and_a_not_tested_case() {
    let mut checks = 0;
    for (name, text) in sources() {
        let is_check = name.starts_with("crates/scan/src/modules/")
            && text.contains(" const CHECK: Check = Check {");
        if !is_check {
            continue;
        }
        checks += 1;
        let tests = text.split_once("#[cfg(test)]").map_or("", |(_, tests)| tests);
        let never_passes = NEVER_PASSES.iter().any(|file| name.ends_with(file));
        for (outcome, word) in
            [("failing", "\"fail"), ("passing", "\"pass\""), ("not tested", "\"missing")]
        {
            let excepted = never_passes && outcome == "passing";
            assert!(tests.contains(word) || excepted, "{name} shows no case that is {outcome}");
        }
    }
    assert!(checks >= 293, "only {checks} checks were found");
}

/// A parser without a fuzz target is only fuzzed in the mind of who wrote it.
#[test]
fn every_parser_has_a_fuzz_target_and_seeds() {
    let root = root();
    let list = std::fs::read_to_string(root.join("crates/scan/src/foreign.rs")).unwrap();
    let rows = list.lines().filter_map(|line| line.strip_prefix("    (\"")?.split_once("\", "));
    let parsers: Vec<_> = rows.map(|(name, _)| name).collect();
    assert!(parsers.len() >= 20, "{parsers:?}");
    let manifest = std::fs::read_to_string(root.join("fuzz/Cargo.toml")).unwrap();
    let mut targets = files(&root.join("fuzz/fuzz_targets"), "rs");
    for name in &parsers {
        let seeds = std::fs::read_dir(root.join("fuzz/seeds").join(name));
        assert!(seeds.is_ok_and(|seeds| seeds.count() > 0), "{name} has no seeds");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} is no target");
        targets.retain(|target| target.file_stem().is_none_or(|stem| stem != *name));
    }
    assert!(targets.is_empty(), "{targets:?} are targets of no parser");
}

/// A row that names no test is a claim; one that names a test that is gone is worse.
#[test]
fn the_asvs_sheet_names_tests_that_exist() {
    let sheet = std::fs::read_to_string(root().join("docs/asvs.md")).unwrap();
    let sources = sources();
    let mut named = 0;
    for row in sheet.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---")) {
        let shown = row.trim_end_matches(" |").rsplit("| ").next().unwrap();
        for test in shown.split('`').skip(1).step_by(2).filter(|name| name.contains('_')) {
            let head = format!("fn {test}(");
            assert!(
                sources.iter().any(|(_, text)| text.contains(&head)),
                "no test is called {test}"
            );
            named += 1;
        }
    }
    assert!(named > 40, "{named} tests were found in the sheet");
}
