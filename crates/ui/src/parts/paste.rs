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
    for record in records.unwrap_or_default() {
        html.raw("<dl class=\"fields\">");
        let fields = [
            (words.t("Host"), record.host),
            (words.t("Type"), record.kind),
            (words.t("Value"), record.value),
            // What the line leaves open is the provider's to say.
            (words.t("TTL"), record.ttl.unwrap_or(words.t("your provider's default"))),
        ];
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
    let (said, command) = after(words, &paste.tool);
    if !said.is_empty() {
        html.raw("<p class=\"hint\">").text(said);
        if !command.is_empty() {
            html.raw(" <code>").text(command).raw("</code>");
        }
        html.raw("</p>");
    }
}

/// Returns what makes a product take over what was pasted: a sentence, and a command that looks for
/// mistakes first.
fn after(words: Words, tool: &str) -> (&'static str, &'static str) {
    let reload = words.t("Then test and reload:");
    match tool {
        "nginx" => (reload, "nginx -t && systemctl reload nginx"),
        "Apache" => (reload, "apachectl configtest && systemctl reload apache2"),
        "Caddy" => (reload, "caddy validate && systemctl reload caddy"),
        "HAProxy" => (reload, "haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy"),
        "OpenSSH" => (reload, "sshd -t && systemctl reload ssh"),
        "Postfix" => (reload, "postfix check && systemctl reload postfix"),
        "IIS" => (words.t("Then save: IIS takes over a changed web.config by itself."), ""),
        "Cloudflare" => (words.t("Then deploy: it holds within a minute."), ""),
        "nftables" => {
            (words.t("Then keep it beyond a restart:"), "nft list ruleset > /etc/nftables.conf")
        }
        "DNS" => (
            words.t("Then wait: until its TTL is over, resolvers may answer with the old record."),
            "",
        ),
        _ => ("", ""),
    }
}

/// One line of a zone file, as providers' forms ask for it.
#[derive(Debug, PartialEq, Eq)]
struct Record<'a> {
    host: &'a str,
    kind: &'a str,
    value: &'a str,
    /// Seconds, where the line names them.
    ttl: Option<&'a str>,
}

fn zone_fields(line: &str) -> Option<Record<'_>> {
    const TYPES: [&str; 11] =
        ["A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NS", "SRV", "TLSA", "TXT"];
    let mut ttl = None;
    let (host, mut rest) = line.split_once(' ')?;
    loop {
        let (word, more) = rest.trim_start().split_once(' ')?;
        if TYPES.contains(&word) && host.ends_with('.') {
            let value = more.trim();
            let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
            let value = inner.filter(|one| !one.contains('"')).unwrap_or(value);
            return Some(Record { host, kind: word, value, ttl });
        }
        // A time to live or a class may stand before the type.
        match word {
            "IN" => {}
            word if word.bytes().all(|byte| byte.is_ascii_digit()) => ttl = Some(word),
            _ => return None,
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
    fn a_zone_line_is_also_the_fields_of_a_form() {
        let record = |host, kind, value, ttl| Some(Record { host, kind, value, ttl });
        assert_eq!(
            zone_fields("_dmarc.a.example. 3600 IN TXT \"v=DMARC1; p=none\""),
            record("_dmarc.a.example.", "TXT", "v=DMARC1; p=none", Some("3600"))
        );
        assert_eq!(
            zone_fields("a.example. CAA 0 issue \"ca.example\""),
            record("a.example.", "CAA", "0 issue \"ca.example\"", None)
        );
        assert_eq!(
            zone_fields("a.example. IN HTTPS 1 . alpn=h2"),
            record("a.example.", "HTTPS", "1 . alpn=h2", None)
        );
        for other in ["add_header A \"b\" always;", "", "a.example. TXT"] {
            assert_eq!(zone_fields(other), None, "{other}");
        }
    }

    #[test]
    fn each_record_of_several_has_its_fields_and_other_text_has_none() {
        let shown = |text: &str| {
            let html = paste(Words::default(), "mx.alias", &[one("DNS", text)], "").to_string();
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
        assert!(html.contains("<code>nginx -t &amp;&amp; systemctl reload nginx</code>"), "{html}");
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

    #[test]
    fn a_record_says_how_long_the_old_one_lives() {
        let record = [one("DNS", "a.example. IN TXT \"x\"")];
        let html = paste(Words::default(), "x", &record, "").to_string();
        assert!(html.contains("<dt>TTL</dt><dd><code>your provider"), "{html}");
        assert!(html.contains("resolvers may answer with the old record"), "{html}");
    }
}
