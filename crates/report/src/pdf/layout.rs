//! Breaks a document into lines and pages, top down, and keeps beside the lines the tree of what they
//! mean. Lengths are points, from the upper left corner of a page.

use std::num::NonZeroU16;

use krilla::tagging::{ListNumbering, TableHeaderScope, Tag, TagKind};
use model::Severity;

use super::faces::{Face, Faces};
use crate::document::{self, Block, Document, Heading, Mood, Run, Table};

/// A4.
pub(super) const WIDTH: f32 = 595.0;
pub(super) const HEIGHT: f32 = 842.0;
pub(super) const MARGIN: f32 = 52.0;
const TOP: f32 = 56.0;
const BOTTOM: f32 = HEIGHT - 64.0;
const BODY: f32 = 9.5;
const SMALL: f32 = 8.0;
/// Space between the cells of a row.
const GUTTER: f32 = 8.0;

/// Red, green and blue.
pub(super) type Colour = [u8; 3];
pub(super) const INK: Colour = [22, 27, 34];
pub(super) const QUIET: Colour = [82, 92, 107];
const LINE: Colour = [196, 203, 213];
const GOOD: Colour = [46, 125, 50];
const FAIR: Colour = [154, 95, 0];
const BAD: Colour = [179, 38, 30];

/// Something drawn on a page.
pub(super) enum Mark {
    Text(Text),
    /// A filled box; only to look at.
    Box {
        page: usize,
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        colour: Colour,
    },
}

/// A piece of a line.
pub(super) struct Text {
    pub(super) page: usize,
    pub(super) x: f32,
    pub(super) baseline: f32,
    pub(super) face: Face,
    pub(super) size: f32,
    pub(super) colour: Colour,
    pub(super) text: String,
    /// Whether it only repeats what stands elsewhere.
    pub(super) is_artifact: bool,
}

/// What marks mean together.
pub(super) struct Node {
    pub(super) tag: TagKind,
    pub(super) children: Vec<Child>,
}

pub(super) enum Child {
    /// The number of a [`Mark::Text`].
    Text(usize),
    Node(Node),
}

/// An entry of the outline.
pub(super) struct Entry {
    pub(super) level: u8,
    pub(super) title: String,
    pub(super) page: usize,
    pub(super) y: f32,
}

/// A document in lines and pages.
pub(super) struct Layout<'a> {
    faces: &'a Faces,
    pub(super) marks: Vec<Mark>,
    pub(super) tree: Vec<Child>,
    pub(super) outline: Vec<Entry>,
    page: usize,
    y: f32,
}

/// How a line is set.
#[derive(Clone, Copy)]
struct Style {
    size: f32,
    leading: f32,
    x: f32,
    width: f32,
}

/// Text of one look.
#[derive(Clone)]
struct Piece {
    face: Face,
    colour: Colour,
    text: String,
    width: f32,
}

type Line = Vec<Piece>;

impl<'a> Layout<'a> {
    pub(super) fn of(document: &Document, faces: &'a Faces) -> Self {
        let mut layout = Self {
            faces,
            marks: Vec::new(),
            tree: Vec::new(),
            outline: Vec::new(),
            page: 0,
            y: TOP,
        };
        layout.tree = layout.blocks(&document.blocks);
        layout
    }

    /// Returns how many pages there are.
    pub(super) fn pages(&self) -> usize {
        self.page + 1
    }

    fn blocks(&mut self, blocks: &[Block]) -> Vec<Child> {
        let mut children = Vec::new();
        for block in blocks {
            match block {
                Block::Group(_, inside) => {
                    let inside = self.blocks(inside);
                    self.y += 6.0;
                    children.push(node(Tag::Section, inside));
                }
                Block::Heading(heading) => children.push(self.heading(heading)),
                Block::Paragraph(mood, runs) => children.push(self.paragraph(*mood, runs)),
                Block::Paste(text) => children.push(self.paste(text)),
                Block::List(items) => children.push(self.list(items)),
                Block::Table(table) => children.push(self.table(table)),
            }
        }
        children
    }

