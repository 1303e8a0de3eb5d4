use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider};

use crate::escape;

/// A cut of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    Regular,
    Bold,
    Mono,
}

/// The letters that a PDF is printed with.
pub(super) struct Faces {
    regular: Letters,
    bold: Letters,
    mono: Letters,
}

struct Letters {
    font: Font,
    glyphs: Charmap<'static>,
    widths: GlyphMetrics<'static>,
    units: f32,
}

impl Letters {
    fn read(file: &'static [u8]) -> Self {
        let font = Font::new(file.into(), 0).expect("the fonts beside this file can be read");
        let metrics = FontRef::new(file).expect("krilla has just read it");
        let units =
            f32::from(metrics.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
        Self {
            font,
            glyphs: metrics.charmap(),
            widths: metrics.glyph_metrics(Size::unscaled(), LocationRef::default()),
            units,
        }
    }

    /// Returns a letter's glyph and its width, in parts of the size.
    fn glyph(&self, letter: char) -> Option<(u32, f32)> {
        let glyph = self.glyphs.map(letter).filter(|glyph| glyph.to_u32() != 0)?;
        Some((glyph.to_u32(), self.widths.advance_width(glyph)? / self.units))
    }
}

impl Faces {
    pub(super) fn load() -> Self {
        Self {
            regular: Letters::read(include_bytes!("fonts/DejaVuSansCondensed.ttf")),
            bold: Letters::read(include_bytes!("fonts/DejaVuSansCondensed-Bold.ttf")),
            mono: Letters::read(include_bytes!("fonts/DejaVuSansMono.ttf")),
        }
    }

    fn letters(&self, face: Face) -> &Letters {
        match face {
            Face::Regular => &self.regular,
            Face::Bold => &self.bold,
            Face::Mono => &self.mono,
        }
    }

    pub(super) fn font(&self, face: Face) -> Font {
        self.letters(face).font.clone()
    }

    /// Returns text as it is printed: what is not in every face, or must not be printed, as numbers.
    pub(super) fn printable(&self, text: &str) -> String {
        let is_everywhere = |letter| {
            let faces = [&self.regular, &self.bold, &self.mono];
            faces.iter().all(|letters| letters.glyph(letter).is_some())
        };
        let mut printed = String::with_capacity(text.len());
        for letter in escape::terminal(text).chars() {
            match is_everywhere(letter) {
                true => printed.push(letter),
                false => printed.extend(letter.escape_unicode()),
            }
        }
        printed
    }

    /// Returns the width of a printable letter, in points.
    pub(super) fn width(&self, letter: char, face: Face, size: f32) -> f32 {
        self.letters(face).glyph(letter).map_or(0.0, |(_, width)| width * size)
    }

    /// Returns the glyphs of printable text.
    pub(super) fn glyphs(&self, text: &str, face: Face) -> Vec<KrillaGlyph> {
        let letters = self.letters(face);
        let glyph = |(at, letter): (usize, char)| {
            let (glyph, width) = letters.glyph(letter)?;
            let range = at..at + letter.len_utf8();
            Some(KrillaGlyph::new(GlyphId::new(glyph), width, 0.0, 0.0, 0.0, range, None))
        };
        text.char_indices().filter_map(glyph).collect()
    }
}
