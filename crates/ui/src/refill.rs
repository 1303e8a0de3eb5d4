//! A form with what somebody had typed into it before they had to sign in again.

use crate::escape;
use crate::markup::{Tag, tags};

/// What was sent with a form.
type Fields = [(String, String)];

/// Returns a page whose form that leads to `action` holds `fields` once more, with `notice` on top of
/// it. `None` when there is no such form on the page, or nothing that can be put into it. `path` is
/// the page's own: where forms without an `action` lead to. Hidden fields and passwords stay as they
/// are; of several forms with one action, the one whose hidden fields are those that were sent is
/// meant.
pub fn refill(
    html: &str,
    path: &str,
    action: &str,
    fields: &Fields,
    notice: &str,
) -> Option<String> {
    let tags = tags(html);
    let begin = tags.iter().position(|tag| {
        let leads_to = tag.value("action").unwrap_or_else(|| path.to_owned());
        tag.name == "form"
            && tag.raw("method") == Some("post")
            && leads_to.split('#').next() == Some(action)
            && is_meant(inside(&tags, tag), fields)
    })?;
    let form = &tags[begin];
    let mut filler =
        Filler { html, fields, done: vec![false; fields.len()], out: String::new(), at: 0 };
    filler.copy(form.at.end);
    filler
        .out
        .push_str(&format!("<p class=\"notice good\" role=\"status\">{}</p>", escape(notice)));
    let controls = inside(&tags, form);
    for (number, tag) in controls.iter().enumerate() {
        match tag.name {
            "input" => filler.input(tag),
            "select" => filler.select(tag, &controls[number + 1..]),
            "textarea" => filler.textarea(tag, &controls[number + 1..]),
            _ => {}
        }
    }
    let is_filled = filler.done.contains(&true);
    filler.copy(html.len());
    is_filled.then_some(filler.out)
}

/// Returns the tags between that of a form and its end.
fn inside<'a, 'b>(tags: &'b [Tag<'a>], form: &Tag<'a>) -> &'b [Tag<'a>] {
    let begin = tags.partition_point(|tag| tag.at.start <= form.at.start);
    let end = tags[begin..].iter().position(|tag| tag.name == "/form");
    &tags[begin..end.map_or(tags.len(), |end| begin + end)]
}

fn is_meant(controls: &[Tag<'_>], fields: &Fields) -> bool {
    controls.iter().filter(|tag| tag.raw("type") == Some("hidden")).all(|tag| {
        let name = tag.value("name");
        let sent = fields.iter().find(|(sent, _)| Some(sent) == name.as_ref());
        sent.is_none_or(|(_, value)| tag.value("value").as_ref() == Some(value))
    })
}

struct Filler<'a> {
    html: &'a str,
    fields: &'a Fields,
    /// Which of them stand in a control by now.
    done: Vec<bool>,
    out: String,
    /// How far the page is copied.
    at: usize,
}

