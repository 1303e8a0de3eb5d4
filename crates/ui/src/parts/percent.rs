use crate::{Lang, Words};

/// Returns a share as `0.4%`, rounded to a tenth; what is there is never shown as nothing. A dash
/// when there is nothing to have a share of.
pub fn percent(words: Words, part: i64, whole: i64) -> String {
    if whole <= 0 {
        return "–".to_owned();
    }
    let tenths = (part.saturating_mul(1_000) + whole / 2) / whole;
    let tenths = if part > 0 { tenths.max(1) } else { tenths };
    let (point, sign) = match words.lang {
        Lang::English => (".", "%"),
        Lang::German => (",", "\u{a0}%"),
    };
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole}{sign}"),
        (whole, part) => format!("{whole}{point}{part}{sign}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_to_a_tenth() {
        let of = |part, whole| percent(Words::default(), part, whole);
        assert_eq!([of(0, 0), of(0, 9), of(7, 100), of(1, 241)], ["–", "0%", "7%", "0.4%"]);
        assert_eq!((of(1, 1_000_000), of(3, 3)), ("0.1%".to_owned(), "100%".to_owned()));
        assert_eq!(percent(Words::from(Lang::German), 1, 241), "0,4\u{a0}%");
    }
}
