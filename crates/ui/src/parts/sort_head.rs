use crate::Html;

/// How the rows of a list are sorted by a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Ascending,
    Descending,
}

/// The head of a column that a list can be sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortHead {
    pub label: &'static str,
    /// Where the link leads: the other way round when the list is sorted by it, else by it.
    pub path: String,
    /// `None` when the list is not sorted by it.
    pub order: Option<Order>,
}

/// Returns the head with its link; the direction is told to all senses.
pub fn sort_head(head: &SortHead) -> Html {
    let mut html = Html::new();
    let (attribute, arrow) = match head.order {
        Some(Order::Ascending) => {
            (" aria-sort=\"ascending\"", " <span aria-hidden=\"true\">▲</span>")
        }
        Some(Order::Descending) => {
            (" aria-sort=\"descending\"", " <span aria-hidden=\"true\">▼</span>")
        }
        None => ("", ""),
    };
    html.raw("<th class=\"word sort\" scope=\"col\"").raw(attribute).raw("><a href=\"");
    html.text(&head.path).raw("\">").text(head.label).raw("</a>").raw(arrow).raw("</th>");
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_direction_is_told_where_there_is_one() {
        let head = |order| SortHead { label: "Name", path: "/x?a=1&b=2".to_owned(), order };
        let html = sort_head(&head(Some(Order::Descending))).to_string();
        assert!(
            html.contains("aria-sort=\"descending\"") && html.contains("?a=1&amp;b=2"),
            "{html}"
        );
        assert!(!sort_head(&head(None)).to_string().contains("aria-sort"));
    }
}
