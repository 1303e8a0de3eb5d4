//! The score of a domain as a small picture, hand-written SVG without anything from elsewhere.

use std::fmt::Write as _;

use model::{Grade, Timestamp};

/// How a badge looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BadgeStyle {
    #[default]
    Flat,
    FlatSquare,
    Plastic,
}

impl BadgeStyle {
    /// Returns the style that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "flat" => Some(Self::Flat),
            "flat-square" => Some(Self::FlatSquare),
            "plastic" => Some(Self::Plastic),
            _ => None,
        }
    }
}

/// What a badge says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadgeResult {
    pub grade: Grade,
    pub score: i64,
    pub scanned_at: Timestamp,
}

const LABEL: &str = "security";
const LABEL_WIDTH: usize = 58;

/// Draws the badge of a domain; `None` stands for nothing that may be shown.
pub fn svg(domain: &str, result: Option<BadgeResult>, style: BadgeStyle) -> String {
    let (word, colour) = match result.map(|result| result.grade) {
        Some(grade @ (Grade::A | Grade::B)) => (grade.as_str(), "#157a45"),
        Some(grade @ Grade::C) => (grade.as_str(), "#7a5b00"),
        Some(grade @ (Grade::D | Grade::F)) => (grade.as_str(), "#a8201a"),
        None => ("unknown", "#5f6772"),
    };
    let title = match result {
        Some(BadgeResult { grade, score, scanned_at }) => {
            let time = scanned_at.to_string();
            let day = time.get(..10).unwrap_or(&time);
            format!("{domain}: security {grade}, {score} of 100 on {day}")
        }
        None => format!("{domain}: security unknown"),
    };
    let title = title.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let word_width = 14 + word.len() * 7;
    let width = LABEL_WIDTH + word_width;
    let radius = match style {
        BadgeStyle::Flat => 3,
        BadgeStyle::FlatSquare => 0,
        BadgeStyle::Plastic => 4,
    };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"20\" role=\"img\" \
         aria-label=\"{title}\"><title>{title}</title>"
    );
    if style == BadgeStyle::Plastic {
        svg.push_str(
            "<linearGradient id=\"s\" x2=\"0\" y2=\"100%\"><stop offset=\"0\" stop-color=\"#fff\" \
             stop-opacity=\".5\"/><stop offset=\".1\" stop-color=\"#aaa\" stop-opacity=\".1\"/><stop \
             offset=\"1\" stop-opacity=\".3\"/></linearGradient>",
        );
    }
    let _ = write!(
        svg,
        "<clipPath id=\"r\"><rect width=\"{width}\" height=\"20\" rx=\"{radius}\"/></clipPath>\
         <g clip-path=\"url(#r)\"><rect width=\"{LABEL_WIDTH}\" height=\"20\" fill=\"#3a4049\"/>\
         <rect x=\"{LABEL_WIDTH}\" width=\"{word_width}\" height=\"20\" fill=\"{colour}\"/>"
    );
    if style == BadgeStyle::Plastic {
        let _ = write!(svg, "<rect width=\"{width}\" height=\"20\" fill=\"url(#s)\"/>");
    }
    let _ = writeln!(
        svg,
        "</g><g fill=\"#fff\" text-anchor=\"middle\" font-family=\"Verdana,DejaVu Sans,sans-serif\" \
         font-size=\"11\"><text x=\"{}\" y=\"14\">{LABEL}</text><text x=\"{}\" y=\"14\">{word}</text></g></svg>",
        LABEL_WIDTH / 2,
        LABEL_WIDTH + word_width / 2
    );
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_badge_is_small_and_says_grade_score_and_day() {
        let result =
            BadgeResult { grade: Grade::B, score: 87, scanned_at: Timestamp(1_795_509_096_007) };
        for style in ["flat", "flat-square", "plastic"] {
            let style = BadgeStyle::parse(style).unwrap();
            let long = format!("{}.example", "a".repeat(63));
            let badge = svg(&long, Some(result), style);
            assert!(badge.len() < 2_048, "{style:?}: {}", badge.len());
            assert!(badge.contains("security B, 87 of 100 on 2026-11-24"), "{badge}");
            assert!(
                !badge.contains("href") && !badge.contains("<style") && !badge.contains("style=")
            );
        }
        let unknown = svg("example.com", None, BadgeStyle::default());
        assert!(unknown.contains(">unknown</text>") && unknown.contains("security unknown"));
        assert_eq!(BadgeStyle::parse("for-the-badge"), None);
    }

    #[test]
    fn a_name_writes_no_markup() {
        let badge = svg("<a href=\"x\">&", None, BadgeStyle::Flat);
        assert!(badge.contains("&lt;a href=&quot;x&quot;>&amp;: security unknown"), "{badge}");
    }
}
