//! Stacked bars of requests by outcome, drawn twice: for wide and for narrow places, with the same
//! size of text. Every number stands in the table below the drawing.

use crate::{Html, Words};

/// The requests of one stretch of time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bar {
    /// Below the bar, as in `24 Nov`.
    pub label: String,
    pub accepted: i64,
    pub limited: i64,
    pub refused: i64,
    /// Whether it is marked as unusually high.
    pub is_marked: bool,
}

impl Bar {
    fn total(&self) -> i64 {
        self.accepted + self.limited + self.refused
    }

    /// Returns the numbers of the parts that have a name, with it.
    fn parts(&self, names: [Option<&'static str>; 3]) -> impl Iterator<Item = (i64, &'static str)> {
        let numbers = [self.accepted, self.limited, self.refused];
        numbers.into_iter().zip(names).filter_map(|(number, name)| Some((number, name?)))
    }
}

const HEIGHT: f64 = 200.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 28.0;
const LEFT: f64 = 48.0;

/// Returns the chart of requests with its legend and its table. `id` is unique on the page.
pub fn bars(words: Words, id: &'static str, title: &str, bars: &[Bar]) -> Html {
    let names =
        [Some(words.t("Accepted")), Some(words.t("Rate limited")), Some(words.t("Refused"))];
    stacked(words, id, title, names, bars)
}

/// Returns the chart of something else, with the names of its parts from the lowest up. A part
/// without a name is not there.
pub fn stacked(
    words: Words,
    id: &'static str,
    title: &str,
    names: [Option<&'static str>; 3],
    bars: &[Bar],
) -> Html {
    let mut html = Html::new();
    let most = bars.iter().map(Bar::total).max().unwrap_or(0);
    let sum = |part: fn(&Bar) -> i64| words.number(bars.iter().map(part).sum::<i64>());
    let sums = [sum(|bar| bar.accepted), sum(|bar| bar.limited), sum(|bar| bar.refused)];
    let parts =
        names.iter().zip(sums).filter_map(|(name, sum)| Some(format!("{} {sum}", (*name)?)));
    let said = format!("{title}: {}", parts.collect::<Vec<_>>().join(", "));
    html.raw("<figure class=\"chart\">");
    for (class, width) in [("wide", 720.0), ("small", 240.0)] {
        drawing(&mut html, words, (id, class), (&said, names), bars, (width, most));
    }
    if most == 0 {
        html.raw("<p class=\"muted\">").text(words.t("Nothing happened in this time.")).raw("</p>");
    }
    legend(&mut html, words, names, bars.iter().any(|bar| bar.is_marked));
    html.raw("<details><summary>").text(words.t("Show as a table"));
    html.raw("</summary><table><thead><tr>");
    for head in [Some(words.t("Time"))].iter().chain(&names).flatten() {
        html.raw("<th scope=\"col\">").text(head).raw("</th>");
    }
    html.raw("</tr></thead><tbody>");
    for bar in bars {
        html.raw("<tr><th scope=\"row\">").text(&bar.label).raw("</th>");
        for (number, _) in bar.parts(names) {
            html.raw("<td>").text(&words.number(number)).raw("</td>");
        }
        html.raw("</tr>");
    }
    html.raw("</tbody></table></details></figure>");
    html
}

fn drawing(
    html: &mut Html,
    words: Words,
    (id, class): (&'static str, &'static str),
    (title, names): (&str, [Option<&'static str>; 3]),
    bars: &[Bar],
    (width, most): (f64, i64),
) {
    let ceiling = ceiling(most);
    html.raw("<svg class=\"").raw(class).raw("\" viewBox=\"0 0 ").text(&width.to_string());
    html.raw(" 200\" role=\"img\" aria-label=\"").text(title).raw("\">");
    html.raw("<defs><pattern id=\"").raw(id).raw("-").raw(class);
    html.raw("\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">");
    html.raw("<path class=\"limited-ink\" d=\"M2 0v6\"/></pattern></defs>");
    let y = |value: i64| TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - share(value, ceiling));
    for tick in [0, ceiling / 2, ceiling] {
        let at = y(tick);
        html.raw("<path class=\"grid\" d=\"M").text(&format!("{LEFT} {at:.1}H{width}")).raw("\"/>");
        html.raw("<text text-anchor=\"end\" x=\"42\" y=\"").text(&format!("{:.1}", at + 4.0));
        html.raw("\">").text(&words.number(tick)).raw("</text>");
    }
    let step = (width - LEFT) / f64::from(u32::try_from(bars.len().max(1)).unwrap_or(u32::MAX));
    // As many labels as fit beside each other.
    let every = (56.0 / step).ceil().max(1.0);
    for (number, bar) in (0_u32..).zip(bars) {
        let x = LEFT + step * f64::from(number) + step * 0.1;
        let thick = (step * 0.8).max(1.0);
        let told = bar.parts(names).map(|(number, name)| format!("{number} {name}"));
        let told = told.collect::<Vec<_>>().join(", ");
        html.raw("<g><title>").text(&format!("{}: {told}", bar.label));
        if bar.is_marked {
            html.text(": ").text(words.t("Many more than usual"));
        }
        html.raw("</title>");
        let mut below = 0;
        let parts =
            [(bar.accepted, "accepted"), (bar.limited, "limited"), (bar.refused, "refused")];
        for (value, part) in parts {
            if value > 0 {
                let (top, bottom) = (y(below + value), y(below));
                let tall = (bottom - top - if below > 0 { 1.0 } else { 0.0 }).max(1.0);
                html.raw("<rect");
                match part {
                    "limited" => {
                        html.raw(" fill=\"url(#").raw(id).raw("-").raw(class).raw(")\"");
                    }
                    part => {
                        html.raw(" class=\"").raw(part).raw("\"");
                    }
                }
                html.text(" ").raw("x=\"").text(&format!("{x:.1}")).raw("\" y=\"");
                html.text(&format!("{top:.1}")).raw("\" width=\"").text(&format!("{thick:.1}"));
                html.raw("\" height=\"").text(&format!("{tall:.1}")).raw("\"/>");
            }
            below += value;
        }
        if bar.is_marked {
            let (middle, tip) = (x + thick / 2.0, (y(below) - 2.0).max(8.0));
            html.raw("<path class=\"mark\" d=\"M").text(&format!("{middle:.1} {tip:.1}"));
            html.raw("l-4-7h8z\"/>");
        }
        html.raw("</g>");
        if f64::from(number) % every == 0.0 {
            // A label below the last bar would stand beyond the edge.
            let middle = x + thick / 2.0;
            let (anchor, at) =
                if middle + 20.0 > width { ("end", width) } else { ("middle", middle) };
            html.raw("<text text-anchor=\"").raw(anchor).raw("\" x=\"");
            html.text(&format!("{at:.1}")).raw("\" y=\"192\">");
            html.text(&bar.label).raw("</text>");
        }
    }
    html.raw("</svg>");
}

fn legend(html: &mut Html, words: Words, names: [Option<&'static str>; 3], has_marks: bool) {
    html.raw("<ul class=\"key\">");
    for (class, name) in ["accepted", "limited", "refused"].into_iter().zip(names) {
        let Some(word) = name else { continue };
        html.raw("<li><svg viewBox=\"0 0 14 14\" aria-hidden=\"true\">");
        match class {
            "limited" => {
                html.raw("<path class=\"limited-ink\" d=\"M0 4 4 0M0 14 14 0M10 14l4-4\"/>")
            }
            class => html.raw("<rect class=\"").raw(class).raw("\" width=\"14\" height=\"14\"/>"),
        };
        html.raw("</svg>").text(word).raw("</li>");
    }
    if has_marks {
        html.raw("<li><svg viewBox=\"0 0 14 14\" aria-hidden=\"true\">");
        html.raw("<path class=\"mark\" d=\"M7 12 1 2h12z\"/></svg>");
        html.text(words.t("Many more than usual")).raw("</li>");
    }
    html.raw("</ul>");
}

/// Returns a round number at or above the largest value: the end of the axis.
fn ceiling(most: i64) -> i64 {
    let mut step = 1_i64;
    loop {
        for factor in [2, 4, 10] {
            let end = step.saturating_mul(factor);
            if end >= most || end == i64::MAX {
                return end;
            }
        }
        step = step.saturating_mul(10);
    }
}

#[expect(clippy::cast_precision_loss, reason = "a drawing is not that exact")]
fn share(value: i64, of: i64) -> f64 {
    value as f64 / of.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_ends_in_a_round_number() {
        for (most, end) in [(0, 2), (2, 2), (3, 4), (7, 10), (11, 20), (9421, 10_000)] {
            assert_eq!(ceiling(most), end, "{most}");
        }
        assert_eq!(ceiling(i64::MAX), i64::MAX);
    }

    #[test]
    fn every_number_stands_in_the_table_and_labels_are_only_text() {
        let bar = Bar { label: "<b>".to_owned(), accepted: 1200, limited: 3, ..Bar::default() };
        let html = bars(Words::default(), "x", "Requests", std::slice::from_ref(&bar)).to_string();
        assert!(html.contains("<td>1,200</td><td>3</td><td>0</td>"), "{html}");
        assert!(!html.contains("<b>") && html.contains("&lt;b&gt;"));
        assert!(!html.contains("style=") && !html.contains("class=\"mark\""));
        let name = "aria-label=\"Requests: Accepted 1,200, Rate limited 3, Refused 0\"";
        assert!(html.contains(name), "{html}");
        let marked = bars(Words::default(), "x", "Requests", &[Bar { is_marked: true, ..bar }]);
        assert_eq!(marked.to_string().matches("class=\"mark\"").count(), 3, "twice, and the key");
    }
}
