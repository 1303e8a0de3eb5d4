use crate::{ReportView, csv, html, junit, markdown, sarif};

/// The formats that a report is taken away in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    Html,
    Csv,
    Sarif,
    Junit,
    Markdown,
}

impl Format {
    /// Every format.
    pub const ALL: &'static [Self] =
        &[Self::Json, Self::Html, Self::Csv, Self::Sarif, Self::Junit, Self::Markdown];

    /// Returns the word for the format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Html => "html",
            Self::Csv => "csv",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
        }
    }

    /// Returns what the names of its files end in.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Junit => "junit.xml",
            Self::Markdown => "md",
            Self::Json | Self::Html | Self::Csv | Self::Sarif => self.as_str(),
        }
    }

    /// Returns the format that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.as_str() == word)
    }

    /// Returns the media type, without parameters.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Html => "text/html",
            Self::Csv => "text/csv",
            Self::Sarif => "application/sarif+json",
            Self::Junit => "application/xml",
            Self::Markdown => "text/markdown",
        }
    }

    /// Prints reports, one or several. A page of HTML is about one: of several the pages follow each
    /// other.
    pub fn print(self, views: &[ReportView]) -> String {
        match self {
            Self::Json => views.iter().map(ReportView::to_json).collect(),
            Self::Html => views.iter().map(html::page).collect(),
            Self::Csv => csv::table(views),
            Self::Sarif => sarif::log(views, None),
            Self::Junit => junit::document(views),
            Self::Markdown => markdown::document(views),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_a_word_and_prints_the_report() {
        let view = crate::sample::view();
        for format in Format::ALL.iter().copied() {
            assert_eq!(Format::parse(format.as_str()), Some(format));
            let printed = format.print(std::slice::from_ref(&view));
            assert!(printed.contains(&view.domain), "{}", format.as_str());
        }
        assert_eq!(Format::parse("pdf"), None);
    }
}
