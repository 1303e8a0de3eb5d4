//! A document as a PDF: tagged (PDF/UA-1), with its fonts inside, the same bytes for the same report.
//!
//! [`layout`] breaks the document into lines and pages and notes what each line means; [`paint`] draws
//! the pages and hands the meaning over; [`faces`] knows the letters. `krilla` writes the file and
//! refuses one that would not be accessible.
//!
//! Invariants: text runs from left to right, one glyph a letter. What has no glyph, turns the direction
//! or cannot be seen is printed as its number, so no text of a target moves its neighbours or is missing
//! in what a reader copies. A word wider than its place is broken. Nothing here depends on the time, the
//! machine or the order of a hash map.

mod faces;
mod layout;
mod paint;

use crate::ReportView;
use crate::document::Document;
use faces::Faces;
use layout::Layout;

/// Prints a document about a report.
pub(crate) fn print(document: &Document, view: &ReportView) -> Vec<u8> {
    let faces = Faces::load();
    let layout = Layout::of(document, &faces);
    paint::pdf(layout, &faces, document, view)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{html, sample};

    /// Everything a reader is told, in the order in which a reader is told it, as words in lower case.
    fn words(layout: &Layout) -> Vec<String> {
        let text = layout.read_aloud();
        text.split_whitespace().map(str::to_lowercase).collect()
    }

    fn words_of_html(page: &str) -> Vec<String> {
        let body = page.split_once("<main>").unwrap().1;
        let parts = body.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
        let text = parts.collect::<Vec<_>>().join(" ");
        let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
        let text = text.replace("&#39;", "'").replace("&amp;", "&");
        text.split_whitespace().map(str::to_lowercase).collect()
    }

    #[test]
    fn it_reads_like_the_page_of_html() {
        let view = sample::view();
        let whole = Document::of(&view);
        let narrow = Document::for_framework(&view, "pci_dss");
        for document in [whole, narrow, Document::for_insurers(&view)] {
            let faces = Faces::load();
            let page = words_of_html(&html::print(&document));
            // Punctuation that touches an element stands apart once the element is gone.
            let joined = |words: Vec<String>| words.concat();
            assert_eq!(joined(words(&Layout::of(&document, &faces))), joined(page));
        }
    }

    #[test]
    fn the_same_report_gives_the_same_bytes() {
        let view = sample::view();
        let document = Document::of(&view);
        let file = print(&document, &view);
        assert!(file.starts_with(b"%PDF-1.") && file.len() < 1_000_000, "{}", file.len());
        for _ in 0..3 {
            assert!(print(&document, &view) == file);
        }
    }

    #[test]
    fn a_report_has_as_many_pages_as_it_needs() {
        let faces = Faces::load();
        let pages = |document: &Document| Layout::of(document, &faces).pages();
        let view = sample::view();
        let mut brief = view.clone();
        brief.compliance.clear();
        let unscored = ReportView::of(&sample::unscored());
        let counted = [
            pages(&Document::of(&view)),
            pages(&Document::of(&brief)),
            pages(&Document::of(&unscored)),
            pages(&Document::for_insurers(&view)),
        ];
        insta::assert_debug_snapshot!(counted);
    }

    #[test]
    fn no_line_leaves_its_page() {
        let mut view = sample::view();
        view.domain = "a".repeat(5_000);
        view.issues[0].evidence = "W".repeat(20_000);
        view.issues[1].evidence = "x ".repeat(20_000);
        view.issues[0].paste[0].text = format!("{}\n\n\t{}", "M".repeat(3_000), "i".repeat(3_000));
        let cis = view.compliance.get_mut("cis").unwrap();
        cis.controls[0].about = "Ж".repeat(9_000);
        let (faces, document) = (Faces::load(), Document::of(&view));
        let layout = Layout::of(&document, &faces);
        assert!(layout.pages() > 5);
        layout.assert_inside();
        assert!(print(&document, &view).len() < 1_000_000);
    }

    #[test]
    fn a_letter_without_a_glyph_is_printed_as_its_number() {
        let faces = Faces::load();
        let printed = faces.printable("a漢\u{202e}b\u{0}\u{fffe}é😀\u{301}");
        assert_eq!(printed, "a\\u{6f22}\\u{202e}b\\u{0}\\u{fffe}é\\u{1f600}\\u{301}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn no_text_of_a_target_breaks_it(text in "\\PC{0,300}", odd in any::<String>()) {
            let mut view = sample::view();
            view.domain = odd.clone();
            view.compliance.clear();
            view.issues.truncate(2);
            for issue in &mut view.issues {
                issue.title = text.clone();
                issue.evidence = odd.clone();
                issue.id = odd.clone();
                issue.why = text.clone();
                issue.paste.iter_mut().for_each(|paste| paste.text = odd.clone());
            }
            view.not_tested[0].reason = odd.clone();
            let document = Document::of(&view);
            let file = print(&document, &view);
            prop_assert!(file.starts_with(b"%PDF-1."));
        }
    }
}
