use crate::Html;

/// Returns the way to the next page of a list; nothing after the last.
pub fn pager(next: Option<&str>, label: &str) -> Html {
    let mut html = Html::new();
    if let Some(path) = next {
        html.raw("<p><a class=\"button\" rel=\"next\" href=\"").text(path).raw("\">");
        html.text(label).raw("</a></p>");
    }
    html
}
