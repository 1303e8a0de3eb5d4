use model::Grade;

use super::badge::class;
use crate::{Html, Words};

/// The length of the whole arc: 270 degrees of a circle of radius 68.
const ARC: f64 = 68.0 * 1.5 * std::f64::consts::PI;
const PATH: &str = "M31.9 128.1A68 68 0 1 1 128.1 128.1";

/// Returns the score on an arc of 270 degrees, the letter in its middle.
pub fn gauge(words: Words, grade: Option<Grade>, score: Option<i64>) -> Html {
    let mut html = Html::new();
    let shown = score.unwrap_or(0).clamp(0, 100);
    #[expect(clippy::cast_precision_loss, reason = "0 to 100")]
    let filled = ARC * shown as f64 / 100.0;
    html.raw("<svg class=\"gauge ").raw(grade.map_or("", class));
    html.raw("\" viewBox=\"0 0 160 160\" role=\"img\" aria-label=\"");
    match (grade, score) {
        (Some(grade), Some(score)) => {
            html.text(&words.t2("Grade {}, score {} of 100", grade, score));
        }
        _ => {
            html.text(words.t("No score"));
        }
    }
    html.raw("\"><path class=\"track\" d=\"").raw(PATH).raw("\"/>");
    if shown > 0 {
        html.raw("<path class=\"arc\" stroke-dasharray=\"").text(&format!("{filled:.1} 400"));
        html.raw("\" d=\"").raw(PATH).raw("\"/>");
    }
    html.raw("<text class=\"letter\" x=\"80\" y=\"92\">");
    html.raw(grade.map_or("–", Grade::as_str)).raw("</text>");
    if let Some(score) = score {
        html.raw("<text class=\"score\" x=\"80\" y=\"124\">").text(&score.to_string());
        html.raw("</text>");
    }
    html.raw("</svg>");
    html
}