    fn heading(&mut self, heading: &Heading) -> Child {
        let (size, before, together) = match heading.level {
            1 => (20.0, 0.0, 80.0),
            2 => (13.5, 10.0, 70.0),
            _ => (10.5, 6.0, 48.0),
        };
        let style = Style { size, leading: size * 1.35, x: MARGIN, width: WIDTH - 2.0 * MARGIN };
        if self.y > TOP {
            self.y += before;
        }
        // A heading stands with the beginning of what it is about.
        self.make_room(together);
        let mut runs = Vec::new();
        if let Some(severity) = heading.severity {
            runs.push((
                Face::Bold,
                severity_colour(severity),
                format!("{} ", severity.as_str().to_uppercase()),
            ));
        }
        runs.push((Face::Bold, INK, heading.text.clone()));
        let title = self.faces.printable(&heading.text);
        let title = title.chars().take(200).collect::<String>();
        let title = if title.trim().is_empty() { "–".to_owned() } else { title };
        self.outline.push(Entry {
            level: heading.level,
            title: title.clone(),
            page: self.page,
            y: self.y,
        });
        let texts = self.flow(&runs, style);
        self.y += 3.0;
        let level = NonZeroU16::new(u16::from(heading.level)).unwrap_or(NonZeroU16::MIN);
        node(Tag::Hn(level, Some(title)), texts)
    }

    fn paragraph(&mut self, mood: Option<Mood>, runs: &[Run]) -> Child {
        let size = if mood.is_some() { 12.0 } else { BODY };
        let style = Style { size, leading: size * 1.4, x: MARGIN, width: WIDTH - 2.0 * MARGIN };
        let texts = self.flow(&looks(runs, mood), style);
        self.y += 4.0;
        node(Tag::P, texts)
    }

    /// Sets text to paste, a line a line as far as they fit.
    fn paste(&mut self, text: &str) -> Child {
        let style = Style {
            size: SMALL,
            leading: 11.0,
            x: MARGIN + 10.0,
            width: WIDTH - 2.0 * MARGIN - 10.0,
        };
        let mut texts = Vec::new();
        for line in text.lines() {
            let (page, top) = (self.page, self.y);
            texts.extend(self.flow(&[(Face::Mono, INK, line.to_owned())], style));
            let top = if self.page == page { top } else { TOP };
            let height = self.y - top;
            self.fill(MARGIN + 2.0, top, 1.5, height, LINE);
        }
        self.y += 5.0;
        node(Tag::P, vec![node(Tag::Code, texts)])
    }

    fn list(&mut self, items: &[Vec<Run>]) -> Child {
        let style = Style {
            size: BODY,
            leading: 13.0,
            x: MARGIN + 12.0,
            width: WIDTH - 2.0 * MARGIN - 12.0,
        };
        let mut children = Vec::new();
        for item in items {
            self.make_room(style.leading);
            let (page, y) = (self.page, self.y);
            self.text_at(page, MARGIN + 2.0, y + style.size, Face::Regular, style.size, "•", true);
            let texts = self.flow(&looks(item, None), style);
            self.y += 1.5;
            let body = node(Tag::LBody, texts);
            children.push(node(Tag::LI, vec![body]));
        }
        self.y += 4.0;
        node(Tag::L(ListNumbering::Disc), children)
    }

    fn table(&mut self, table: &Table) -> Child {
        let room = WIDTH - 2.0 * MARGIN;
        let whole: f32 = table.shares.iter().map(|share| f32::from(*share)).sum();
        let mut x = MARGIN;
        let columns = table.shares.iter().map(|share| {
            let width = room * f32::from(*share) / whole;
            let style = Style { size: SMALL, leading: 10.8, x, width: width - GUTTER };
            x += width;
            style
        });
        let columns: Vec<Style> = columns.collect();
        let head: Vec<String> = table.head.iter().map(|cell| (*cell).to_owned()).collect();
        self.make_room(40.0);
        let cells = self.row(&columns, &head, Face::Bold, None);
        let cells = cells.into_iter().map(|texts| node(Tag::TH(TableHeaderScope::Column), texts));
        let row = node(Tag::TR, cells.collect());
        let mut rows = Vec::new();
        for cells in &table.rows {
            let cells = self.row(&columns, cells, Face::Regular, Some(&head));
            let cells = cells.into_iter().enumerate().map(|(at, texts)| match at {
                0 => node(Tag::TH(TableHeaderScope::Row), texts),
                _ => node(Tag::TD, texts),
            });
            rows.push(node(Tag::TR, cells.collect()));
        }
        self.y += 6.0;
        let mut parts = vec![node(Tag::THead, vec![row])];
        if !rows.is_empty() {
            parts.push(node(Tag::TBody, rows));
        }
        node(Tag::Table, parts)
    }

