//! When versions of software end: a small table of our own, as of [`AS_OF`].
//!
//! A branch ends with the day its makers stop mending flaws in it. Each product names the page its
//! dates come from. A branch whose end nobody has set stands with `None` only where its makers say
//! that they support it; everything else is not in the table, and so not judged.

use model::Timestamp;

// Compared on 25 November 2026 with the data of endoflife.date in their latest copy within reach: PHP,
// nginx, WordPress (February 2026), Joomla (October 2025), Apache httpd, Drupal 7 to 9, AngularJS,
// Bootstrap and Vue (2024 and later), OpenSSL from 1.0.2 on (2022); no row differed. OpenSSL before
// 1.0.2, Joomla 2.5, Drupal 6 and IIS stood in no copy and rest on the pages named.
/// When the table was last compared with its sources.
pub(super) const AS_OF: &str = "2026-02-15";

/// The branches of one product, oldest first.
struct Lifetimes {
    product: &'static str,
    /// Where the dates come from.
    source: &'static str,
    /// Beginning of the version and the day it ended or ends.
    branches: &'static [(&'static [u32], Option<&'static str>)],
}

/// What the table says about a version on a day.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Life {
    /// Its makers stopped on that day at the latest.
    Ended(&'static str),
    Supported,
    /// The table does not know it.
    Unknown,
}

const LIFETIMES: &[Lifetimes] = &[
    Lifetimes {
        product: "PHP",
        source: "https://www.php.net/eol.php",
        branches: &[
            (&[5, 2], Some("2011-01-06")),
            (&[5, 3], Some("2014-08-14")),
            (&[5, 4], Some("2015-09-14")),
            (&[5, 5], Some("2016-07-21")),
            (&[5, 6], Some("2018-12-31")),
            (&[7, 0], Some("2019-01-10")),
            (&[7, 1], Some("2019-12-01")),
            (&[7, 2], Some("2020-11-30")),
            (&[7, 3], Some("2021-12-06")),
            (&[7, 4], Some("2022-11-28")),
            (&[8, 0], Some("2023-11-26")),
            (&[8, 1], Some("2025-12-31")),
            (&[8, 2], Some("2026-12-31")),
            (&[8, 3], Some("2027-12-31")),
            (&[8, 4], Some("2028-12-31")),
            (&[8, 5], Some("2029-12-31")),
        ],
    },
    Lifetimes {
        product: "nginx",
        source: "https://nginx.org/en/CHANGES",
        branches: &[
            (&[1, 14], Some("2019-04-23")),
            (&[1, 16], Some("2020-04-21")),
            (&[1, 18], Some("2021-04-20")),
            (&[1, 20], Some("2022-05-24")),
            (&[1, 22], Some("2023-04-11")),
            (&[1, 23], Some("2023-05-23")),
            (&[1, 24], Some("2024-04-23")),
            (&[1, 25], Some("2024-05-29")),
            (&[1, 26], Some("2025-04-23")),
            (&[1, 27], Some("2025-06-24")),
        ],
    },
    Lifetimes {
        product: "Apache httpd",
        source: "https://httpd.apache.org/",
        branches: &[
            (&[1, 3], Some("2010-02-03")),
            (&[2, 0], Some("2013-07-10")),
            (&[2, 2], Some("2017-07-11")),
            (&[2, 4], None),
        ],
    },
    Lifetimes {
        product: "Microsoft IIS",
        source: "https://learn.microsoft.com/lifecycle/products/internet-information-services-iis",
        branches: &[
            (&[6, 0], Some("2015-07-14")),
            (&[7, 0], Some("2020-01-14")),
            (&[7, 5], Some("2020-01-14")),
            (&[8, 0], Some("2023-10-10")),
            (&[8, 5], Some("2023-10-10")),
        ],
    },
    Lifetimes {
        product: "OpenSSL",
        source: "https://openssl-library.org/policies/releasestrat/",
        branches: &[
            (&[0, 9, 8], Some("2015-12-31")),
            (&[1, 0, 0], Some("2015-12-31")),
            (&[1, 0, 1], Some("2016-12-31")),
            (&[1, 0, 2], Some("2019-12-31")),
            (&[1, 1, 0], Some("2019-09-11")),
            (&[1, 1, 1], Some("2023-09-11")),
            (&[3, 0], Some("2026-09-07")),
        ],
    },
    Lifetimes {
        product: "WordPress",
        source: "https://make.wordpress.org/security/",
        branches: &[(&[4, 0], Some("2022-12-01")), (&[4, 6], Some("2025-07-31"))],
    },
    Lifetimes {
        product: "Drupal",
        source: "https://www.drupal.org/about/core/policies/core-release-cycles/schedule",
        branches: &[
            (&[6], Some("2016-02-24")),
            (&[7], Some("2025-01-05")),
            (&[8], Some("2021-11-02")),
            (&[9], Some("2023-11-01")),
        ],
    },
    Lifetimes {
        product: "Joomla",
        source: "https://developer.joomla.org/roadmap.html",
        branches: &[
            (&[2, 5], Some("2014-12-31")),
            (&[3], Some("2023-08-17")),
            (&[4], Some("2025-10-17")),
            (&[5], Some("2027-10-19")),
            (&[6], Some("2029-10-14")),
        ],
    },
    Lifetimes {
        product: "AngularJS",
        source: "https://docs.angularjs.org/misc/version-support-status",
        branches: &[(&[1], Some("2021-12-31"))],
    },
    Lifetimes {
        product: "Bootstrap",
        source: "https://github.com/twbs/release",
        branches: &[
            (&[2], Some("2013-08-19")),
            (&[3], Some("2019-07-24")),
            (&[4], Some("2023-01-01")),
            (&[5], None),
        ],
    },
    Lifetimes {
        product: "Vue",
        source: "https://v2.vuejs.org/eol/",
        branches: &[(&[2], Some("2023-12-31")), (&[3], None)],
    },
];

