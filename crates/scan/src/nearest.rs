use crate::catalogue::catalogue;

/// Longer texts are like no id.
const LONGEST: usize = 64;

/// Returns the id of the check that a text is most like, if it is like one at all.
pub fn nearest_check(text: &str) -> Option<&'static str> {
    let letters: Vec<char> = text.chars().take(LONGEST + 1).collect();
    if letters.len() > LONGEST {
        return None;
    }
    let distances = catalogue().map(|check| (distance(&letters, check.id), check.id));
    let (distance, id) = distances.min()?;
    (distance <= letters.len() / 2).then_some(id)
}

/// The edits between two texts (Levenshtein).
fn distance(text: &[char], other: &str) -> usize {
    let mut row: Vec<usize> = (0..=text.len()).collect();
    for (at, letter) in other.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, have) in text.iter().enumerate() {
            let replaced = diagonal + usize::from(*have != letter);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[text.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        assert_eq!(distance(&letters("kitten"), "sitting"), 3);
        assert_eq!(distance(&letters(""), "abc"), 3);
        assert_eq!(distance(&letters("abc"), "abc"), 0);
    }

    #[test]
    fn a_misspelt_id_finds_its_check() {
        assert_eq!(nearest_check("hsts.mising"), Some("hsts.missing"));
        assert_eq!(nearest_check("dmarc-missing"), Some("dmarc.missing"));
        assert_eq!(nearest_check("x"), None);
        assert_eq!(nearest_check(&"hsts".repeat(1_000)), None);
    }
}
