//! Lists that are sorted by one of their columns. The address says by which in `sort`: the column's
//! word, with `-` in front for the greatest first.

use ui::parts::{Order, SortHead};

/// Returns the way that is asked for, with what it means; the first of them all when it is none.
pub(super) fn chosen<O: Copy>(ways: &[(&'static str, O)], sort: &str) -> (&'static str, O) {
    *ways.iter().find(|(way, _)| *way == sort).unwrap_or(&ways[0])
}

/// Returns the head of a column: its link turns the list around when it is sorted by the column, and
/// otherwise sorts it the way that people look for `first`.
pub(super) fn head(
    label: &'static str,
    first: &'static str,
    chosen: &str,
    path: impl Fn(&str) -> String,
) -> SortHead {
    let word = first.trim_start_matches('-');
    let order = match chosen.strip_prefix('-') {
        Some(sorted) => (sorted == word).then_some(Order::Descending),
        None => (chosen == word).then_some(Order::Ascending),
    };
    let path = match order {
        Some(Order::Ascending) => path(&format!("-{word}")),
        Some(Order::Descending) => path(word),
        None => path(first),
    };
    SortHead { label, path, order }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_leads_to_its_order_and_back() {
        const WAYS: &[(&str, u8)] = &[("-created", 1), ("created", 2), ("name", 3)];
        let head = |sort, first| {
            let head = head("x", first, chosen(WAYS, sort).0, |way| format!("/x?sort={way}"));
            (head.path, head.order)
        };
        let path = |way: &str| format!("/x?sort={way}");
        assert_eq!(head("", "name"), (path("name"), None));
        assert_eq!(head("", "-created"), (path("created"), Some(Order::Descending)));
        assert_eq!(head("created", "-created"), (path("-created"), Some(Order::Ascending)));
        assert_eq!(head("name", "-created"), (path("-created"), None));
        assert_eq!(chosen(WAYS, "nonsense"), ("-created", 1));
    }
}
