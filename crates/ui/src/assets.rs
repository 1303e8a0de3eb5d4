//! Files that pages load. Each has its checksum in its path, so a browser may keep it for ever.

use std::sync::LazyLock;

/// A file that the server gives out.
#[derive(Debug)]
pub struct Asset {
    name: &'static str,
    /// Where it is, as in `/assets/style.1a2b3c4d.css`.
    pub path: String,
    /// Its media type.
    pub kind: &'static str,
    pub text: &'static str,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    vec![
        asset("style.css", "text/css; charset=utf-8", include_str!("../assets/style.css")),
        asset("script.js", "text/javascript; charset=utf-8", include_str!("../assets/script.js")),
        asset("icon.svg", "image/svg+xml", include_str!("../assets/icon.svg")),
    ]
});

fn asset(name: &'static str, kind: &'static str, text: &'static str) -> Asset {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let path = format!("/assets/{stem}.{:08x}.{extension}", crc32fast::hash(text.as_bytes()));
    Asset { name, path, kind, text }
}

/// Returns every file.
pub fn all() -> &'static [Asset] {
    &ASSETS
}

/// Returns where a file is.
pub(crate) fn path(name: &str) -> &'static str {
    let found = ASSETS.iter().find(|asset| asset.name == name);
    &found.expect("templates name files that exist").path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_stays_small() {
        let script = &ASSETS.iter().find(|asset| asset.name == "script.js").unwrap().text;
        assert!(script.len() < 12 * 1024, "{} bytes", script.len());
    }

    #[test]
    fn no_file_loads_anything_from_elsewhere() {
        for asset in all() {
            let links = asset.text.replace("http://www.w3.org/2000/svg", "");
            assert!(!links.contains("//www") && !links.contains("://"), "{}", asset.name);
        }
    }
}
