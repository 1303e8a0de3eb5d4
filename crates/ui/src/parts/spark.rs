use crate::{Html, Words};

/// Returns a small line without axes: how a number went, oldest first.
pub fn spark(words: Words, values: &[i64]) -> Html {
    let mut html = Html::new();
    let (first, last) = (values.first().unwrap_or(&0), values.last().unwrap_or(&0));
    let most = values.iter().copied().max().unwrap_or(0).max(1);
    html.raw("<svg class=\"spark\" viewBox=\"0 0 112 28\" role=\"img\" aria-label=\"");
    let went = words.t2("From {} to {}", words.number(*first), words.number(*last));
    let top = words.t1("highest {}", words.number(values.iter().copied().max().unwrap_or(0)));
    html.text(&format!("{went}, {top}"));
    html.raw("\"><path class=\"series\" d=\"M");
    let step = 108.0 / f64::from(u32::try_from(values.len().max(2) - 1).unwrap_or(u32::MAX));
    #[expect(clippy::cast_precision_loss, reason = "a drawing is not that exact")]
    let points = (0_u32..).zip(values).map(|(at, value)| {
        format!(
            "{:.1} {:.1}",
            2.0 + step * f64::from(at),
            26.0 - 24.0 * *value as f64 / most as f64
        )
    });
    let points: Vec<String> = points.collect();
    html.text(&if points.is_empty() { "2 26H110".to_owned() } else { points.join("L") });
    html.raw("\"/></svg>");
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_name_has_the_first_the_last_and_the_highest() {
        let name = "aria-label=\"From 62 to 87, highest 1,200\"";
        assert!(spark(Words::default(), &[62, 1_200, 87]).to_string().contains(name));
        assert!(spark(Words::default(), &[]).to_string().contains("From 0 to 0, highest 0"));
    }
}
