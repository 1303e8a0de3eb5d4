use std::io::Write;

use scan::catalogue::{MODULES, find_check};

use super::answer::print_json;
use crate::failure::{Failure, Result};

/// List the checks, or explain one
#[derive(Debug, clap::Args)]
pub(crate) struct ChecksArgs {
    #[command(subcommand)]
    command: ChecksCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ChecksCommand {
    /// Print every check with its severity
    List {
        /// Print the API's object
        #[arg(long)]
        json: bool,
    },
    /// Say what a check looks for, why it matters and how to repair it
    Explain {
        /// The check, as in `spf.permissive-all`
        #[arg(value_name = "CHECK")]
        id: String,
        /// Print the API's object
        #[arg(long)]
        json: bool,
    },
}

pub(crate) fn checks(out: &mut dyn Write, args: &ChecksArgs) -> Result<()> {
    match &args.command {
        ChecksCommand::List { json: true } => print_json(out, &server::check_catalogue())?,
        ChecksCommand::List { json: false } => {
            for module in MODULES {
                writeln!(out, "{} ({})", module.title, module.id)?;
                for check in module.checks() {
                    let intrusive = if check.intrusive { " (intrusive)" } else { "" };
                    let (severity, id, title) = (check.severity, check.id, check.title);
                    writeln!(out, "  {severity:<9} {id:<32} {title}{intrusive}")?;
                }
            }
        }
        ChecksCommand::Explain { id, json } => {
            let check = find_check(id).ok_or_else(|| {
                Failure::usage(format!("no check is called `{id}`"))
                    .hint("`compliancelayer checks list` prints them all")
            })?;
            if *json {
                let all = server::check_catalogue();
                let mut checks = all["checks"].as_array().into_iter().flatten();
                let one = checks.find(|one| one["id"] == check.id);
                return print_json(out, one.unwrap_or(&serde_json::Value::Null));
            }
            writeln!(out, "{} ({}, {})\n", check.title, check.severity, check.standard)?;
            if check.intrusive {
                writeln!(out, "Intrusive: tried only with `--intrusive`, on a proven domain.\n")?;
            }
            writeln!(out, "{}\n\nFix: {}", check.why, check.fix)?;
            if let Some(careful) = check.careful {
                writeln!(out, "Careful: {careful}")?;
            }
            for paste in check.paste {
                writeln!(out, "\n{}:\n  {}", paste.tool.name(), paste.text.replace('\n', "\n  "))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(command: ChecksCommand) -> Result<String> {
        let mut out = Vec::new();
        checks(&mut out, &ChecksArgs { command })?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn every_check_is_listed_and_one_is_explained() {
        let list = run(ChecksCommand::List { json: false }).unwrap();
        assert!(scan::catalogue::catalogue().all(|check| list.contains(check.id)));
        let text =
            run(ChecksCommand::Explain { id: "dmarc.missing".to_owned(), json: false }).unwrap();
        assert!(text.contains("Fix: ") && text.contains("DNS:") && !text.contains("Intrusive"));
        assert!(text.contains("\nCareful: "), "{text}");
        let text =
            run(ChecksCommand::Explain { id: "tlsflaw.robot".to_owned(), json: false }).unwrap();
        assert!(text.contains("Intrusive: ") && list.contains("(ROBOT) (intrusive)"));
    }

    #[test]
    fn programs_get_what_the_api_gives() {
        let read = |text: String| serde_json::from_str::<serde_json::Value>(&text).unwrap();
        let list = read(run(ChecksCommand::List { json: true }).unwrap());
        let checks = list["checks"].as_array().unwrap();
        assert_eq!(checks.len(), scan::catalogue::catalogue().count());
        let one = ChecksCommand::Explain { id: "dmarc.missing".to_owned(), json: true };
        let one = read(run(one).unwrap());
        assert!(one["remediation"].is_string() && checks.contains(&one));
    }

    #[test]
    fn an_unknown_check_is_wrong_usage() {
        assert_eq!(
            run(ChecksCommand::Explain { id: "x.y".to_owned(), json: true }).unwrap_err().code,
            2
        );
    }
}
