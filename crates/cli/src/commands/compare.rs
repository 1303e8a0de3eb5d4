use std::io::Write;

use http::Method;
use serde_json::{Value, json};

use super::answer::{print_json, print_table, text};
use super::place::RemoteArgs;
use crate::failure::Result;

/// Rank domains by their newest reports on a server
///
/// Takes 2 to 10 domains that were scanned there. Exit codes: 0, 2 wrong usage, 4 key refused, 5 plan
/// too low, 6 server not reachable.
#[derive(Debug, clap::Args)]
pub(crate) struct CompareArgs {
    /// The domains
    #[arg(value_name = "DOMAIN", required = true, num_args = 2..=10)]
    domains: Vec<String>,
    #[command(flatten)]
    server: RemoteArgs,
    /// Print the API's object
    #[arg(long)]
    json: bool,
}

pub(crate) async fn compare(out: &mut dyn Write, args: &CompareArgs) -> Result<()> {
    let client = args.server.client()?;
    let wish = json!({ "domains": args.domains });
    let compared = client.send(Method::POST, "/v1/batch/compare", Some(wish)).await?;
    match args.json {
        true => print_json(out, &compared),
        false => print(out, &compared),
    }
}

fn print(out: &mut dyn Write, compared: &Value) -> Result<()> {
    let list = |name: &str| compared[name].as_array().cloned().unwrap_or_default();
    let rows: Vec<_> = list("ranked")
        .iter()
        .map(|one| ["rank", "overall_score", "overall_grade", "domain"].map(|name| text(one, name)))
        .collect();
    print_table(out, ["RANK", "SCORE", "GRADE", "DOMAIN"], &rows)?;
    for one in list("full_results").iter().filter(|one| one["overall_score"].is_null()) {
        let why = text(one, "error");
        let why = if why == "-" { "no score".to_owned() } else { why };
        writeln!(out, "      -  -      {}: {why}", text(one, "domain"))?;
    }
    match (&compared["winner"], &compared["score_gap"]) {
        (Value::Null, _) => {}
        (_, Value::Null) => writeln!(out, "\nBest: {}", text(compared, "winner"))?,
        (_, gap) => {
            writeln!(out, "\nBest: {}, {gap} points above the last", text(compared, "winner"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_comes_first_and_what_has_no_score_is_said() {
        let compared = json!({
            "ranked": [
                { "rank": 1, "domain": "a.example", "overall_score": 90, "overall_grade": "A" },
                { "rank": 2, "domain": "b.example", "overall_score": 70, "overall_grade": "C" },
            ],
            "winner": "a.example",
            "score_gap": 20,
            "full_results": [
                { "domain": "a.example", "overall_score": 90 },
                { "domain": "c.example", "overall_score": null, "error": "never \u{7}scanned" },
            ],
        });
        let mut out = Vec::new();
        print(&mut out, &compared).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("1     90     A      a.example\n2     70     C      b.example"));
        assert!(text.contains("c.example: never \\u{7}scanned"), "{text}");
        assert!(text.ends_with("Best: a.example, 20 points above the last\n"));
    }
}
