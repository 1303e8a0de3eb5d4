use model::{Grade, Severity};

use crate::words::texts;
use crate::{Html, Words};

const SEVERITIES: [&str; 5] = texts!["Critical", "High", "Medium", "Low", "Info"];

/// Returns a severity as shape, word and colour, so that no one of them has to be seen.
pub fn severity(words: Words, severity: Severity) -> Html {
    let (class, shape) = match severity {
        Severity::Critical => ("critical", "M4 0h4l4 4v4l-4 4H4L0 8V4z"),
        Severity::High => ("high", "M6 0l6 12H0z"),
        Severity::Medium => ("medium", "M6 0l6 6-6 6-6-6z"),
        Severity::Low => ("low", "M0 4h12v4H0z"),
        Severity::Info => ("info", "M6 0a6 6 0 1 0 0 12A6 6 0 0 0 6 0"),
    };
    let mut html = Html::new();
    html.raw("<span class=\"chip ").raw(class);
    html.raw("\"><svg viewBox=\"0 0 12 12\" aria-hidden=\"true\"><path d=\"").raw(shape);
    html.raw("\"/></svg>").text(severity_word(words, severity)).raw("</span>");
    html
}

/// Returns the word for a severity.
pub fn severity_word(words: Words, severity: Severity) -> &'static str {
    words.t(match severity {
        Severity::Critical => SEVERITIES[0],
        Severity::High => SEVERITIES[1],
        Severity::Medium => SEVERITIES[2],
        Severity::Low => SEVERITIES[3],
        Severity::Info => SEVERITIES[4],
    })
}

/// Returns a grade as a letter on its colour; a dash when there is none.
pub fn grade(words: Words, grade: Option<Grade>) -> Html {
    let mut html = Html::new();
    match grade {
        Some(grade) => {
            html.raw("<span class=\"grade ").raw(class(grade)).raw("\"><span class=\"hidden\">");
            html.text(words.t("Grade")).raw(" </span>").raw(grade.as_str()).raw("</span>");
        }
        None => {
            html.raw("<span class=\"grade\"><span class=\"hidden\">");
            html.text(words.t("No grade")).raw("</span><span aria-hidden=\"true\">–</span></span>");
        }
    }
    html
}

/// Returns the class of a grade's colour.
pub(crate) fn class(grade: Grade) -> &'static str {
    match grade {
        Grade::A => "a",
        Grade::B => "b",
        Grade::C => "c",
        Grade::D => "d",
        Grade::F => "f",
    }
}
