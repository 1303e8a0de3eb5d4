/// What browsers make of all `X-Frame-Options` headers of a response (HTML standard, the
/// `X-Frame-Options` header).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FrameOptions {
    Absent,
    /// `DENY` or `SAMEORIGIN`, once or several times the same.
    Protects,
    /// Values that contradict each other, one of them valid: browsers frame nothing.
    Contradictory(String),
    /// Nothing a browser knows, so it frames everything.
    Ignored(String),
}

impl FrameOptions {
    pub(crate) fn parse<'a>(headers: impl Iterator<Item = &'a str>) -> Self {
        let mut values: Vec<String> = Vec::new();
        for value in headers.flat_map(|header| header.split(',')) {
            let value: String = value.trim().chars().take(80).collect();
            let value = value.to_ascii_lowercase();
            if !values.contains(&value) && values.len() < 8 {
                values.push(value);
            }
        }
        let shown = values.join(", ");
        let is_known = |value: &String| value == "deny" || value == "sameorigin";
        match values.as_slice() {
            [] => Self::Absent,
            [one] if is_known(one) => Self::Protects,
            [_] => Self::Ignored(shown),
            several if several.iter().any(|value| is_known(value) || value == "allowall") => {
                Self::Contradictory(shown)
            }
            _ => Self::Ignored(shown),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(headers: &[&str]) -> FrameOptions {
        FrameOptions::parse(headers.iter().copied())
    }

    #[test]
    fn reads_headers_as_browsers_do() {
        assert_eq!(parse(&[]), FrameOptions::Absent);
        assert_eq!(parse(&["DENY", "deny"]), FrameOptions::Protects);
        assert_eq!(parse(&["SameOrigin"]), FrameOptions::Protects);
        assert_eq!(
            parse(&["deny, sameorigin"]),
            FrameOptions::Contradictory("deny, sameorigin".to_owned())
        );
        let allow_from = "allow-from https://a.example";
        assert_eq!(parse(&[allow_from]), FrameOptions::Ignored(allow_from.to_owned()));
        assert_eq!(parse(&[""]), FrameOptions::Ignored(String::new()));
    }

    proptest! {
        #[test]
        fn never_panics(value in "\\PC{0,200}") {
            FrameOptions::parse([value.as_str()].into_iter());
        }
    }
}
