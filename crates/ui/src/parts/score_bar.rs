use model::Grade;

use super::badge::class;
use crate::{Html, Words};

/// Returns a score as a number with a small bar; a dash where there is none.
pub fn score_bar(words: Words, score: Option<i64>) -> Html {
    let mut html = Html::new();
    let Some(score) = score.and_then(|score| u8::try_from(score).ok()) else {
        html.raw("<span class=\"hidden\">").text(words.t("Not judged"));
        html.raw("</span><span aria-hidden=\"true\">–</span>");
        return html;
    };
    html.raw("<span class=\"score-bar ").raw(class(Grade::of(score)));
    html.raw(
        "\"><svg viewBox=\"0 0 100 8\" aria-hidden=\"true\"><path class=\"track\" d=\"M0 4H100\"/>",
    );
    html.raw("<path class=\"arc\" d=\"M0 4H").text(&score.min(100).to_string());
    html.raw("\"/></svg> ").text(&score.to_string()).raw("</span>");
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_judged_is_not_zero() {
        let none = score_bar(Words::default(), None).to_string();
        assert!(none.contains("Not judged") && !none.contains('0'), "{none}");
        assert!(score_bar(Words::default(), Some(60)).to_string().contains("M0 4H60"));
    }
}
