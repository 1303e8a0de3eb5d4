use std::io::Write;

use clap::{Command, CommandFactory};

use super::Cli;
use crate::failure::Result;

/// Prints `docs/cli.md`: the help of every command.
pub(crate) fn reference(out: &mut dyn Write) -> Result<()> {
    writeln!(out, "# Command line\n\nPrinted from the program by `cargo xtask docs`.")?;
    let mut program = Cli::command().term_width(100);
    program.build();
    page(out, &mut program, "compliancelayer")
}

fn page(out: &mut dyn Write, command: &mut Command, name: &str) -> Result<()> {
    let help = command.render_long_help().to_string();
    let lines: Vec<_> = help.lines().map(str::trim_end).collect();
    writeln!(out, "\n## `{name}`\n\n```\n{}\n```", lines.join("\n").trim())?;
    for inner in command.get_subcommands_mut() {
        if inner.is_hide_set() || inner.get_name() == "help" {
            continue;
        }
        let name = format!("{name} {}", inner.get_name());
        page(out, inner, &name)?;
    }
    Ok(())
}