/// Looks a version up. A version older than a branch of the table, and newer than the one before,
/// ended no later than that branch.
pub(super) fn life(product: &str, version: &str, day: Timestamp) -> Life {
    let Some(lifetimes) = LIFETIMES.iter().find(|have| have.product == product) else {
        return Life::Unknown;
    };
    let numbers: Vec<u32> = version
        .split('.')
        .map_while(|part| {
            let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            part[..end].parse().ok()
        })
        .collect();
    let ended = |end: &str| {
        let last = Timestamp::parse(&format!("{end}T23:59:59Z"));
        last.is_some_and(|last| day.ms_since(last) > 0)
    };
    let mut branches = lifetimes.branches.iter();
    if let Some((_, end)) = branches.clone().find(|(branch, _)| numbers.starts_with(branch)) {
        return match end {
            Some(end) if ended(end) => Life::Ended(end),
            _ => Life::Supported,
        };
    }
    // It is only older than a branch when all the numbers that name a branch are told.
    let newer =
        branches.find(|(branch, _)| numbers.get(..branch.len()).is_some_and(|told| told < *branch));
    match newer {
        Some((_, Some(end))) if ended(end) => Life::Ended(end),
        _ => Life::Unknown,
    }
}

/// Returns where a product's dates come from.
pub(super) fn source(product: &str) -> &'static str {
    LIFETIMES.iter().find(|have| have.product == product).map_or("", |have| have.source)
}

/// Says whether the table has the product.
pub(super) fn knows(product: &str) -> bool {
    LIFETIMES.iter().any(|have| have.product == product)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(day: &str, product: &str, version: &str) -> Life {
        life(product, version, Timestamp::parse(&format!("{day}T12:00:00Z")).unwrap())
    }

    #[test]
    fn branches_are_in_order_and_their_days_are_days() {
        for have in LIFETIMES {
            assert!(have.source.starts_with("https://"), "{}", have.product);
            for pair in have.branches.windows(2) {
                assert!(pair[0].0 < pair[1].0, "{} {:?}", have.product, pair[1].0);
            }
            for (_, end) in have.branches {
                let day = end.map(|end| Timestamp::parse(&format!("{end}T00:00:00Z")));
                assert_ne!(day, Some(None), "{}", have.product);
            }
        }
    }

    #[test]
    fn a_branch_lives_until_the_end_of_its_last_day() {
        assert_eq!(on("2022-11-28", "PHP", "7.4.3"), Life::Supported);
        assert_eq!(on("2022-11-29", "PHP", "7.4.3"), Life::Ended("2022-11-28"));
        assert_eq!(on("2026-11-24", "PHP", "8.3.1"), Life::Supported);
        assert_eq!(on("2026-11-24", "Apache httpd", "2.4.58"), Life::Supported);
        assert_eq!(on("2026-11-24", "OpenSSL", "1.0.2k"), Life::Ended("2019-12-31"));
        assert_eq!(on("2026-11-24", "Drupal", "7"), Life::Ended("2025-01-05"));
    }

    #[test]
    fn what_lies_between_two_branches_ended_with_the_newer_one() {
        assert_eq!(on("2026-11-24", "nginx", "1.19.3"), Life::Ended("2022-05-24"));
        assert_eq!(on("2026-11-24", "WordPress", "4.5.3"), Life::Ended("2025-07-31"));
        assert_eq!(on("2026-11-24", "nginx", "0.7.0"), Life::Ended("2019-04-23"));
        assert_eq!(on("2026-11-24", "Apache httpd", "2.3.0"), Life::Unknown);
    }

    #[test]
    fn what_the_table_does_not_know_is_unknown() {
        assert_eq!(on("2026-11-24", "nginx", "1.29.1"), Life::Unknown);
        assert_eq!(on("2026-11-24", "WordPress", "6.4.2"), Life::Unknown);
        assert_eq!(on("2026-11-24", "PHP", "8"), Life::Unknown);
        assert_eq!(on("2026-11-24", "PHP", "9.0.0"), Life::Unknown);
        assert_eq!(on("2026-11-24", "Caddy", "2.7.6"), Life::Unknown);
        assert_eq!(on("2026-11-24", "PHP", "x"), Life::Unknown);
    }
}
