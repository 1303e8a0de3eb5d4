//! What a client accepts (RFC 9110, section 12.5.1).

use http::HeaderMap;
use http::header::ACCEPT;

/// Returns which of the offers a client likes best: by its quality, then in the order of the offers.
/// The first when it says nothing; `None` when it wants none of them.
pub(super) fn best<T: Copy>(headers: &HeaderMap, offers: &[(&str, T)]) -> Option<T> {
    let lines = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges: Vec<_> = lines.flat_map(|line| line.split(',')).filter_map(range).collect();
    if ranges.is_empty() {
        return offers.first().map(|(_, offer)| *offer);
    }
    let mut best = None;
    let mut most = 0;
    for (media_type, offer) in offers {
        let quality = quality(&ranges, media_type);
        if quality > most {
            (best, most) = (Some(*offer), quality);
        }
    }
    best
}

/// Reads one range and its quality in thousandths.
fn range(item: &str) -> Option<(String, u16)> {
    let mut parts = item.split(';').map(str::trim);
    let range = parts.next().filter(|range| range.contains('/'))?.to_ascii_lowercase();
    let quality = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    let quality: f32 = quality.map_or(Some(1.0), |text| text.parse().ok())?;
    Some((range, (quality.clamp(0.0, 1.0) * 1_000.0) as u16))
}

/// Returns the quality of the most precise range that fits; 0 when none does.
fn quality(ranges: &[(String, u16)], media_type: &str) -> u16 {
    let family = media_type.split('/').next().unwrap_or_default();
    let of = |wanted: &str| ranges.iter().find(|(range, _)| range == wanted).map(|(_, q)| *q);
    of(media_type).or_else(|| of(&format!("{family}/*"))).or_else(|| of("*/*")).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(accept: &str) -> Option<&'static str> {
        let headers = HeaderMap::from_iter([(ACCEPT, accept.parse().unwrap())]);
        best(&headers, &[("application/json", "json"), ("text/html", "html"), ("text/csv", "csv")])
    }

    #[test]
    fn the_dearest_format_wins_and_the_first_of_equals() {
        assert_eq!(best(&HeaderMap::new(), &[("a/b", 1), ("c/d", 2)]), Some(1));
        for (accept, wanted) in [
            ("*/*", "json"),
            ("text/csv", "csv"),
            ("TEXT/CSV; charset=utf-8", "csv"),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
            ("application/json, text/csv", "json"),
            ("application/json;q=0.5, text/csv", "csv"),
            ("text/*", "html"),
            ("text/html;q=0, text/*", "csv"),
            ("", "json"),
        ] {
            assert_eq!(choice(accept), Some(wanted), "{accept}");
        }
        for accept in ["application/pdf", "text/csv;q=0", "*/*;q=0"] {
            assert_eq!(choice(accept), None, "{accept}");
        }
    }

    #[test]
    fn nonsense_is_no_wish() {
        assert_eq!(choice("nonsense"), Some("json"));
        assert_eq!(choice("text/csv;q=much"), Some("json"));
    }
}
