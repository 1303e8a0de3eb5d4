//! Draws the pages of a layout and hands krilla the tree of what they mean, the outline and what the file
//! says about itself. What is only to look at (boxes, footers, repeated heads of tables) is an artifact.

use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, Node as TagNode, SpanTag, TagGroup, TagTree,
};

use super::faces::{Face, Faces};
use super::layout::{Child, Colour, Entry, HEIGHT, Layout, MARGIN, Mark, Node, QUIET, Text, WIDTH};
use crate::ReportView;
use crate::document::Document;

const FOOTER: f32 = HEIGHT - 34.0;
const FOOTER_SIZE: f32 = 7.5;
/// Longest text of the footer, in letters.
const FOOTER_LETTERS: usize = 90;

/// Draws the pages and writes the file.
pub(super) fn pdf(
    layout: Layout<'_>,
    faces: &Faces,
    about: &Document,
    view: &ReportView,
) -> Vec<u8> {
    let configuration = ConfigurationBuilder::new()
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .expect("a validator alone contradicts nothing");
    let settings = SerializeSettings { configuration, ..SerializeSettings::default() };
    let mut document = krilla::Document::new_with(settings);
    let mut identifiers: Vec<Option<Identifier>> = layout.marks.iter().map(|_| None).collect();
    let pages = layout.pages();
    let title = faces.printable(&about.title);
    let footer: String = title.chars().take(FOOTER_LETTERS).collect();
    let mut marks: Vec<(usize, &Mark)> = layout.marks.iter().enumerate().collect();
    // Stable: on one page what comes first is drawn first.
    marks.sort_by_key(|(_, mark)| page_of(mark));
    for page_number in 0..pages {
        let a4 = PageSettings::from_wh(WIDTH, HEIGHT).expect("A4 has a width and a height");
        let mut page = document.start_page_with(a4);
        let mut surface = page.surface();
        let first = marks.partition_point(|(_, mark)| page_of(mark) < page_number);
        for (number, mark) in
            marks[first..].iter().take_while(|(_, mark)| page_of(mark) == page_number)
        {
            match mark {
                Mark::Text(text) => {
                    let tag = match text.is_artifact {
                        true => artifact(ArtifactType::Other),
                        false => ContentTag::Span(SpanTag::empty()),
                    };
                    let identifier = surface.start_tagged(tag);
                    draw(&mut surface, faces, text);
                    surface.end_tagged();
                    identifiers[*number] = (!text.is_artifact).then_some(identifier);
                }
                Mark::Box { x, y, width, height, colour, .. } => {
                    fill(&mut surface, [*x, *y, *width, *height], *colour);
                }
            }
        }
        let number = format!("{} / {pages}", page_number + 1);
        let place = |x: f32, text: &str| Text {
            page: page_number,
            x,
            baseline: FOOTER,
            face: Face::Regular,
            size: FOOTER_SIZE,
            colour: QUIET,
            text: text.to_owned(),
            is_artifact: true,
        };
        surface.start_tagged(artifact(ArtifactType::Footer));
        draw(&mut surface, faces, &place(MARGIN, &footer));
        draw(&mut surface, faces, &place(WIDTH - MARGIN - 30.0, &number));
        surface.end_tagged();
        surface.finish();
        page.finish();
    }
    let mut tree = TagTree::new().with_lang(Some("en".to_owned()));
    for child in layout.tree {
        tree.children.extend(tag(child, &identifiers));
    }
    document.set_tag_tree(tree);
    document.set_outline(outline(&layout.outline));
    document.set_metadata(metadata(title, view));
    document.finish().expect("every text is tagged and every letter has its glyph")
}

fn page_of(mark: &Mark) -> usize {
    match mark {
        Mark::Text(text) => text.page,
        Mark::Box { page, .. } => *page,
    }
}

fn artifact(kind: ArtifactType) -> ContentTag<'static> {
    ContentTag::Artifact(Artifact::with_kind(kind))
}

fn paint(colour: Colour) -> Fill {
    let [red, green, blue] = colour;
    Fill { paint: rgb::Color::new(red, green, blue).into(), ..Fill::default() }
}

fn draw(surface: &mut Surface<'_>, faces: &Faces, text: &Text) {
    let glyphs = faces.glyphs(&text.text, text.face);
    if glyphs.is_empty() {
        return;
    }
    surface.set_fill(Some(paint(text.colour)));
    let start = Point::from_xy(text.x, text.baseline);
    surface.draw_glyphs(start, &glyphs, faces.font(text.face), &text.text, text.size, false);
}

fn fill(surface: &mut Surface<'_>, [x, y, width, height]: [f32; 4], colour: Colour) {
    let mut path = PathBuilder::new();
    let Some(rect) = Rect::from_xywh(x, y, width, height) else { return };
    path.push_rect(rect);
    let Some(path) = path.finish() else { return };
    surface.start_tagged(artifact(ArtifactType::Layout));
    surface.set_fill(Some(paint(colour)));
    surface.draw_path(&path);
    surface.end_tagged();
}

/// Returns the meaning of a part of the layout. A part without content has none.
fn tag(child: Child, identifiers: &[Option<Identifier>]) -> Option<TagNode> {
    match child {
        Child::Text(number) => identifiers[number].map(TagNode::from),
        Child::Node(Node { tag: kind, children }) => {
            let children = children.into_iter().filter_map(|child| tag(child, identifiers));
            Some(TagGroup::with_children(kind, children.collect()).into())
        }
    }
}

/// Hangs each heading below the last one of a higher level.
fn outline(entries: &[Entry]) -> Outline {
    let mut outline = Outline::new();
    let mut open: Vec<(u8, OutlineNode)> = Vec::new();
    for entry in entries {
        close(&mut open, &mut outline, entry.level);
        let place = XyzDestination::new(entry.page, Point::from_xy(MARGIN, entry.y));
        open.push((entry.level, OutlineNode::new(entry.title.clone(), place)));
    }
    close(&mut open, &mut outline, 0);
    outline
}

/// Ends what is open at a level or below it.
fn close(open: &mut Vec<(u8, OutlineNode)>, outline: &mut Outline, level: u8) {
    while open.last().is_some_and(|(have, _)| *have >= level) {
        let Some((_, done)) = open.pop() else { return };
        match open.last_mut() {
            Some((_, above)) => above.push_child(done),
            None => outline.push_child(done),
        }
    }
}

fn metadata(title: String, view: &ReportView) -> Metadata {
    let maker = format!("ComplianceLayer {}", view.engine_version);
    let is_plain = |letter: &char| letter.is_ascii_graphic() || *letter == ' ';
    let maker: String = maker.chars().filter(is_plain).take(64).collect();
    let id = format!("{} {}", view.domain, view.scanned_at);
    let metadata =
        Metadata::new().title(title).language("en".to_owned()).creator(maker).document_id(id);
    match created(&view.scanned_at.to_string()) {
        Some(created) => metadata.creation_date(created),
        None => metadata,
    }
}

/// Reads `2026-11-24T08:31:36.007Z`.
fn created(time: &str) -> Option<DateTime> {
    let part = |from: usize, to: usize| time.get(from..to)?.parse::<u8>().ok();
    let date = DateTime::new(time.get(..4)?.parse().ok()?).month(part(5, 7)?).day(part(8, 10)?);
    let date = date.hour(part(11, 13)?).minute(part(14, 16)?).second(part(17, 19)?);
    Some(date.utc_offset_hour(0).utc_offset_minute(0))
}