impl Filler<'_> {
    fn copy(&mut self, to: usize) {
        self.out.push_str(&self.html[self.at..to]);
        self.at = to;
    }

    fn replace(&mut self, tag: &Tag<'_>, by: &str) {
        self.copy(tag.at.start);
        self.out.push_str(by);
        self.at = tag.at.end;
    }

    /// Takes the next value that was sent under a name.
    fn next(&mut self, name: &str) -> Option<String> {
        let found =
            (0..self.fields.len()).find(|at| !self.done[*at] && self.fields[*at].0 == name)?;
        self.done[found] = true;
        Some(self.fields[found].1.clone())
    }

    fn take(&mut self, name: &str, value: &str) -> bool {
        let found = self.fields.iter().position(|(have, sent)| have == name && sent == value);
        if let Some(found) = found {
            self.done[found] = true;
        }
        found.is_some()
    }

    fn input(&mut self, tag: &Tag<'_>) {
        let Some(name) = tag.value("name").filter(|_| !tag.has("disabled")) else { return };
        match tag.raw("type").unwrap_or("text") {
            "hidden" | "password" | "file" => {}
            "checkbox" | "radio" => {
                let is_on =
                    self.take(&name, &tag.value("value").unwrap_or_else(|| "on".to_owned()));
                self.replace(tag, &tag.with("checked", is_on.then_some("")));
            }
            _ => {
                if let Some(value) = self.next(&name) {
                    self.replace(tag, &tag.with("value", Some(&value)));
                }
            }
        }
    }

    fn select(&mut self, tag: &Tag<'_>, after: &[Tag<'_>]) {
        let Some(value) = tag.value("name").and_then(|name| self.next(&name)) else { return };
        let options = after.iter().take_while(|tag| tag.name != "/select");
        for option in options.filter(|tag| tag.name == "option") {
            let text = self.html[option.at.end..].split('<').next().unwrap_or_default().trim();
            let own = option.value("value").unwrap_or_else(|| crate::markup::unescape(text));
            self.replace(option, &option.with("selected", (own == value).then_some("")));
        }
    }

    fn textarea(&mut self, tag: &Tag<'_>, after: &[Tag<'_>]) {
        let Some(value) = tag.value("name").and_then(|name| self.next(&name)) else { return };
        if let Some(end) = after.iter().find(|tag| tag.name == "/textarea") {
            self.copy(tag.at.end);
            self.out.push_str(&escape(&value));
            self.at = end.at.start;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<h1>x</h1><form method=\"get\" action=\"/a\"><input name=\"q\" value=\"\"></form>\
        <form method=\"post\" action=\"/a\"><input type=\"hidden\" name=\"nonce\" value=\"new\">\
        <input name=\"name\" value=\"\"><input type=\"radio\" name=\"days\" value=\"30\">\
        <input type=\"radio\" name=\"days\" value=\"90\" checked>\
        <input type=\"checkbox\" name=\"tick\" value=\"yes\" checked>\
        <input type=\"password\" name=\"password\">\
        <select name=\"one\"><option>a</option><option value=\"b\" selected>B</option></select>\
        <textarea name=\"list\">old</textarea></form>";

    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn every_kind_of_control_gets_back_what_it_held() {
        let sent = fields(&[
            ("name", "<b>\""),
            ("days", "30"),
            ("password", "hunter2"),
            ("one", "a"),
            ("list", "1\n2"),
        ]);
        let filled = refill(PAGE, "/page", "/a", &sent, "back").unwrap();
        for part in [
            "<form method=\"post\" action=\"/a\"><p class=\"notice good\" role=\"status\">back</p>",
            "<input name=\"name\" value=\"&lt;b&gt;&quot;\">",
            "name=\"days\" value=\"30\" checked>",
            "name=\"days\" value=\"90\">",
            "name=\"tick\" value=\"yes\">",
            "name=\"nonce\" value=\"new\">",
            "<option selected>a</option><option value=\"b\">B</option>",
            "<textarea name=\"list\">1\n2</textarea>",
            "<input name=\"q\" value=\"\">",
        ] {
            assert!(filled.contains(part), "{part}\n{filled}");
        }
        assert!(!filled.contains("hunter2"));
    }

    #[test]
    fn the_form_that_was_meant_is_found_by_its_hidden_fields() {
        let page = "<form method=\"post\"><input type=\"hidden\" name=\"act\" value=\"plan\">\
            <input name=\"n\"></form><form method=\"post\"><input type=\"hidden\" name=\"act\" value=\"note\">\
            <input name=\"n\"></form>";
        let filled = refill(page, "/u/1", "/u/1", &fields(&[("act", "note"), ("n", "7")]), "-");
        let filled = filled.unwrap();
        assert!(filled.starts_with("<form method=\"post\"><input type=\"hidden\""), "{filled}");
        assert!(
            filled.ends_with("value=\"note\"><input name=\"n\" value=\"7\"></form>"),
            "{filled}"
        );
    }

    #[test]
    fn a_page_without_the_form_stays_as_it_is() {
        let sent = fields(&[("name", "x")]);
        assert_eq!(refill(PAGE, "/page", "/b", &sent, "-"), None);
        assert_eq!(refill(PAGE, "/page", "/a", &fields(&[("other", "x")]), "-"), None);
    }
}
