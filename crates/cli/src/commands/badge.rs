use std::io::Write;

use model::DomainName;

use crate::client::{Client, Options};
use crate::failure::{Failure, Result};

/// Print what shows a domain's badge on a page
///
/// The badge is `unknown` until an account whose domain it is switches it on: on the domain's page, or
/// with PUT /v1/badge/DOMAIN.
#[derive(Debug, clap::Args)]
pub(crate) struct BadgeArgs {
    /// The domain
    #[arg(value_name = "DOMAIN")]
    domain: String,
    /// Server that has the domain's reports
    #[arg(long, value_name = "URL")]
    server: String,
    /// How it looks
    #[arg(long, default_value = "flat")]
    style: Style,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Style {
    Flat,
    FlatSquare,
    Plastic,
}

pub(crate) fn badge(out: &mut dyn Write, args: &BadgeArgs) -> Result<()> {
    let domain = DomainName::parse(&args.domain)
        .map_err(|problem| Failure::usage(format!("`{}` {problem}", args.domain)))?;
    Client::new(&args.server, Options::default())?;
    let server = args.server.trim_end_matches('/');
    let style = match args.style {
        Style::Flat => "",
        Style::FlatSquare => "?style=flat-square",
        Style::Plastic => "?style=plastic",
    };
    let picture = format!("{server}/v1/badge/{domain}.svg{style}");
    writeln!(out, "Markdown:\n[![Security of {domain}]({picture})]({server}/verify)\n")?;
    writeln!(
        out,
        "HTML:\n<a href=\"{server}/verify\"><img src=\"{picture}\" alt=\"Security of {domain}\" \
         height=\"20\"></a>"
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_snippets_name_the_server_and_the_style() {
        let args = |domain: &str, server: &str| BadgeArgs {
            domain: domain.to_owned(),
            server: server.to_owned(),
            style: Style::Plastic,
        };
        let mut out = Vec::new();
        badge(&mut out, &args("Example.com", "https://scans.example/")).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("(https://scans.example/v1/badge/example.com.svg?style=plastic)"));
        assert!(badge(&mut Vec::new(), &args("localhost", "https://scans.example")).is_err());
        assert!(badge(&mut Vec::new(), &args("example.com", "scans.example")).is_err());
    }
}
