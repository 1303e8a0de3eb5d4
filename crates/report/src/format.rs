use crate::document::Document;
use crate::{ReportView, csv, html, junit, markdown, pdf, sarif};

/// The formats that a report is taken away in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    Html,
    Csv,
    Sarif,
    Junit,
    Markdown,
    Pdf,
}

/// What a page or a PDF is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// The whole report.
    #[default]
    Full,
    /// What insurers ask.
    Insurance,
    /// What one framework asks about, by its id.
    Framework(&'static str),
}

impl Kind {
    /// Returns the kind that `word` stands for, of those that have one.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "full" => Some(Self::Full),
            "insurance" => Some(Self::Insurance),
            _ => None,
        }
    }

    /// Prints a report of this kind as a page.
    pub fn html(self, view: &ReportView) -> String {
        html::print(&self.document(view))
    }

    /// Prints a report of this kind as PDF/UA-1.
    pub fn pdf(self, view: &ReportView) -> Vec<u8> {
        pdf::print(&self.document(view), view)
    }

    fn document(self, view: &ReportView) -> Document {
        match self {
            Self::Full => Document::of(view),
            Self::Insurance => Document::for_insurers(view),
            Self::Framework(id) => Document::for_framework(view, id),
        }
    }
}

impl Format {
    /// Every format.
    pub const ALL: &'static [Self] =
        &[Self::Json, Self::Html, Self::Csv, Self::Sarif, Self::Junit, Self::Markdown, Self::Pdf];

    /// Returns the word for the format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Html => "html",
            Self::Csv => "csv",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Pdf => "pdf",
        }
    }

    /// Returns what the names of its files end in.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Junit => "junit.xml",
            Self::Markdown => "md",
            Self::Json | Self::Html | Self::Csv | Self::Sarif | Self::Pdf => self.as_str(),
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
            Self::Pdf => "application/pdf",
        }
    }

    /// Returns whether a file of this format is about one report alone.
    pub const fn is_single(self) -> bool {
        matches!(self, Self::Html | Self::Pdf)
    }

    /// Prints reports, one or several. Of a format that [is about one](Self::is_single), the files follow
    /// each other.
    pub fn print(self, views: &[ReportView]) -> Vec<u8> {
        let text: String = match self {
            Self::Json => views.iter().map(ReportView::to_json).collect(),
            Self::Html => views.iter().map(html::page).collect(),
            Self::Csv => csv::table(views),
            Self::Sarif => sarif::log(views, None),
            Self::Junit => junit::document(views),
            Self::Markdown => markdown::document(views),
            Self::Pdf => return views.iter().flat_map(|view| Kind::Full.pdf(view)).collect(),
        };
        text.into_bytes()
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
            // The text of a PDF is compressed; its title is not.
            let printed = String::from_utf8_lossy(&printed);
            assert!(printed.contains(&view.domain), "{}", format.as_str());
        }
        assert_eq!(Format::parse("xls"), None);
    }
}
