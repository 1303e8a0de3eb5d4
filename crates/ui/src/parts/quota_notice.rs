use crate::{Notice, Tone, Words};

/// Percent of the month's scans from which it is said.
const NEARLY: i64 = 80;

/// Returns what is to be said on top of a page when the month's scans are nearly or wholly used up.
/// `anew` says when they start anew, as in `in 6 days`.
pub fn quota_notice(words: Words, used: i64, limit: i64, anew: &str) -> Option<Notice> {
    let of = words.t2("{} of {}", words.number(used), words.number(limit));
    let (tone, said) = match i128::from(used) * 100 {
        hundredth if hundredth >= i128::from(limit) * 100 => {
            (Tone::Problem, words.t2("Monthly scans used up: {}. They start anew {}.", of, anew))
        }
        hundredth if hundredth >= i128::from(limit) * i128::from(NEARLY) => (
            Tone::Warning,
            words.t2("Most of the monthly scans are used: {}. They start anew {}.", of, anew),
        ),
        _ => return None,
    };
    let link = Some((words.t("Usage & Plan").to_owned(), "/settings/usage".to_owned()));
    Some(Notice { tone, text: said, link })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_fifths_are_told_and_the_end() {
        let tone = |used| quota_notice(Words::default(), used, 10, "in 2 days").map(|one| one.tone);
        assert_eq!([tone(0), tone(7)], [None, None]);
        assert_eq!([tone(8), tone(9)], [Some(Tone::Warning); 2]);
        assert_eq!([tone(10), tone(12)], [Some(Tone::Problem); 2]);
        let said = quota_notice(Words::default(), 8, 10, "in 2 days").unwrap().text;
        assert!(said.contains("8 of 10") && said.ends_with("in 2 days."), "{said}");
        assert!(quota_notice(Words::default(), 5, i64::MAX, "").is_none());
    }
}
