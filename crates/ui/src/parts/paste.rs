//! Configuration to paste: one panel a product, chosen by radio buttons, so that it works without
//! script and with the keys of every browser.

use report::PasteView;

use crate::{Html, Words};

/// Products that a person may prefer: those that most texts are for.
pub const PREFERRED: [&str; 6] = ["nginx", "Apache", "Caddy", "HAProxy", "IIS", "Cloudflare"];

/// Returns the texts for every product, the preferred one open at first. `place` is unique on the
/// page and good in an id.
pub fn paste(words: Words, place: &str, pastes: &[PasteView], preferred: &str) -> Html {
    let mut html = Html::new();
    if let [only] = pastes {
        html.raw("<h3>").text(&only.tool).raw("</h3>");
        panel(&mut html, words, &format!("paste-{place}-1"), only);
        return html;
    }
    if pastes.is_empty() {
        return html;
    }
    html.raw("<fieldset class=\"tools\"><legend>").text(words.t("To paste")).raw("</legend>");
    let open = pastes.iter().position(|paste| paste.tool == preferred).unwrap_or(0);
    for (number, paste) in (1..).zip(pastes) {
        let id = format!("tool-{place}-{number}");
        html.raw("<input type=\"radio\" name=\"tool-").text(place).raw("\" id=\"").text(&id);
        html.raw("\" data-tool=\"").text(&paste.tool).raw("\"");
        if number == open + 1 {
            html.raw(" checked");
        }
        html.raw("><label for=\"").text(&id).raw("\">").text(&paste.tool).raw("</label>");
        html.raw("<div class=\"panel\">");
        panel(&mut html, words, &format!("paste-{place}-{number}"), paste);
        html.raw("</div>");
    }
    html.raw("</fieldset>");
    html
}

fn panel(html: &mut Html, words: Words, id: &str, paste: &PasteView) {
    // Providers' forms take one record each, so nothing is split when a line is no record.
    let records: Option<Vec<_>> = paste.text.lines().map(zone_fields).collect();
    for [host, kind, value] in records.unwrap_or_default() {
        html.raw("<dl class=\"fields\">");
        let fields = [(words.t("Host"), host), (words.t("Type"), kind), (words.t("Value"), value)];
        for (name, text) in fields {
            html.raw("<div><dt>").text(name).raw("</dt><dd><code>").text(text);
            html.raw("</code></dd></div>");
        }
        html.raw("</dl>");
    }
    html.raw("<div class=\"copyable\"><pre id=\"").text(id).raw("\" tabindex=\"0\">");
    html.text(&paste.text).raw("</pre><button type=\"button\" data-copy=\"").text(id);
    html.raw("\" data-copied=\"").text(words.t("Copied")).raw("\" data-selected=\"");
    html.text(words.t("Selected: press Ctrl+C")).raw("\" hidden>").text(words.t("Copy"));
    html.raw("</button></div>");
}

/// Returns host, type and value of one line of a zone file, as providers' forms ask for them.
fn zone_fields(line: &str) -> Option<[&str; 3]> {
    const TYPES: [&str; 10] =
        ["A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NS", "TLSA", "TXT"];
    let (host, mut rest) = line.split_once(' ')?;
    loop {
        let (word, more) = rest.trim_start().split_once(' ')?;
        if TYPES.contains(&word) && host.ends_with('.') {
            let value = more.trim();
            let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
            return Some([host, word, inner.filter(|one| !one.contains('"')).unwrap_or(value)]);
        }
        // A time to live or a class may stand before the type.
        if word != "IN" && !word.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        rest = more;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(tool: &str, text: &str) -> PasteView {
        PasteView { tool: tool.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_zone_line_is_also_three_fields() {
        assert_eq!(
            zone_fields("_dmarc.a.example. 3600 IN TXT \"v=DMARC1; p=none\""),
            Some(["_dmarc.a.example.", "TXT", "v=DMARC1; p=none"])
        );
        assert_eq!(
            zone_fields("a.example. CAA 0 issue \"ca.example\""),
            Some(["a.example.", "CAA", "0 issue \"ca.example\""])
        );
        for other in ["add_header A \"b\" always;", "", "a.example. TXT"] {
            assert_eq!(zone_fields(other), None, "{other}");
        }
    }

    #[test]
    fn each_record_of_several_has_its_fields_and_other_text_has_none() {
        let shown = |text: &str| {
            let html = paste(Words::default(), "mx.alias", &[one("DNS", text)]).to_string();
            html.matches("<dl").count()
        };
        assert_eq!(shown("a.example. IN MX 10 b.example.\nb.example. IN A 192.0.2.1"), 2);
        assert_eq!(shown("a.example. IN MX 10 b.example.\n# then wait"), 0);
    }

    #[test]
    fn one_product_is_chosen_at_first_and_texts_stay_text() {
        let pastes = [one("nginx", "</pre><b>"), one("Apache", "x")];
        let html = paste(Words::default(), "hsts.missing", &pastes, "").to_string();
        assert_eq!(html.matches(" checked").count(), 1);
        assert!(!html.contains("<b>") && html.contains("&lt;/pre&gt;&lt;b&gt;"));
        assert!(!paste(Words::default(), "x", &pastes[..1], "").to_string().contains("radio"));
        assert!(paste(Words::default(), "x", &[], "").to_string().is_empty());
    }

    #[test]
    fn the_preferred_product_is_open_where_there_is_a_text_for_it() {
        let pastes = [one("nginx", "x"), one("Apache", "y")];
        let open = |preferred| {
            let html = paste(Words::default(), "x", &pastes, preferred).to_string();
            html.split(" checked").next().unwrap().rsplit("data-tool=\"").next().unwrap().to_owned()
        };
        assert_eq!((open("Apache"), open("Caddy")), ("Apache\"".to_owned(), "nginx\"".to_owned()));
    }
}
