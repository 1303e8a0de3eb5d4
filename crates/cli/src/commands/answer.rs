//! How a server's answers are printed: as they are with `--json`, else as a table.
//!
//! A server is somebody else's computer, so whatever it said passes [`terminal`].

use std::io::Write;

use report::escape::terminal;
use serde_json::Value;

use crate::failure::Result;

/// Prints the API's own object.
pub(super) fn print_json(out: &mut dyn Write, value: &Value) -> Result<()> {
    writeln!(out, "{value:#}")?;
    Ok(())
}

/// Returns a member as text: `-` when there is none, a list comma-separated.
pub(super) fn text(value: &Value, name: &str) -> String {
    match &value[name] {
        Value::Null => "-".to_owned(),
        Value::String(text) => terminal(text).into_owned(),
        Value::Array(list) => {
            let each = list.iter().map(|one| match one {
                Value::String(text) => terminal(text).into_owned(),
                other => terminal(&other.to_string()).into_owned(),
            });
            each.collect::<Vec<_>>().join(",")
        }
        other => terminal(&other.to_string()).into_owned(),
    }
}

/// Returns a time without its milliseconds.
pub(super) fn time(value: &Value, name: &str) -> String {
    let time = text(value, name);
    match time.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => time,
    }
}

/// Prints rows below a head, each column as wide as it has to be.
pub(super) fn print_table<const N: usize>(
    out: &mut dyn Write,
    head: [&str; N],
    rows: &[[String; N]],
) -> Result<()> {
    let length = |text: &str| text.chars().count();
    let mut widths = head.map(length);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(length(cell));
        }
    }
    for row in std::iter::once(&head.map(str::to_owned)).chain(rows) {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// Encodes what stands in a query or a path.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_server_says_is_a_table_and_nothing_else() {
        let rows = [json!({ "id": 7, "name": "CI\u{1b}[2J", "at": "2026-11-30T10:00:00.123Z" })];
        let rows = rows.map(|row| [text(&row, "id"), text(&row, "name"), time(&row, "at")]);
        let mut out = Vec::new();
        print_table(&mut out, ["ID", "NAME", "AT"], &rows).unwrap();
        let printed = String::from_utf8(out).unwrap();
        let expected = "ID  NAME         AT\n7   CI\\u{1b}[2J  2026-11-30T10:00:00Z\n";
        assert_eq!(printed, expected);
    }

    #[test]
    fn members_are_text_whatever_they_are() {
        let value = json!({ "none": null, "list": ["a", 1], "on": true });
        let told = ["none", "list", "on", "absent"].map(|name| text(&value, name));
        assert_eq!(told, ["-", "a,1", "true", "-"]);
        assert_eq!(encode("a b/ü&c=d"), "a%20b%2F%C3%BC%26c%3Dd");
    }
}
