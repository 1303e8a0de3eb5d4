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

/// What tells scores before a time from those after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub at: Timestamp,
    pub text: String,
}

const HEIGHT: f64 = 200.0;
const TOP: f64 = 8.0;
const BOTTOM: f64 = 28.0;
const LEFT: f64 = 48.0;
const RIGHT: f64 = 12.0;
const BANDS: [(i64, &str); 4] = [(90, "A 90"), (75, "B 75"), (55, "C 55"), (35, "D 35")];

/// Returns the chart of scores, oldest first, with its table. Marks outside its time are left out.
pub fn scores(words: Words, points: &[Point], marks: &[Mark]) -> Html {
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
    let marks = marks.iter().filter(|mark| (first.at..=last.at).contains(&mark.at));
    let marks: Vec<&Mark> = marks.collect();
    html.raw("<figure class=\"chart\">");
    for (class, width) in [("wide", 720.0), ("small", 240.0)] {
        drawing(&mut html, words, class, width, &said, points, &marks);
    }
    if !marks.is_empty() {
        html.raw("<p class=\"hint\">");
        html.text(words.t("Dashed: the checks changed, or a risk was accepted. What and when stands in the table."));
        html.raw("</p>");
    }
    html.raw("<details><summary>").text(words.t("Show as a table"));
    html.raw("</summary><table><thead><tr><th scope=\"col\">").text(words.t("Time"));
    html.raw("</th><th scope=\"col\">").text(words.t("Score")).raw("</th></tr></thead><tbody>");
    let scores = points.iter().map(|point| (point.at, point.score.to_string()));
    let mut rows: Vec<_> =
        marks.iter().map(|mark| (mark.at, mark.text.clone())).chain(scores).collect();
    // Stable: what changed at the time of a score comes before it.
    rows.sort_by_key(|(at, _)| *at);
    for (at, said) in rows {
        html.raw("<tr><th scope=\"row\">").text(&words.exact(at)).raw("</th><td>");
        html.text(&said).raw("</td></tr>");
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
    marks: &[&Mark],
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
    for mark in marks {
        html.raw("<path class=\"change\" d=\"M").text(&format!("{:.1} {TOP}", x(mark.at)));
        html.raw("V").text(&(HEIGHT - BOTTOM).to_string()).raw("\"><title>");
        html.text(&format!("{}: {}", words.exact(mark.at), mark.text)).raw("</title></path>");
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
            scores(Words::default(), &points.collect::<Vec<_>>(), &[]).to_string()
        };
        assert!(chart(&[62, 80, 87]).contains("aria-label=\"The score rose from 62 to 87\""));
        assert!(chart(&[87, 62]).contains("aria-label=\"The score fell from 87 to 62\""));
        assert!(chart(&[62]).contains("aria-label=\"The score stayed at 62\""));
        assert!(chart(&[]).contains("No scores yet."));
    }

    #[test]
    fn what_changed_is_marked_where_scores_are() {
        let at = |day: i64| Timestamp(day * model::DAY_MS);
        let points = [Point { at: at(1), score: 62 }, Point { at: at(3), score: 80 }];
        let mark = |day: i64| Mark { at: at(day), text: format!("<{day}>") };
        let chart = scores(Words::default(), &points, &[mark(2), mark(3), mark(4)]).to_string();
        assert_eq!(chart.matches("class=\"change\"").count(), 4, "two in either size");
        let table = &chart[chart.find("<tbody>").unwrap()..];
        let order: Vec<_> =
            ["62", "&lt;2&gt;", "&lt;3&gt;", "80"].map(|text| table.find(text).unwrap()).into();
        assert!(order.is_sorted(), "{table}");
        assert!(!table.contains("4&gt;"), "after the last score");
    }
}
