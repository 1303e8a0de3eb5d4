//! One policy (CSP Level 3, section 2.2) and the questions checks ask it.

/// Directives of CSP, its extensions and its past.
const DIRECTIVES: &[&str] = &[
    "base-uri",
    "block-all-mixed-content",
    "child-src",
    "connect-src",
    "default-src",
    "fenced-frame-src",
    "font-src",
    "form-action",
    "frame-ancestors",
    "frame-src",
    "img-src",
    "manifest-src",
    "media-src",
    "navigate-to",
    "object-src",
    "plugin-types",
    "prefetch-src",
    "referrer",
    "reflected-xss",
    "report-to",
    "report-uri",
    "require-sri-for",
    "require-trusted-types-for",
    "sandbox",
    "script-src",
    "script-src-attr",
    "script-src-elem",
    "style-src",
    "style-src-attr",
    "style-src-elem",
    "trusted-types",
    "upgrade-insecure-requests",
    "webrtc",
    "worker-src",
];

/// Words that mean something only between single quotes.
const KEYWORDS: &[&str] = &[
    "self",
    "none",
    "unsafe-inline",
    "unsafe-eval",
    "unsafe-hashes",
    "strict-dynamic",
    "report-sample",
    "wasm-unsafe-eval",
];

/// A policy as a browser reads it: of a directive that stands twice, the first counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    directives: Vec<(String, Vec<String>)>,
    repeated: Vec<String>,
}

impl Policy {
    /// Reads a header value, which may hold several policies with commas between.
    pub fn parse_list(value: &str) -> impl Iterator<Item = Self> + use<'_> {
        value.split(',').map(Self::parse)
    }

    /// Reads one policy. Never fails; [`Policy::problems`] tells what is wrong.
    pub fn parse(text: &str) -> Self {
        let mut policy = Self::default();
        for directive in text.split(';') {
            let mut words = directive.split_ascii_whitespace();
            let Some(name) = words.next() else { continue };
            let name = name.to_ascii_lowercase();
            if policy.directives.iter().any(|(have, _)| *have == name) {
                policy.repeated.push(name);
            } else {
                policy.directives.push((name, words.map(str::to_owned).collect()));
            }
        }
        policy
    }

    /// Says whether the policy has no directive at all.
    pub fn is_empty(&self) -> bool {
        self.directives.is_empty()
    }

    /// Returns the values of a directive.
    pub fn directive(&self, name: &str) -> Option<&[String]> {
        let found = self.directives.iter().find(|(have, _)| have == name);
        found.map(|(_, values)| values.as_slice())
    }

    /// Returns the first of these directives that is there.
    fn first_of<'a>(&'a self, names: &[&'a str]) -> Option<(&'a str, &'a [String])> {
        names.iter().find_map(|name| Some((*name, self.directive(name)?)))
    }

    /// Returns the lists that decide about script elements and about inline event handlers, by the
    /// fallbacks of CSP Level 3.
    fn script_lists(&self) -> Vec<(&str, &[String])> {
        let elements = self.first_of(&["script-src-elem", "script-src", "default-src"]);
        let attributes = self.first_of(&["script-src-attr", "script-src", "default-src"]);
        let mut lists: Vec<_> = elements.into_iter().collect();
        lists.extend(attributes.filter(|list| Some(list.0) != elements.map(|list| list.0)));
        lists
    }

    /// Says whether the policy restricts which scripts run.
    pub fn restricts_scripts(&self) -> bool {
        self.first_of(&["script-src-elem", "script-src", "default-src"]).is_some()
            || self.is_sandbox_without_scripts()
    }

    fn is_sandbox_without_scripts(&self) -> bool {
        let has = |word: &String| word.eq_ignore_ascii_case("allow-scripts");
        self.directive("sandbox").is_some_and(|flags| !flags.iter().any(has))
    }

    /// Returns the directive that lets inline scripts run, if one does: `'unsafe-inline'` without a
    /// nonce, a hash or `'strict-dynamic'`, which all make it inert.
    pub fn allows_inline(&self) -> Option<&str> {
        if self.is_sandbox_without_scripts() {
            return None;
        }
        let open = |values: &[String]| {
            has(values, "'unsafe-inline'") && !values.iter().any(|value| disarms_inline(value))
        };
        self.script_lists().into_iter().find(|(_, values)| open(values)).map(|(name, _)| name)
    }

    /// Returns the directive that lets text become code, if one does.
    pub fn allows_eval(&self) -> Option<&str> {
        if self.is_sandbox_without_scripts() {
            return None;
        }
        let list = self.first_of(&["script-src", "default-src"]);
        list.filter(|(_, values)| has(values, "'unsafe-eval'")).map(|(name, _)| name)
    }

    /// Returns the directive and the source in it that lets scripts come from everywhere, if one
    /// does. `'strict-dynamic'` makes such sources inert.
    pub fn allows_any_script(&self) -> Option<(&str, &str)> {
        if self.is_sandbox_without_scripts() {
            return None;
        }
        let (name, values) = self.first_of(&["script-src-elem", "script-src", "default-src"])?;
        if has(values, "'strict-dynamic'") {
            return None;
        }
        Some((name, values.iter().find(|value| is_broad(value))?))
    }

    /// Says whether plug-ins are restricted, by `object-src` or `default-src`.
    pub fn restricts_objects(&self) -> bool {
        let list = self.first_of(&["object-src", "default-src"]);
        list.is_some_and(|(_, values)| !values.iter().any(|value| is_broad(value)))
            || self.directive("sandbox").is_some()
    }

    /// Returns what is wrong with the policy, each as a clause.
    pub fn problems(&self) -> Vec<String> {
        let mut problems: Vec<String> =
            self.repeated.iter().map(|name| format!("`{}` stands twice", shown(name))).collect();
        for (name, values) in &self.directives {
            if !DIRECTIVES.contains(&name.as_str()) {
                problems.push(format!("`{}` is not a directive", shown(name)));
                continue;
            }
            if !(name.ends_with("-src") || name.contains("-src-") || name == "base-uri") {
                continue;
            }
            for value in values {
                let lower = value.to_ascii_lowercase();
                let is_bare = KEYWORDS.contains(&lower.as_str())
                    || ["nonce-", "sha256-", "sha384-", "sha512-"]
                        .iter()
                        .any(|prefix| lower.starts_with(prefix));
                if is_bare {
                    problems.push(format!("`{}` in `{name}` lacks its quotes", shown(value)));
                }
            }
            if values.len() > 1 && has(values, "'none'") {
                problems.push(format!("`'none'` in `{name}` does not stand alone"));
            }
        }
        problems
    }
}

