//! The names that are most easily taken for another: the same at a glance first, then slips of the
//! fingers, then the same name elsewhere. Always the same ones in the same order, since a report
//! must be comparable with the next.

use std::collections::BTreeSet;

/// Names that are made.
const MOST: usize = 16;
/// Shorter names have honest neighbours everywhere.
const SHORTEST: usize = 4;

/// What looks alike in most typefaces.
const ALIKE: &[(&str, &str)] = &[
    ("o", "0"),
    ("l", "1"),
    ("i", "1"),
    ("m", "rn"),
    ("rn", "m"),
    ("w", "vv"),
    ("d", "cl"),
    ("l", "i"),
    ("i", "l"),
    ("0", "o"),
    ("1", "l"),
    ("u", "v"),
    ("g", "q"),
];

/// Rows of keys.
const ROWS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

/// Suffixes that people try first.
const SUFFIXES: &[&str] = &["com", "net", "org", "co", "info"];

/// Returns look-alikes of a registrable name, at most 16; none when it is too short.
pub(super) fn candidates(domain: &str) -> Vec<String> {
    let Some((label, suffix)) = domain.split_once('.') else { return Vec::new() };
    if label.len() < SHORTEST || !label.is_ascii() || label.starts_with("xn--") {
        return Vec::new();
    }
    let here = |labels: Vec<String>| -> Vec<String> {
        labels.into_iter().map(|label| format!("{label}.{suffix}")).collect()
    };
    let elsewhere = SUFFIXES.iter().map(|other| format!("{label}.{other}"));
    let mut ways = [
        here(alike(label)),
        here(transposed(label)),
        here(omitted(label)),
        elsewhere.collect(),
        here(neighbours(label)),
        here(hyphens(label)),
        here(doubled(label)),
    ]
    .map(Vec::into_iter);
    let mut made = Vec::new();
    let mut seen = BTreeSet::from([domain.to_owned()]);
    // A few of each way, since one of them alone could fill the list.
    loop {
        let mut any = false;
        for way in &mut ways {
            let next = way.find(|name| is_name(name) && seen.insert(name.clone()));
            any |= next.is_some();
            made.extend(next);
            if made.len() == MOST {
                return made;
            }
        }
        if !any {
            return made;
        }
    }
}

fn is_name(name: &str) -> bool {
    let label = name.split('.').next().unwrap_or_default();
    (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
}

fn alike(label: &str) -> Vec<String> {
    let swap =
        |(from, to): &(&str, &str)| label.contains(from).then(|| label.replacen(from, to, 1));
    ALIKE.iter().filter_map(swap).collect()
}

/// Inner letters first: nobody misses the first one.
fn inner(label: &str) -> impl Iterator<Item = usize> {
    (1..label.len()).chain(std::iter::once(0))
}

fn transposed(label: &str) -> Vec<String> {
    let swap = |at: usize| {
        let mut letters = label.as_bytes().to_vec();
        if at + 1 >= letters.len() {
            return None;
        }
        letters.swap(at, at + 1);
        String::from_utf8(letters).ok()
    };
    inner(label).filter_map(swap).collect()
}

fn omitted(label: &str) -> Vec<String> {
    let without = |at: usize| format!("{}{}", &label[..at], &label[at + 1..]);
    inner(label).map(without).collect()
}

fn doubled(label: &str) -> Vec<String> {
    inner(label).map(|at| format!("{}{}", &label[..=at], &label[at..])).collect()
}

fn neighbours(label: &str) -> Vec<String> {
    let mut names = Vec::new();
    for at in inner(label) {
        let letter = &label[at..=at];
        let Some((row, place)) = ROWS.iter().find_map(|row| Some((*row, row.find(letter)?))) else {
            continue;
        };
        let near = [place.checked_sub(1), Some(place + 1)];
        for key in near.into_iter().flatten().filter_map(|place| row.get(place..=place)) {
            names.push(format!("{}{key}{}", &label[..at], &label[at + 1..]));
        }
    }
    names
}

fn hyphens(label: &str) -> Vec<String> {
    match label.contains('-') {
        true => vec![label.replace('-', "")],
        false => vec![format!("{label}-online"), format!("{label}-login")],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_most_dangerous_come_first_and_always_the_same() {
        assert_eq!(
            candidates("paypal.example")[..8],
            [
                "paypa1.example",
                "pyapal.example",
                "pypal.example",
                "paypal.com",
                "psypal.example",
                "paypal-online.example",
                "paaypal.example",
                "paypai.example",
            ]
        );
        assert_eq!(candidates("my-shop.co.uk")[5], "myshop.co.uk");
        for short in ["abc.example", "xn--bcher-kva.example", "example"] {
            assert_eq!(candidates(short), [""; 0], "{short}");
        }
    }

    proptest! {
        #[test]
        fn every_candidate_is_another_name(label in "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?") {
            let domain = format!("{label}.example");
            let made = candidates(&domain);
            prop_assert!(made.len() <= MOST);
            let unique: BTreeSet<_> = made.iter().collect();
            prop_assert_eq!(unique.len(), made.len());
            prop_assert!(made.iter().all(|name| *name != domain && model::DomainName::parse(name).is_ok()));
        }
    }
}
