//! What is wrong with a form, said once more on top of its page, where the focus goes.
//!
//! Every `p.error` of the page is named: with the label of its field, and a link to the control that it
//! is about. So each template says a problem once, beside the field.

use std::collections::HashMap;

use crate::markup::{Tag, tags, unescape};
use crate::{Html, Lang, Words};

/// Where the summary goes; every page has the place.
pub(crate) const PLACE: &str = "<div id=\"problems\"></div>";

/// One thing that is wrong.
struct Problem {
    /// What the field is called; empty when it is not about one.
    label: String,
    text: String,
    /// The control that it is about.
    control: Option<String>,
}

/// Returns a page with what is wrong on top. The focus, which pages give to a field, goes there.
pub fn with_summary(html: &str) -> String {
    let tags = tags(html);
    let lang = tags.iter().find_map(|tag| Lang::parse(tag.raw("lang")?)).unwrap_or_default();
    let problems = problems(html, &tags);
    let lone = tags.iter().find(|tag| tag.has_class("notice") && tag.has_class("problem"));
    let mut out = String::with_capacity(html.len() + 512);
    let mut at = 0;
    for tag in &tags {
        let is_lone = problems.is_empty() && lone.is_some_and(|lone| lone.at == tag.at);
        if is_lone {
            out.push_str(&html[at..tag.at.start]);
            let focused = tag.with("tabindex", Some("-1"));
            out.push_str(&focused.replacen('>', " autofocus>", 1));
            at = tag.at.end;
        } else if tag.has("autofocus") && !(problems.is_empty() && lone.is_none()) {
            out.push_str(&html[at..tag.at.start]);
            out.push_str(&tag.with("autofocus", None));
            at = tag.at.end;
        }
    }
    out.push_str(&html[at..]);
    match problems.is_empty() {
        true => out,
        false => out.replacen(PLACE, &summary(lang.into(), &problems).to_string(), 1),
    }
}

fn summary(words: Words, problems: &[Problem]) -> Html {
    let mut html = Html::new();
    html.raw("<div id=\"problems\" class=\"notice problem\" role=\"group\" aria-labelledby=\"problems-title\" tabindex=\"-1\" autofocus>");
    let title = words.tn(
        i64::try_from(problems.len()).unwrap_or(i64::MAX),
        "One thing is not right yet",
        "{} things are not right yet",
    );
    html.raw("<h2 id=\"problems-title\">").text(&title).raw("</h2><ul>");
    for problem in problems {
        html.raw("<li>");
        if let Some(control) = &problem.control {
            html.raw("<a href=\"#").text(control).raw("\">");
        }
        if !problem.label.is_empty() {
            html.text(&problem.label).raw(": ");
        }
        html.text(&problem.text);
        html.raw(if problem.control.is_some() { "</a></li>" } else { "</li>" });
    }
    html.raw("</ul></div>");
    html
}

fn problems(html: &str, tags: &[Tag<'_>]) -> Vec<Problem> {
    let text = |tag: &Tag<'_>, end: &str| {
        let rest = &html[tag.at.end..];
        let text = &rest[..rest.find(end).unwrap_or(rest.len())];
        unescape(text.split('<').next().unwrap_or(text).trim())
    };
    let mut labels: HashMap<&str, String> = HashMap::new();
    let mut legend = String::new();
    // Divisions that are open, and the control of each that holds a field.
    let mut open: Vec<Option<Option<&str>>> = Vec::new();
    let mut found = Vec::new();
    for tag in tags {
        match tag.name {
            "label" => {
                if let Some(id) = tag.raw("for") {
                    labels.insert(id, text(tag, "</label>"));
                }
            }
            "legend" => legend = text(tag, "</legend>"),
            "/fieldset" => legend.clear(),
            "div" => open.push(tag.has_class("field").then_some(None)),
            "/div" => {
                open.pop();
            }
            "input" | "select" | "textarea" => {
                if let (Some(Some(control)), Some(id)) =
                    (open.iter_mut().rev().find(|open| open.is_some()), tag.raw("id"))
                {
                    *control = Some(id);
                }
            }
            "p" if tag.has_class("error") => {
                let beside = open.iter().rev().find_map(|open| *open).flatten();
                let about = tag.raw("id").and_then(|id| {
                    let names = |tag: &&Tag<'_>| {
                        let about = tag.raw("aria-describedby").unwrap_or_default();
                        about.split(' ').any(|one| one == id)
                    };
                    tags.iter().filter(names).find_map(|tag| tag.raw("id"))
                });
                let label = beside.and_then(|id| labels.get(id));
                found.push(Problem {
                    label: label.unwrap_or(&legend).clone(),
                    text: text(tag, "</p>"),
                    control: beside.or(about).map(str::to_owned),
                });
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(form: &str) -> String {
        with_summary(&format!("<html lang=\"en\"><h1>x</h1>{PLACE}<form>{form}</form></html>"))
    }

    #[test]
    fn every_problem_is_named_with_its_field_and_leads_there() {
        let page = refused(
            "<div class=\"field\"><label for=\"name\">Name</label><input id=\"name\" autofocus>\
             <div id=\"about\"><p class=\"error\">is &lt;odd&gt;</p></div></div>\
             <fieldset><legend>Expires</legend><p class=\"error\">must lie ahead</p></fieldset>\
             <input id=\"password\" aria-describedby=\"problem\"><p class=\"error\" id=\"problem\">No.</p>",
        );
        assert!(page.contains("3 things are not right yet"), "{page}");
        for item in [
            "<li><a href=\"#name\">Name: is &lt;odd&gt;</a></li>",
            "<li>Expires: must lie ahead</li>",
            "<li><a href=\"#password\">No.</a></li>",
        ] {
            assert!(page.contains(item), "{item}\n{page}");
        }
        assert_eq!(page.matches("autofocus").count(), 1, "{page}");
        assert!(page.contains("tabindex=\"-1\" autofocus><h2"), "{page}");
    }

    #[test]
    fn a_page_whose_problem_stands_on_top_already_gets_the_focus_there() {
        let page = refused(
            "<div class=\"notice problem\" role=\"alert\"><p>No.</p></div><input autofocus>",
        );
        assert!(page.contains("role=\"alert\" tabindex=\"-1\" autofocus><p>No.</p>"), "{page}");
        assert_eq!(page.matches("autofocus").count(), 1, "{page}");
    }
}
