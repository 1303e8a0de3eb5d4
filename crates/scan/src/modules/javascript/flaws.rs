//! Known flaws of script libraries: a small table of our own, as of [`AS_OF`].
//!
//! Each row is a record of the CVE programme, which is its source (`https://www.cve.org/CVERecord`).
//! Only flaws that matter in a browser stand here. A library that is newer than the table is told
//! from one without flaws by nobody, so reports name the date.

use super::libraries::{Loaded, Version};

// Compared on 25 November 2026 with the repository of Retire.js: every row of jQuery, which lacked
// one, jQuery UI, jQuery Validation and Knockout; the other libraries were not compared.
/// When the table was last compared with the CVE records.
pub(crate) const AS_OF: &str = "2026-02-15";

/// Versions that have a flaw.
struct Flaw {
    library: &'static str,
    /// The first version that has it.
    from: Version,
    /// The first version that has it no more.
    below: Version,
    cve: &'static str,
}

const fn flaw(library: &'static str, from: Version, below: Version, cve: &'static str) -> Flaw {
    Flaw { library, from, below, cve }
}

const ANY: Version = (0, 0, 0);

const FLAWS: &[Flaw] = &[
    flaw("jQuery", ANY, (1, 6, 3), "CVE-2011-4969"),
    flaw("jQuery", ANY, (1, 9, 0), "CVE-2012-6708"),
    flaw("jQuery", (1, 2, 1), (1, 9, 0), "CVE-2020-7656"),
    flaw("jQuery", (1, 4, 0), (1, 12, 0), "CVE-2015-9251"),
    flaw("jQuery", (1, 12, 3), (3, 0, 0), "CVE-2015-9251"),
    flaw("jQuery", (1, 1, 4), (3, 4, 0), "CVE-2019-11358"),
    flaw("jQuery", (1, 2, 0), (3, 5, 0), "CVE-2020-11022"),
    flaw("jQuery", (1, 0, 3), (3, 5, 0), "CVE-2020-11023"),
    flaw("jQuery UI", (1, 7, 0), (1, 10, 0), "CVE-2010-5312"),
    flaw("jQuery UI", ANY, (1, 12, 0), "CVE-2016-7103"),
    flaw("jQuery UI", ANY, (1, 13, 0), "CVE-2021-41184"),
    flaw("jQuery UI", ANY, (1, 13, 2), "CVE-2022-31160"),
    flaw("jQuery Validation", ANY, (1, 19, 5), "CVE-2022-31147"),
    flaw("jQuery Validation", ANY, (1, 20, 0), "CVE-2025-3573"),
    flaw("Bootstrap", ANY, (3, 4, 0), "CVE-2018-14042"),
    flaw("Bootstrap", (4, 0, 0), (4, 1, 2), "CVE-2018-14042"),
    flaw("Bootstrap", ANY, (3, 4, 1), "CVE-2019-8331"),
    flaw("Bootstrap", (4, 0, 0), (4, 3, 1), "CVE-2019-8331"),
    flaw("AngularJS", ANY, (1, 7, 9), "CVE-2019-10768"),
    flaw("AngularJS", ANY, (1, 8, 0), "CVE-2020-7676"),
    // No version of AngularJS mends it; Angular 2 is another library.
    flaw("AngularJS", (1, 3, 0), (2, 0, 0), "CVE-2024-21490"),
    flaw("Lodash", ANY, (4, 17, 5), "CVE-2018-3721"),
    flaw("Lodash", ANY, (4, 17, 11), "CVE-2018-16487"),
    flaw("Lodash", ANY, (4, 17, 12), "CVE-2019-10744"),
    flaw("Lodash", ANY, (4, 17, 21), "CVE-2021-23337"),
    flaw("Underscore", (1, 3, 2), (1, 12, 1), "CVE-2021-23358"),
    flaw("Moment", ANY, (2, 19, 3), "CVE-2017-18214"),
    flaw("Moment", (2, 18, 0), (2, 29, 4), "CVE-2022-31129"),
    flaw("Handlebars", ANY, (4, 0, 0), "CVE-2015-8861"),
    flaw("Handlebars", ANY, (4, 7, 7), "CVE-2021-23369"),
    flaw("Knockout", ANY, (3, 5, 0), "CVE-2019-14862"),
    flaw("Axios", ANY, (0, 21, 2), "CVE-2021-3749"),
    flaw("Axios", (0, 8, 1), (0, 28, 0), "CVE-2023-45857"),
    flaw("Axios", (1, 0, 0), (1, 6, 0), "CVE-2023-45857"),
    flaw("DOMPurify", ANY, (2, 0, 17), "CVE-2020-26870"),
    flaw("DOMPurify", ANY, (2, 5, 4), "CVE-2024-45801"),
    flaw("DOMPurify", (3, 0, 0), (3, 1, 3), "CVE-2024-45801"),
    flaw("DOMPurify", ANY, (3, 2, 4), "CVE-2025-26791"),
    flaw("Chart.js", ANY, (2, 9, 4), "CVE-2020-7746"),
    flaw("Swiper", ANY, (6, 5, 1), "CVE-2021-23370"),
    flaw("DataTables", ANY, (1, 10, 22), "CVE-2020-28458"),
    flaw("DataTables", ANY, (1, 11, 3), "CVE-2021-23445"),
    flaw("PDF.js", ANY, (4, 2, 67), "CVE-2024-4367"),
];

/// Returns the CVE ids of a library's flaws, each once.
pub(crate) fn flaws(loaded: &Loaded) -> Vec<&'static str> {
    let Some(version) = loaded.version else { return Vec::new() };
    let has =
        |flaw: &&Flaw| flaw.library == loaded.library && (flaw.from..flaw.below).contains(&version);
    let mut ids: Vec<_> = FLAWS.iter().filter(has).map(|flaw| flaw.cve).collect();
    ids.dedup();
    ids
}

#[cfg(test)]
mod tests {
    use super::super::libraries::LIBRARIES;
    use super::*;

    fn of(library: &'static str, version: Version) -> Vec<&'static str> {
        flaws(&Loaded { library, version: Some(version), place: String::new() })
    }

    #[test]
    fn every_row_names_a_library_that_is_recognised_and_a_cve() {
        for flaw in FLAWS {
            assert!(LIBRARIES.iter().any(|library| library.name == flaw.library));
            assert!(flaw.from < flaw.below, "{}", flaw.cve);
            let (year, number) = flaw.cve[4..].split_once('-').unwrap();
            assert!(flaw.cve.starts_with("CVE-") && year.len() == 4 && number.len() >= 4);
        }
    }

    #[test]
    fn a_flaw_ends_with_the_version_that_mends_it() {
        assert_eq!(of("jQuery", (3, 4, 1)), ["CVE-2020-11022", "CVE-2020-11023"]);
        assert!(of("jQuery", (3, 5, 0)).is_empty());
        assert!(of("jQuery", (1, 12, 4)).contains(&"CVE-2015-9251"));
        assert!(!of("jQuery", (1, 12, 1)).contains(&"CVE-2015-9251"));
        assert_eq!(of("Bootstrap", (4, 3, 0)), ["CVE-2019-8331"]);
        assert_eq!(of("Bootstrap", (3, 4, 1)), [""; 0]);
        assert_eq!(of("AngularJS", (1, 8, 3)), ["CVE-2024-21490"]);
        assert_eq!(of("Lodash", (4, 17, 21)), [""; 0]);
    }
}
