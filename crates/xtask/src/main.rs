//! Prints the references in `docs/` from the program itself.
//!
//! `cargo xtask docs` writes them, `cargo xtask docs --check` fails when one is out of date.
//! The program is built for that unless the path of one stands at the end.

mod checks;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["docs"] => docs(Mode::Write, None),
        ["docs", "--check"] => docs(Mode::Check, None),
        ["docs", "--check", program] => docs(Mode::Check, Some(program)),
        _ => bail!("usage: cargo xtask docs [--check [PROGRAM]]"),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Write,
    Check,
}

fn docs(mode: Mode, program: Option<&str>) -> anyhow::Result<()> {
    let pages = [
        ("checks.md", checks::reference()),
        ("errors.md", server::error::reference()),
        ("config.md", server::config::reference()),
        ("openapi.json", format!("{}\n", serde_json::to_string_pretty(&server::openapi())?)),
        ("report.schema.json", format!("{:#}\n", server::report_schema())),
        ("cli.md", command_line(program)?),
    ];
    let folder = root().join("docs");
    let mut stale = Vec::new();
    for (name, text) in pages {
        let path = folder.join(name);
        let known = std::fs::read_to_string(&path).unwrap_or_default();
        match mode {
            _ if known == text => {}
            Mode::Write => {
                std::fs::write(&path, text).with_context(|| path.display().to_string())?
            }
            Mode::Check => stale.push(name),
        }
    }
    match stale.is_empty() {
        true => Ok(()),
        false => bail!("out of date: docs/{}; run `cargo xtask docs`", stale.join(", docs/")),
    }
}

/// Asks the program for its own help.
fn command_line(program: Option<&str>) -> anyhow::Result<String> {
    let mut command = match program {
        Some(program) => Command::new(program),
        None => {
            let mut cargo = Command::new(option_env!("CARGO").unwrap_or("cargo"));
            cargo.args(["run", "--quiet", "--package", "cli", "--"]).current_dir(root());
            cargo
        }
    };
    let output = command.arg("reference").output()?;
    if !output.status.success() {
        bail!("the program could not print its help: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
