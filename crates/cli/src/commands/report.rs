use std::io::{IsTerminal, Write};

use http::Method;
use model::DomainName;
use report::{Format, ReportView};

use super::answer::encode;
use super::place::RemoteArgs;
use crate::client::Client;
use crate::failure::{Failure, NOT_TESTED, Result};
use crate::terminal::{self, Stream};

/// Print a report that a server has
///
/// By the id of its scan, or the newest of a domain. As a table it looks like the one that `scan`
/// prints; any other format is the server's file, JSON, HTML and PDF attested: see `verify`.
#[derive(Debug, clap::Args)]
pub(crate) struct ReportArgs {
    /// The scan's id, or a domain for its newest report
    #[arg(value_name = "ID|DOMAIN")]
    what: String,
    /// What to print: table, json, sarif, junit, markdown, csv, html or pdf
    #[arg(long, value_name = "FORMAT", default_value = "table", value_parser = format)]
    format: Shape,
    /// Print the API's report object, the same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    #[command(flatten)]
    server: RemoteArgs,
}

/// A table is made here of the report; everything else is the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Table,
    File(Format),
}

fn format(word: &str) -> std::result::Result<Shape, String> {
    match word {
        "table" => Ok(Shape::Table),
        word => Format::parse(word).map(Shape::File).ok_or_else(|| {
            let words: Vec<_> = Format::ALL.iter().map(|format| format.as_str()).collect();
            format!("use table, {}", words.join(", "))
        }),
    }
}

pub(crate) async fn report(out: &mut dyn Write, args: &ReportArgs) -> Result<()> {
    let shape = if args.json { Shape::File(Format::Json) } else { args.format };
    if shape == Shape::File(Format::Pdf) && std::io::stdout().is_terminal() {
        return Err(Failure::usage("a PDF is not for a terminal").hint("add: > report.pdf"));
    }
    let client = args.server.client()?;
    let id = find(&client, &args.what).await?;
    let path = format!("/v1/scan/jobs/{id}/report");
    match shape {
        Shape::Table => {
            let report = client.send(Method::GET, &path, None).await?;
            let view: ReportView = serde_json::from_value(report).map_err(Failure::unreadable)?;
            let (colour, width) = (terminal::colour(Stream::Out), terminal::width().unwrap_or(100));
            writeln!(out, "{}", report::text::report(&view, colour, width))?;
        }
        Shape::File(format) => {
            let path = format!("{path}?format={}", format.as_str());
            let answer = client.exchange(Method::GET, &path, None, format.media_type()).await?;
            // Byte by byte as the server signed it.
            let mut stdout = std::io::stdout().lock();
            stdout.write_all(&answer.body)?;
            stdout.flush()?;
        }
    }
    Ok(())
}

/// Returns the scan that was named: by its id, or the newest one of a domain with a report.
async fn find(client: &Client, what: &str) -> Result<i64> {
    if let Ok(id) = what.parse() {
        return Ok(id);
    }
    let domain = DomainName::parse(what).map_err(|problem| {
        Failure::usage(format!("`{what}` is neither a scan's id nor a domain: it {problem}"))
    })?;
    newest(client, &domain).await
}

/// Returns the newest scan of a domain that has a report.
pub(super) async fn newest(client: &Client, domain: &DomainName) -> Result<i64> {
    let domain = domain.as_str();
    let path = format!("/v1/scan/history?domain={}&status=completed&limit=1", encode(domain));
    let history = client.send(Method::GET, &path, None).await?;
    history["scans"][0]["job_id"].as_i64().ok_or_else(|| {
        Failure::new(NOT_TESTED, format!("the server has no report of {domain}"))
            .hint(format!("make one: compliancelayer scan {domain} --server URL"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_of_a_report_can_be_asked_for() {
        assert_eq!(format("table"), Ok(Shape::Table));
        for known in Format::ALL {
            assert_eq!(format(known.as_str()), Ok(Shape::File(*known)));
        }
        assert!(format("jsonl").unwrap_err().contains("sarif"));
    }
}
