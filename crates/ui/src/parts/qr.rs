use crate::{Html, Words};

/// Returns a QR code: `dark` is the path of its dark modules in a square of `side` modules. It is dark
/// on light in every theme, because not every camera reads it the other way round.
pub fn qr(words: Words, side: i32, dark: &str) -> Html {
    let mut html = Html::new();
    let side = side.to_string();
    html.raw("<svg class=\"qr\" viewBox=\"0 0 ").text(&side).raw(" ").text(&side);
    html.raw("\" shape-rendering=\"crispEdges\" role=\"img\" aria-label=\"");
    html.text(words.t("QR code with the secret that stands below"));
    html.raw("\"><path fill=\"#fff\" d=\"M0 0h").text(&side).raw("v").text(&side);
    html.raw("H0z\"/><path fill=\"#000\" d=\"").text(dark).raw("\"/></svg>");
    html
}