    /// Sets a row line by line, over as many pages as it takes, and returns the text of each cell.
    fn row(
        &mut self,
        columns: &[Style],
        cells: &[String],
        face: Face,
        head: Option<&[String]>,
    ) -> Vec<Vec<Child>> {
        let cells = columns.iter().zip(cells).enumerate().map(|(at, (style, cell))| {
            let face = if at == 0 { Face::Bold } else { face };
            self.broken(&[(face, INK, cell.clone())], style.size, style.width)
        });
        let cells: Vec<Vec<Line>> = cells.collect();
        let count = cells.iter().map(Vec::len).max().unwrap_or(0);
        let leading = columns.first().map_or(0.0, |style| style.leading);
        let height = leading * count as f32;
        if height < (BOTTOM - TOP) / 3.0 && self.y + height > BOTTOM {
            self.turn_page(columns, head);
        }
        let mut texts: Vec<Vec<Child>> = cells.iter().map(|_| Vec::new()).collect();
        for number in 0..count {
            if self.y + leading > BOTTOM {
                self.turn_page(columns, head);
            }
            for (at, (lines, style)) in cells.iter().zip(columns).enumerate() {
                if let Some(line) = lines.get(number) {
                    let set = self.set(line, *style);
                    texts[at].extend(set);
                }
            }
            self.y += leading;
        }
        self.y += 2.5;
        self.fill(MARGIN, self.y - 1.5, WIDTH - 2.0 * MARGIN, 0.5, LINE);
        self.y += 1.0;
        texts
    }

    /// Goes on with a table on the next page, under its head again.
    fn turn_page(&mut self, columns: &[Style], head: Option<&[String]>) {
        self.page += 1;
        self.y = TOP;
        let Some(head) = head else { return };
        for (style, cell) in columns.iter().zip(head) {
            let (page, y) = (self.page, self.y);
            self.text_at(page, style.x, y + style.size, Face::Bold, style.size, cell, true);
        }
        self.y += columns.first().map_or(0.0, |style| style.leading) + 3.0;
    }

    /// Sets text, line below line, and returns its pieces.
    fn flow(&mut self, runs: &[(Face, Colour, String)], style: Style) -> Vec<Child> {
        let mut texts = Vec::new();
        for line in self.broken(runs, style.size, style.width) {
            self.make_room(style.leading);
            texts.extend(self.set(&line, style));
            self.y += style.leading;
        }
        texts
    }

    fn make_room(&mut self, height: f32) {
        if self.y + height > BOTTOM {
            self.page += 1;
            self.y = TOP;
        }
    }

    /// Sets a line at the present place.
    fn set(&mut self, line: &Line, style: Style) -> Vec<Child> {
        let mut x = style.x;
        let baseline = self.y + style.size;
        let mut texts = Vec::new();
        for piece in line {
            texts.push(Child::Text(self.marks.len()));
            self.marks.push(Mark::Text(Text {
                page: self.page,
                x,
                baseline,
                face: piece.face,
                size: style.size,
                colour: piece.colour,
                text: piece.text.clone(),
                is_artifact: false,
            }));
            x += piece.width;
        }
        texts
    }

    #[expect(clippy::too_many_arguments, reason = "they are the place and the look of one text")]
    fn text_at(
        &mut self,
        page: usize,
        x: f32,
        baseline: f32,
        face: Face,
        size: f32,
        text: &str,
        is_artifact: bool,
    ) {
        let text = self.faces.printable(text);
        let text = Text { page, x, baseline, face, size, colour: QUIET, text, is_artifact };
        self.marks.push(Mark::Text(text));
    }

