//! Recognises script libraries and their versions by address or banner.
//!
//! A version is believed when it stands in the file's name (`jquery-1.12.4.min.js`), in the folder
//! right after the library's own (`/jquery/1.12.4/`, `/jquery@1.12.4/`) or in the banner of an
//! inline script (`jQuery v1.12.4`), with all three numbers: `@3` or `/1/` is whatever is newest.
//! Any other number in an address may be the site's own.

use crate::modules::http_headers::markup::{Markup, ResourceKind};

/// Major, minor, patch.
pub(crate) type Version = (u32, u32, u32);

/// A library and the names it goes by, in lower case.
#[derive(Debug)]
pub(crate) struct Library {
    pub(crate) name: &'static str,
    /// Names of its file, without version and ending.
    files: &'static [&'static str],
    /// Names of its folder at delivery networks.
    folders: &'static [&'static str],
    /// How its banner begins, up to the version.
    banner: &'static str,
}

const fn library(
    name: &'static str,
    files: &'static [&'static str],
    folders: &'static [&'static str],
    banner: &'static str,
) -> Library {
    Library { name, files, folders, banner }
}

/// Every library that is recognised.
pub(crate) const LIBRARIES: &[Library] = &[
    library("jQuery", &["jquery"], &["jquery"], "jQuery v"),
    library("jQuery UI", &["jquery-ui"], &["jqueryui", "jquery-ui", "ui"], "jQuery UI - v"),
    library(
        "jQuery Validation",
        &["jquery.validate"],
        &["jquery-validate", "jquery-validation"],
        "jQuery Validation Plugin - v",
    ),
    library("Bootstrap", &["bootstrap"], &["bootstrap", "twitter-bootstrap"], "Bootstrap v"),
    library("AngularJS", &["angular"], &["angular.js", "angularjs", "angular"], "AngularJS v"),
    library("Lodash", &["lodash"], &["lodash.js", "lodash"], "Lodash "),
    library("Underscore", &["underscore"], &["underscore.js", "underscore"], "Underscore.js "),
    library("Moment", &["moment", "moment-with-locales"], &["moment.js", "moment"], "moment.js "),
    library("Handlebars", &["handlebars"], &["handlebars.js", "handlebars"], "handlebars v"),
    library("Knockout", &["knockout"], &["knockout"], "Knockout JavaScript library v"),
    library("Vue", &["vue"], &["vue"], "Vue.js v"),
    library("Axios", &["axios"], &["axios"], "axios v"),
    library("DOMPurify", &["purify"], &["dompurify"], "DOMPurify "),
    library("Chart.js", &["chart"], &["chart.js"], "Chart.js v"),
    library("Swiper", &["swiper", "swiper-bundle"], &["swiper"], "Swiper "),
    library(
        "DataTables",
        &["jquery.datatables", "datatables"],
        &["datatables", "datatables.net"],
        "DataTables ",
    ),
    library("PDF.js", &["pdf"], &["pdf.js", "pdfjs-dist"], "pdf.js v"),
];

/// A library that a page loads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Loaded {
    pub(crate) library: &'static str,
    /// `None` when nothing tells it.
    pub(crate) version: Option<Version>,
    /// The script's address, or where the banner stands.
    pub(crate) place: String,
}

impl Loaded {
    /// Returns the name, with its version when that is known.
    pub(crate) fn label(&self) -> String {
        match self.version {
            Some((major, minor, patch)) => format!("{} {major}.{minor}.{patch}", self.library),
            None => self.library.to_owned(),
        }
    }
}

/// Returns the libraries a page loads, each place once.
pub(crate) fn loaded(markup: &Markup) -> Vec<Loaded> {
    let scripts = markup.resources.iter().filter(|have| have.kind == ResourceKind::Script);
    let by_address = scripts.filter_map(|script| {
        let version = script.version.as_deref();
        let (library, version) = by_path(&script.path, version)?;
        Some(Loaded { library: library.name, version, place: script.url() })
    });
    let by_banner = markup.banners.iter().filter_map(|banner| {
        let found = LIBRARIES.iter().find_map(|library| {
            let rest = banner.get(..library.banner.len())?;
            let is_it = rest.eq_ignore_ascii_case(library.banner);
            is_it.then(|| (library, version(&banner[library.banner.len()..])))
        });
        let (library, version) = found?;
        let place = "an inline script".to_owned();
        version.map(|version| Loaded { library: library.name, version: Some(version), place })
    });
    by_address.chain(by_banner).collect()
}

