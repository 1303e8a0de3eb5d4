use std::collections::BTreeSet;
use std::time::Duration;

use crate::check::{Missing, Seen};
use crate::net::{Net, ProviderRequest};

/// Names of one answer that are kept.
const MOST_NAMES: usize = 200;
/// Bytes of an answer that are read.
const MOST_BYTES: usize = 512 * 1024;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Asks the operator's certificate transparency provider for the names below a domain.
///
/// # Errors
///
/// [`Missing`] when there is no provider, or when it does not answer with JSON that holds names.
pub(super) async fn names(net: &Net, domain: &str) -> Seen<BTreeSet<String>> {
    let template = net.providers().certificate_transparency.as_deref();
    let template =
        template.ok_or_else(|| Missing::not_configured("providers.certificate_transparency"))?;
    let (host, response) = net
        .ask_provider(&ProviderRequest {
            setting: "providers.certificate_transparency",
            url: &template.replace("{domain}", domain),
            accept: "application/json",
            secret: None,
            most_bytes: MOST_BYTES,
            patience: PATIENCE,
        })
        .await?;
    match (response.status, read(&String::from_utf8_lossy(&response.body), domain)) {
        (200, Some(names)) => Ok(names),
        (200, None) => Err(Missing(format!("the provider {host} does not answer with names"))),
        (status, _) => Err(Missing(format!("the provider {host} answers with status {status}"))),
    }
}

/// Reads the names out of an answer as crt.sh gives it: a list of objects with `name_value`, which
/// holds names line by line. The answer may be cut off, so it is read for what is there.
pub(crate) fn read(text: &str, domain: &str) -> Option<BTreeSet<String>> {
    const FIELD: &str = "\"name_value\":";
    let text = text.trim_start();
    text.starts_with('[').then_some(())?;
    let values = text.split(FIELD).skip(1).filter_map(|rest| {
        let mut value = serde_json::Deserializer::from_str(rest).into_iter::<String>();
        value.next()?.ok()
    });
    let mut names = BTreeSet::new();
    for value in values {
        for name in value.lines().map(|line| line.trim().to_ascii_lowercase()) {
            if names.len() < MOST_NAMES && is_below(&name, domain) {
                names.insert(name);
            }
        }
    }
    Some(names)
}

/// Says whether a name is one below a domain, and no wildcard.
pub(crate) fn is_below(name: &str, domain: &str) -> bool {
    let labels = name.strip_suffix(domain).and_then(|rest| rest.strip_suffix('.'));
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    labels.is_some_and(|labels| !labels.is_empty() && labels.chars().all(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_even_when_it_is_cut_off() {
        let text = r#"[{"id":1,"name_value":"A.shop.test\n*.shop.test\nb.shop.test"},
            {"name_value":"c.other.test"},{"name_value":"shop.test"},{"name_value":"d.shop.te"#;
        let names: Vec<_> = read(text, "shop.test").unwrap().into_iter().collect();
        assert_eq!(names, ["a.shop.test", "b.shop.test"]);
        assert_eq!(read("[]", "shop.test"), Some(BTreeSet::new()));
        assert_eq!(read("<html>", "shop.test"), None);
    }

    #[test]
    fn only_names_below_the_domain_count() {
        for name in ["shop.test", ".shop.test", "*.shop.test", "a b.shop.test", "myshop.test"] {
            assert!(!is_below(name, "shop.test"), "{name}");
        }
        assert!(is_below("a.b.shop.test", "shop.test"));
    }
}
