use super::refusal::query;

/// Rows of one page of a list.
pub(super) const PAGE: i64 = 50;

/// Returns the path of a list with what it is asked for; what is empty is left out.
pub(super) fn path<'a>(path: &str, asked: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<_> = asked.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", query(&pairs)) }
}

/// Returns the path of the page after one that ends with `last`, with what the list is filtered by;
/// `None` after a page that is not full. Where the next one begins stands under `place`.
pub(super) fn next(
    here: &str,
    filter: &[(&str, &str)],
    rows: usize,
    (place, last): (&str, Option<String>),
) -> Option<String> {
    let is_full = i64::try_from(rows).is_ok_and(|rows| rows >= PAGE);
    let last = last.filter(|_| is_full)?;
    Some(path(here, filter.iter().copied().chain([(place, &*last)])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_full_page_has_a_next_one_that_keeps_the_filter() {
        let next = |rows| {
            let last = ("before", Some("7".to_owned()));
            next("/scans", &[("domain", "a&b"), ("status", "")], rows, last)
        };
        assert_eq!(next(50).as_deref(), Some("/scans?domain=a%26b&before=7"));
        assert_eq!(next(49), None);
    }
}
