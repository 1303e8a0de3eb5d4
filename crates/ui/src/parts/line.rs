//! Scores over time: a line over the bands of the grades, 0 to 100.

use model::Timestamp;

use crate::{Html, Words};

/// A score at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    pub at: Timestamp,
    /// 0 to 100.
    pub score: i64,
}

const HEIGHT: f64 = 200.0;
const TOP: f64 = 8.0;
const BOTTOM: f64 = 28.0;
const LEFT: f64 = 48.0;
const RIGHT: f64 = 12.0;
const BANDS: [(i64, &str); 4] = [(90, "A 90"), (75, "B 75"), (55, "C 55"), (35, "D 35")];

/// Returns the chart of scores, oldest first, with its table.
pub fn scores(words: Words, points: &[Point]) -> Html {
    let mut html = Html::new();
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        html.raw("<p class=\"muted\">").text(words.t("No scores yet.")).raw("</p>");
        return html;
    };
    let said = match last.score - first.score {
        0 => words.t1("The score stayed at {}", last.score),
        1.. => words.t2("The score rose from {} to {}", first.score, last.score),
        _ => words.t2("The score fell from {} to {}", first.score, last.score),
    };
    html.raw("<figure class=\"chart\">");
    for (class, width) in [("wide", 720.0), ("small", 240.0)] {
        drawing(&mut html, words, class, width, &said, points);
    }
    html.raw("<details><summary>").text(words.t("Show as a table"));
    html.raw("</summary><table><thead><tr><th scope=\"col\">").text(words.t("Time"));
    html.raw("</th><th scope=\"col\">").text(words.t("Score")).raw("</th></tr></thead><tbody>");
    for point in points {
        html.raw("<tr><th scope=\"row\">").text(&words.exact(point.at)).raw("</th><td>");
        html.text(&point.score.to_string()).raw("</td></tr>");
    }
    html.raw("</tbody></table></details></figure>");
    html
}

#[expect(clippy::cast_precision_loss, reason = "a drawing is not that exact")]
fn drawing(
    html: &mut Html,
    words: Words,
    class: &'static str,
    width: f64,
    said: &str,
    points: &[Point],
) {
    let y = |score: i64| TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - score.clamp(0, 100) as f64 / 100.0);
    let begin = points.first().map_or(0, |point| point.at.0);
    let span = points.last().map_or(1, |point| (point.at.0 - begin).max(1));
    let x = |at: Timestamp| LEFT + (width - LEFT - RIGHT) * (at.0 - begin) as f64 / span as f64;
    html.raw("<svg class=\"").raw(class).raw("\" viewBox=\"0 0 ").text(&width.to_string());
    html.raw(" 200\" role=\"img\" aria-label=\"").text(said).raw("\">");
    for (score, label) in BANDS {
        let at = y(score);
        html.raw("<path class=\"grid\" d=\"M").text(&format!("{LEFT} {at:.1}H{width}")).raw("\"/>");
        html.raw("<text text-anchor=\"end\" x=\"42\" y=\"").text(&format!("{:.1}", at + 4.0));
        html.raw("\">").raw(label).raw("</text>");
    }
    let path: Vec<String> =
        points.iter().map(|point| format!("{:.1} {:.1}", x(point.at), y(point.score))).collect();
    html.raw("<path class=\"series\" d=\"M").text(&path.join("L")).raw("\"/>");
    for point in points {
        html.raw("<circle class=\"dot\" r=\"3.5\" cx=\"").text(&format!("{:.1}", x(point.at)));
        html.raw("\" cy=\"").text(&format!("{:.1}", y(point.score))).raw("\"><title>");
        html.text(&format!("{}: {}", words.exact(point.at), point.score)).raw("</title></circle>");
    }
    if let (Some(first), Some(last)) = (points.first(), points.last()) {
        html.raw("<text x=\"48\" y=\"192\">").text(&words.date(first.at)).raw("</text>");
        if last.at != first.at {
            html.raw("<text text-anchor=\"end\" x=\"").text(&(width - RIGHT).to_string());
            html.raw("\" y=\"192\">").text(&words.date(last.at)).raw("</text>");
        }
    }
    html.raw("</svg>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_chart_is_what_it_shows() {
        let chart = |went: &[i64]| {
            let points = (0_i64..)
                .zip(went)
                .map(|(day, score)| Point { at: Timestamp(day * model::DAY_MS), score: *score });
            scores(Words::default(), &points.collect::<Vec<_>>()).to_string()
        };
        assert!(chart(&[62, 80, 87]).contains("aria-label=\"The score rose from 62 to 87\""));
        assert!(chart(&[87, 62]).contains("aria-label=\"The score fell from 87 to 62\""));
        assert!(chart(&[62]).contains("aria-label=\"The score stayed at 62\""));
        assert!(chart(&[]).contains("No scores yet."));
    }
}