    fn fill(&mut self, x: f32, y: f32, width: f32, height: f32, colour: Colour) {
        let page = self.page;
        self.marks.push(Mark::Box { page, x, y, width, height, colour });
    }

    /// Breaks text at its spaces, and a word that is wider than a line where it must.
    fn broken(&self, runs: &[(Face, Colour, String)], size: f32, room: f32) -> Vec<Line> {
        let mut lines: Vec<Line> = vec![Vec::new()];
        let mut used = 0.0;
        for (face, colour, text) in runs {
            let text = self.faces.printable(text);
            let width = |text: &str| -> f32 {
                text.chars().map(|letter| self.faces.width(letter, *face, size)).sum()
            };
            let push = |lines: &mut Vec<Line>, text: &str, width: f32| {
                let line = lines.last_mut().expect("there is always a line");
                match line.last_mut() {
                    Some(last) if last.face == *face && last.colour == *colour => {
                        last.text.push_str(text);
                        last.width += width;
                    }
                    _ => line.push(Piece {
                        face: *face,
                        colour: *colour,
                        text: text.to_owned(),
                        width,
                    }),
                }
            };
            for word in text.split_inclusive(' ') {
                let bare = width(word.trim_end_matches(' '));
                if used > 0.0 && used + bare > room {
                    lines.push(Vec::new());
                    used = 0.0;
                }
                if bare <= room {
                    let whole = width(word);
                    push(&mut lines, word, whole);
                    used += whole;
                    continue;
                }
                for letter in word.chars() {
                    let wide = self.faces.width(letter, *face, size);
                    if used + wide > room && letter != ' ' {
                        lines.push(Vec::new());
                        used = 0.0;
                    }
                    push(&mut lines, letter.encode_utf8(&mut [0; 4]), wide);
                    used += wide;
                }
            }
        }
        lines
    }
}

fn node(tag: impl Into<TagKind>, children: Vec<Child>) -> Child {
    Child::Node(Node { tag: tag.into(), children })
}

fn looks(runs: &[Run], mood: Option<Mood>) -> Vec<(Face, Colour, String)> {
    let strong = match mood {
        Some(Mood::Good) => GOOD,
        Some(Mood::Fair) => FAIR,
        Some(Mood::Bad) => BAD,
        None => INK,
    };
    let look = |run: &Run| match run.face {
        document::Face::Plain => (Face::Regular, INK, run.text.clone()),
        document::Face::Strong => (Face::Bold, strong, run.text.clone()),
        document::Face::Code => (Face::Mono, INK, run.text.clone()),
    };
    runs.iter().map(look).collect()
}

fn severity_colour(severity: Severity) -> Colour {
    match severity {
        Severity::Critical | Severity::High => BAD,
        Severity::Medium => FAIR,
        Severity::Low | Severity::Info => QUIET,
    }
}

#[cfg(test)]
impl Layout<'_> {
    /// Returns what the tree says from its beginning to its end, a space between elements.
    pub(super) fn read_aloud(&self) -> String {
        fn read(children: &[Child], marks: &[Mark], text: &mut String) {
            for child in children {
                match child {
                    Child::Text(number) => match &marks[*number] {
                        Mark::Text(mark) => text.push_str(&mark.text),
                        Mark::Box { .. } => panic!("a box says nothing"),
                    },
                    Child::Node(node) => {
                        read(&node.children, marks, text);
                        text.push(' ');
                    }
                }
            }
        }
        let mut text = String::new();
        read(&self.tree, &self.marks, &mut text);
        text
    }

    /// Fails when something is drawn outside the margins.
    pub(super) fn assert_inside(&self) {
        for mark in &self.marks {
            let Mark::Text(text) = mark else { continue };
            let letters = text.text.trim_end().chars();
            let width: f32 = letters.map(|one| self.faces.width(one, text.face, text.size)).sum();
            assert!(text.x + width <= WIDTH - MARGIN + 0.5, "{} at {}", text.text, text.x);
            assert!((TOP..=BOTTOM).contains(&text.baseline), "{}", text.text);
        }
    }
}
