/// Statuses that are kept.
const MOST: usize = 24;
/// Characters of one that are kept.
const LONGEST: usize = 60;

/// Brings the statuses of RDAP (`client transfer prohibited`) and of EPP, as WHOIS shows them
/// (`clientTransferProhibited https://…`), to the words of RDAP (RFC 8056, section 2).
pub(super) fn words<'t>(statuses: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for status in statuses.map(word).filter(|status| !status.is_empty()) {
        if words.len() < MOST && !words.contains(&status) {
            words.push(status);
        }
    }
    words
}

fn word(status: &str) -> String {
    let status = status.trim();
    let status = status.split_once("http").map_or(status, |(status, _)| status);
    let status = status.trim_end_matches([' ', '(', '-']);
    let mut words = String::new();
    let mut after_small = false;
    for letter in status.chars().take(LONGEST) {
        if letter.is_ascii_uppercase() && after_small {
            words.push(' ');
        }
        after_small = letter.is_ascii_lowercase();
        words.push(letter.to_ascii_lowercase());
    }
    match words.as_str() {
        "ok" => "active".to_owned(),
        "linked" => "associated".to_owned(),
        _ => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_one_word() {
        let read = words(
            [
                "clientTransferProhibited https://icann.org/epp#clientTransferProhibited",
                "client transfer prohibited",
                "ok",
                "redemptionPeriod",
                "serverHold (https://www.icann.org/epp#serverHold)",
                "",
            ]
            .into_iter(),
        );
        assert_eq!(
            read,
            ["client transfer prohibited", "active", "redemption period", "server hold"]
        );
    }

    #[test]
    fn many_and_long_ones_stay_few_and_short() {
        let many: Vec<String> = (0..100).map(|n| format!("{n}{}", "x".repeat(500))).collect();
        let kept = words(many.iter().map(String::as_str));
        assert_eq!((kept.len(), kept[0].len()), (MOST, LONGEST));
    }
}