fn has(values: &[String], keyword: &str) -> bool {
    values.iter().any(|value| value.eq_ignore_ascii_case(keyword))
}

fn disarms_inline(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    value == "'strict-dynamic'"
        || (value.ends_with('\'')
            && ["'nonce-", "'sha256-", "'sha384-", "'sha512-"]
                .iter()
                .any(|prefix| value.starts_with(prefix) && value.len() > prefix.len() + 1))
}

/// Says whether a source matches every host, or content that comes with the page.
pub(crate) fn is_broad(source: &str) -> bool {
    let source = source.to_ascii_lowercase();
    matches!(
        source.as_str(),
        "*" | "http:"
            | "https:"
            | "http://*"
            | "https://*"
            | "http://*:*"
            | "https://*:*"
            | "*:*"
            | "data:"
    )
}

fn shown(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_nonce_a_hash_and_strict_dynamic_disarm_unsafe_inline() {
        let inline = |text| Policy::parse(text).allows_inline().map(str::to_owned);
        assert_eq!(inline("script-src 'unsafe-inline'").as_deref(), Some("script-src"));
        assert_eq!(inline("default-src 'Unsafe-Inline'").as_deref(), Some("default-src"));
        assert_eq!(inline("script-src 'unsafe-inline' 'nonce-abc'"), None);
        assert_eq!(inline("script-src 'unsafe-inline' 'sha256-abc='"), None);
        assert_eq!(inline("script-src 'unsafe-inline' 'strict-dynamic'"), None);
        assert_eq!(inline("script-src 'self'; style-src 'unsafe-inline'"), None);
        assert_eq!(inline("default-src 'unsafe-inline'; script-src 'self'"), None);
        assert_eq!(
            inline("script-src 'self'; script-src-attr 'unsafe-inline'").as_deref(),
            Some("script-src-attr")
        );
    }

    #[test]
    fn broad_sources_are_inert_beside_strict_dynamic() {
        let broad =
            |text| Policy::parse(text).allows_any_script().map(|(_, source)| source.to_owned());
        assert_eq!(broad("script-src https:").as_deref(), Some("https:"));
        assert_eq!(broad("default-src *").as_deref(), Some("*"));
        assert_eq!(broad("script-src 'nonce-a' 'strict-dynamic' https:"), None);
        assert_eq!(broad("default-src *; script-src 'none'"), None);
        assert_eq!(broad("script-src *.example.com"), None);
    }

    #[test]
    fn names_what_is_broken() {
        let problems = |text| Policy::parse(text).problems().join(", ");
        assert_eq!(problems("script-src self"), "`self` in `script-src` lacks its quotes");
        assert_eq!(problems("script-scr 'self'"), "`script-scr` is not a directive");
        assert_eq!(problems("img-src *; img-src a.example"), "`img-src` stands twice");
        assert_eq!(
            problems("script-src 'none' a.example"),
            "`'none'` in `script-src` does not stand alone"
        );
        assert_eq!(problems("default-src 'self'; upgrade-insecure-requests;"), "");
    }

    proptest! {
        #[test]
        fn never_panics(text in "([a-z-]{1,12}|'nonce-|'|;|,| |\\PC){0,60}") {
            for policy in Policy::parse_list(&text) {
                policy.problems();
                policy.allows_inline();
                policy.allows_eval();
                policy.allows_any_script();
                policy.restricts_objects();
            }
        }
    }
}
