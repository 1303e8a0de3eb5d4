use crate::Words;
use crate::words::texts;

/// What a browser's name is told by, the most special first: most of them pretend to be others, too.
const BROWSERS: [(&str, &str); 10] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Safari/", "Safari"),
];
/// What a system's name is told by. Android says it is Linux, an iPad that it is a Mac.
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];
/// Characters of a program's own name that are shown.
const MOST: usize = 40;

impl Words {
    /// Returns how people call the program behind a `User-Agent` field: the browser and its system, or
    /// the name that the program gives itself. Anybody can send anything there.
    pub fn program(&self, agent: Option<&str>) -> String {
        let [unknown] = texts!["Unknown program"];
        let agent = agent.unwrap_or_default();
        let named = |names: &[(&str, &'static str)]| {
            names.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name)
        };
        match (agent.starts_with("Mozilla/"), named(&BROWSERS), named(&SYSTEMS)) {
            (true, Some(browser), Some(system)) => self.t2("{} on {}", browser, system),
            (true, Some(browser), None) => browser.to_owned(),
            (true, None, Some(system)) => self.t1("A browser on {}", system),
            (true, None, None) => self.t(unknown).to_owned(),
            (false, ..) => own_name(agent).unwrap_or_else(|| self.t(unknown).to_owned()),
        }
    }
}

/// Returns the first product of a field (RFC 9110, 10.1.5), without its version.
fn own_name(agent: &str) -> Option<String> {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || "._-".contains(*c);
    let name: String = agent.chars().take_while(is_plain).take(MOST).collect();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lang;

    fn program(agent: &str) -> String {
        Words::from(Lang::English).program(Some(agent))
    }

    #[test]
    fn browsers_are_called_as_people_call_them() {
        for (agent, name) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
                "Chrome on Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36",
                "Chrome on Linux",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0 Mobile/15E148 Safari/604.1",
                "Chrome on iPad",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
                "Samsung Internet on Android",
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
                "Chrome on ChromeOS",
            ),
            (
                "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko",
                "A browser on Windows",
            ),
        ] {
            assert_eq!(program(agent), name, "{agent}");
        }
    }

    #[test]
    fn other_programs_go_by_their_own_name_and_odd_ones_by_none() {
        assert_eq!(program("curl/8.14.1"), "curl");
        assert_eq!(program("python-requests/2.32.5"), "python-requests");
        assert_eq!(program("Mozilla/5.0"), "Unknown program");
        assert_eq!(program("<script>alert(1)</script>"), "Unknown program");
        assert_eq!(program(&"x".repeat(300)), "x".repeat(40));
        assert_eq!(Words::from(Lang::English).program(None), "Unknown program");
    }
}
