use crate::{ReportView, csv, html, sarif};

/// The formats that a report is taken away in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    Html,
    Csv,
    Sarif,
}

impl Format {
    /// Every format.
    pub const ALL: &'static [Self] = &[Self::Json, Self::Html, Self::Csv, Self::Sarif];

    /// Returns the word for the format, which is also the extension of its files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Html => "html",
            Self::Csv => "csv",
            Self::Sarif => "sarif",
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
        }
    }

    /// Prints a report.
    pub fn print(self, view: &ReportView) -> String {
        match self {
            Self::Json => view.to_json(),
            Self::Html => html::page(view),
            Self::Csv => csv::table(std::slice::from_ref(view)),
            Self::Sarif => sarif::log(std::slice::from_ref(view), None),
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
            assert!(format.print(&view).contains(&view.domain), "{}", format.as_str());
        }
        assert_eq!(Format::parse("pdf"), None);
    }
}
