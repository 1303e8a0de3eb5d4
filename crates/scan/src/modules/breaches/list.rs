use model::Timestamp;
use serde::Deserialize;

use super::Breach;

/// Breaches of one domain that are kept.
const MOST_BREACHES: usize = 50;
/// Kinds of data of one breach that are kept.
const MOST_DATA: usize = 20;
/// Characters of a title that are kept.
const LONGEST: usize = 100;

/// One breach as Have I Been Pwned writes it (API version 3, "the breach model").
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Listed {
    name: String,
    title: String,
    domain: String,
    breach_date: String,
    added_date: String,
    pwn_count: Option<u64>,
    data_classes: Vec<String>,
    is_verified: bool,
    is_fabricated: bool,
    is_spam_list: bool,
    is_retired: bool,
}

impl Default for Listed {
    fn default() -> Self {
        Self {
            name: String::new(),
            title: String::new(),
            domain: String::new(),
            breach_date: String::new(),
            added_date: String::new(),
            pwn_count: None,
            data_classes: Vec::new(),
            // A file of the operator's own need not say so.
            is_verified: true,
            is_fabricated: false,
            is_spam_list: false,
            is_retired: false,
        }
    }
}

/// Reads a list and returns the breaches of a domain and of names below it; nothing when it is no
/// such list.
pub(crate) fn read(text: &[u8], domain: &str) -> Option<Vec<Breach>> {
    let listed: Vec<Listed> = serde_json::from_slice(text).ok()?;
    let ours = listed.into_iter().filter(|breach| {
        let is_real = !breach.is_fabricated && !breach.is_spam_list && !breach.is_retired;
        is_real && belongs(&breach.domain.to_ascii_lowercase(), domain)
    });
    Some(ours.take(MOST_BREACHES).map(breach).collect())
}

fn belongs(name: &str, domain: &str) -> bool {
    name == domain || name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

fn breach(listed: Listed) -> Breach {
    let short = |text: String| text.chars().take(LONGEST).collect::<String>();
    let title = if listed.title.is_empty() { listed.name } else { listed.title };
    let day = Timestamp::parse(&format!("{}T00:00:00Z", listed.breach_date));
    Breach {
        title: short(title),
        domain: listed.domain.to_ascii_lowercase(),
        date: day.or_else(|| Timestamp::parse(&listed.added_date)),
        accounts: listed.pwn_count,
        data: listed.data_classes.into_iter().take(MOST_DATA).map(short).collect(),
        is_verified: listed.is_verified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_read_and_what_is_no_breach_is_left_out() {
        let text = r#"[
            {"Name": "Shop", "Title": "The Shop", "Domain": "Shop.example", "PwnCount": 12,
             "BreachDate": "2025-02-03", "AddedDate": "2025-03-01T10:00:00Z",
             "Description": "…", "DataClasses": ["Passwords"], "IsVerified": true},
            {"Name": "Forum", "Domain": "forum.shop.example", "IsVerified": false},
            {"Name": "A", "Domain": "shop.example", "IsFabricated": true},
            {"Name": "B", "Domain": "shop.example", "IsSpamList": true},
            {"Name": "C", "Domain": "shop.example", "IsRetired": true},
            {"Name": "D", "Domain": "myshop.example"},
            {"Name": "E", "Domain": ""}
        ]"#;
        let read = read(text.as_bytes(), "shop.example").unwrap();
        let titles: Vec<_> = read.iter().map(|breach| breach.title.as_str()).collect();
        assert_eq!(titles, ["The Shop", "Forum"]);
        assert_eq!(read[0].date.unwrap().to_string(), "2025-02-03T00:00:00.000Z");
        assert_eq!((read[0].accounts, read[1].is_verified), (Some(12), false));
    }

    #[test]
    fn something_else_is_no_list() {
        for text in ["", "<html>", "{}", r#"[{"Name": 1}]"#] {
            assert_eq!(read(text.as_bytes(), "shop.example"), None, "{text}");
        }
        assert_eq!(read(b"[]", "shop.example"), Some(Vec::new()));
    }

    #[test]
    fn a_long_list_stays_short() {
        let one = format!(r#"{{"Title": "{}", "Domain": "shop.example"}}"#, "x".repeat(1_000));
        let text = format!("[{}]", vec![one; 200].join(","));
        let read = read(text.as_bytes(), "shop.example").unwrap();
        assert_eq!((read.len(), read[0].title.len()), (MOST_BREACHES, LONGEST));
    }
}