fn by_path(path: &str, query: Option<&str>) -> Option<(&'static Library, Option<Version>)> {
    let path = path.to_ascii_lowercase();
    let (folders, file) = path.rsplit_once('/')?;
    let stem = stem(file.strip_suffix(".js").or_else(|| file.strip_suffix(".mjs"))?);
    let (name, in_name) = split_version(stem);
    let library = LIBRARIES.iter().find(|library| library.files.contains(&name))?;
    let in_folders = || {
        let folders: Vec<_> = folders.split('/').collect();
        folders.iter().enumerate().rev().find_map(|(at, folder)| {
            let (folder, after) = folder.rsplit_once('@').unwrap_or((folder, ""));
            let next = folders.get(at + 1).copied().unwrap_or_default();
            let own = library.folders.contains(&folder);
            own.then(|| version(if after.is_empty() { next } else { after })).flatten()
        })
    };
    // WordPress puts its own version behind everything but its own libraries.
    let in_query = || query.filter(|_| path.contains("/wp-includes/js/jquery/")).and_then(version);
    Some((library, in_name.or_else(in_folders).or_else(in_query)))
}

/// Strips what builds are called.
fn stem(mut file: &str) -> &str {
    const BUILDS: &[&str] =
        &["min", "slim", "bundle", "umd", "prod", "production", "global", "pack", "full", "iife"];
    while let Some((rest, last)) = file.rsplit_once(['.', '-']) {
        if !BUILDS.contains(&last) {
            break;
        }
        file = rest;
    }
    file
}

/// Splits `jquery-1.12.4` into its name and version.
fn split_version(stem: &str) -> (&str, Option<Version>) {
    for (at, _) in stem.match_indices(['-', '.', '_']) {
        let rest = &stem[at + 1..];
        let number = rest.strip_prefix('v').unwrap_or(rest);
        if number.starts_with(|c: char| c.is_ascii_digit()) {
            return (&stem[..at], version(number));
        }
    }
    (stem, None)
}

/// Reads three numbers; what follows them (`-beta.1`, `+build`) is dropped.
pub(crate) fn version(text: &str) -> Option<Version> {
    let mut parts = text.splitn(3, '.');
    let mut next = || {
        let part = parts.next()?;
        let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        part[..end].parse::<u32>().ok().map(|number| (number, end == part.len()))
    };
    let ((major, true), (minor, true), (patch, _)) = (next()?, next()?, next()?) else {
        return None;
    };
    Some((major, minor, patch))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seen(path: &str, query: Option<&str>) -> String {
        by_path(path, query).map_or_else(
            || "none".to_owned(),
            |(library, version)| {
                let place = String::new();
                Loaded { library: library.name, version, place }.label()
            },
        )
    }

    #[test]
    fn reads_versions_where_they_are_the_librarys_own() {
        for (path, expected) in [
            ("/jquery-1.12.4.min.js", "jQuery 1.12.4"),
            ("/ajax/libs/jquery/3.4.1/jquery.slim.min.js", "jQuery 3.4.1"),
            ("/npm/jquery@3.7.1/dist/jquery.min.js", "jQuery 3.7.1"),
            ("/npm/jquery@3/dist/jquery.min.js", "jQuery"),
            ("/ui/1.12.1/jquery-ui.min.js", "jQuery UI 1.12.1"),
            ("/bootstrap/3.3.7/js/bootstrap.min.js", "Bootstrap 3.3.7"),
            ("/ajax/libs/lodash.js/4.17.10/lodash.min.js", "Lodash 4.17.10"),
            ("/ajax/libs/angularjs/1.5.6/angular.min.js", "AngularJS 1.5.6"),
            ("/moment-with-locales.2.18.1.min.js", "Moment 2.18.1"),
            ("/js/Chart.bundle.min.js", "Chart.js"),
            ("/release/1.2.3/jquery.min.js", "jQuery"),
            ("/jquery-plugin-1.0.0.js", "none"),
            ("/angular-route.1.5.6.js", "none"),
            ("/app.js", "none"),
        ] {
            assert_eq!(seen(path, None), expected, "{path}");
        }
        let wordpress = "/wp-includes/js/jquery/jquery.min.js";
        assert_eq!(seen(wordpress, Some("3.7.1")), "jQuery 3.7.1");
        assert_eq!(seen("/wp-content/x/bootstrap.min.js", Some("6.4.2")), "Bootstrap");
    }

    #[test]
    fn a_banner_tells_a_library_in_an_inline_script() {
        let banners = vec!["jQuery v1.11.0 | (c)".to_owned(), "Lodash is great".to_owned()];
        let markup = Markup { banners, ..Markup::default() };
        let labels: Vec<_> = loaded(&markup).iter().map(Loaded::label).collect();
        assert_eq!(labels, ["jQuery 1.11.0"]);
    }

    proptest! {
        #[test]
        fn never_panics(path in "(/|jquery|@|[-._]|v|[0-9]{1,12}|min|js|\u{e9}){0,20}", banner in "(jQuery v|[0-9.]|\u{e9}){0,6}") {
            by_path(&path, Some(&banner));
            loaded(&Markup { banners: vec![banner], ..Markup::default() });
        }
    }
}
