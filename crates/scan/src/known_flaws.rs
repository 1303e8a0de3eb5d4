//! Flaws of server software that a version gives away: a small table of our own, as of 25 November
//! 2026, for what services greet with and what web servers name in their headers.
//!
//! Only flaws that are well known and whose versions are certain stand here, each with the page that
//! tells the versions. A version tells little where a distribution mends its packages without
//! changing their number, or where the flaw needs a configuration: such a row is only possible
//! ([`Certainty`]), and so is every row when the greeting names a distribution.
//!
//! What CISA's catalogue has could only be compared in part (CVE-2025-32433), ranges of Exim and
//! libssh with those of other scanners; an operator who needs it exact names the catalogue in `providers.kev`.
//!
//! To add a flaw: a row in [`FLAWS`]; a product: how its name begins, in [`PRODUCTS`].

use std::collections::BTreeSet;

/// Numbers of a version, the first the greatest; a letter at the end counts from 1.
type Numbers = &'static [u32];

/// Versions that have a flaw.
struct Flaw {
    product: &'static str,
    /// The first version that has it.
    from: Numbers,
    /// The first version that has it no more.
    below: Numbers,
    cve: &'static str,
    /// Whether CISA's catalogue of exploited flaws has it.
    is_exploited: bool,
    certainty: Certainty,
    /// The page that tells the versions.
    source: &'static str,
}

/// How far a version tells that the flaw is there.
enum Certainty {
    Certain,
    /// But for these versions, which a distribution has mended under the same number.
    ButFor(&'static [Numbers]),
    /// The clause says what else it takes.
    When(&'static str),
    /// The same, and the greeting has to name one of these words.
    WhenNamed(&'static str, &'static [&'static str]),
}

use Certainty::{ButFor, Certain, When, WhenNamed};

const FLAWS: &[Flaw] = &[
    Flaw {
        product: "OpenSSH",
        from: &[8, 5],
        below: &[9, 8],
        cve: "CVE-2024-6387",
        is_exploited: false,
        // Banners of Red Hat, Alpine and OpenBSD look alike, and not all of them are affected.
        certainty: When("on Linux with glibc"),
        source: "https://www.qualys.com/2024/07/01/cve-2024-6387/regresshion.txt",
    },
    Flaw {
        product: "Dropbear",
        from: &[0],
        below: &[2016, 74],
        cve: "CVE-2016-7406",
        is_exploited: false,
        certainty: ButFor(&[&[2012, 55], &[2014, 65]]),
        source: "https://matt.ucc.asn.au/dropbear/CHANGES",
    },
    Flaw {
        product: "libssh",
        from: &[0, 6],
        below: &[0, 7, 6],
        cve: "CVE-2018-10933",
        is_exploited: false,
        certainty: ButFor(&[&[0, 6, 3], &[0, 7, 3]]),
        source: "https://www.libssh.org/security/advisories/CVE-2018-10933.txt",
    },
    Flaw {
        product: "libssh",
        from: &[0, 8],
        below: &[0, 8, 4],
        cve: "CVE-2018-10933",
        is_exploited: false,
        certainty: ButFor(&[&[0, 8, 0], &[0, 8, 1]]),
        source: "https://www.libssh.org/security/advisories/CVE-2018-10933.txt",
    },
    Flaw {
        product: "Erlang/OTP SSH",
        from: &[0],
        below: &[4, 15, 3, 12],
        cve: "CVE-2025-32433",
        is_exploited: true,
        certainty: When("unless the distribution mended its package"),
        source: "https://github.com/erlang/otp/security/advisories/GHSA-37cp-fgq5-7wc2",
    },
    Flaw {
        product: "Erlang/OTP SSH",
        from: &[5],
        below: &[5, 1, 4, 8],
        cve: "CVE-2025-32433",
        is_exploited: true,
        certainty: Certain,
        source: "https://github.com/erlang/otp/security/advisories/GHSA-37cp-fgq5-7wc2",
    },
    Flaw {
        product: "Erlang/OTP SSH",
        from: &[5, 2],
        below: &[5, 2, 10],
        cve: "CVE-2025-32433",
        is_exploited: true,
        certainty: ButFor(&[&[5, 2, 9]]),
        source: "https://github.com/erlang/otp/security/advisories/GHSA-37cp-fgq5-7wc2",
    },
    Flaw {
        product: "Serv-U",
        from: &[0],
        below: &[15, 2, 3, 742],
        cve: "CVE-2021-35211",
        is_exploited: true,
        certainty: Certain,
        source: "https://www.solarwinds.com/trust-center/security-advisories/cve-2021-35211",
    },
    Flaw {
        product: "Serv-U",
        from: &[0],
        below: &[15, 4, 2, 157],
        cve: "CVE-2024-28995",
        is_exploited: true,
        certainty: Certain,
        source: "https://www.solarwinds.com/trust-center/security-advisories/cve-2024-28995",
    },
    Flaw {
        product: "Exim",
        from: &[4, 87],
        below: &[4, 92],
        cve: "CVE-2019-10149",
        is_exploited: true,
        certainty: ButFor(&[&[4, 89], &[4, 90, 1], &[4, 91]]),
        source: "https://www.exim.org/static/doc/security/CVE-2019-10149.txt",
    },
    Flaw {
        product: "Exim",
        from: &[4, 92],
        below: &[4, 92, 3],
        cve: "CVE-2019-16928",
        is_exploited: true,
        certainty: ButFor(&[&[4, 92]]),
        source: "https://www.exim.org/static/doc/security/CVE-2019-16928.txt",
    },
    Flaw {
        product: "Exim",
        from: &[0],
        below: &[4, 90, 1],
        cve: "CVE-2018-6789",
        is_exploited: true,
        certainty: ButFor(&[&[4, 80], &[4, 82], &[4, 84, 2], &[4, 84], &[4, 86, 2], &[4, 89]]),
        source: "https://www.exim.org/static/doc/security/CVE-2018-6789.txt",
    },
    Flaw {
        product: "vsFTPd",
        from: &[2, 3, 4],
        below: &[2, 3, 5],
        cve: "CVE-2011-2523",
        is_exploited: false,
        certainty: When("in the copies handed out in the first days of July 2011"),
        source: "https://nvd.nist.gov/vuln/detail/CVE-2011-2523",
    },
    Flaw {
        product: "ProFTPD",
        from: &[1, 3, 2],
        below: &[1, 3, 3, 3],
        cve: "CVE-2010-4221",
        is_exploited: false,
        certainty: Certain,
        source: "http://bugs.proftpd.org/show_bug.cgi?id=3521",
    },
    Flaw {
        product: "ProFTPD",
        from: &[1, 3, 5],
        below: &[1, 3, 5, 1],
        cve: "CVE-2015-3306",
        is_exploited: false,
        certainty: When("when the module mod_copy is loaded"),
        source: "http://bugs.proftpd.org/show_bug.cgi?id=4169",
    },
    Flaw {
        product: "Apache httpd",
        from: &[2, 4, 49],
        below: &[2, 4, 50],
        cve: "CVE-2021-41773",
        is_exploited: true,
        certainty: Certain,
        source: "https://httpd.apache.org/security/vulnerabilities_24.html",
    },
    Flaw {
        product: "Apache httpd",
        from: &[2, 4, 49],
        below: &[2, 4, 51],
        cve: "CVE-2021-42013",
        is_exploited: true,
        certainty: Certain,
        source: "https://httpd.apache.org/security/vulnerabilities_24.html",
    },
    Flaw {
        product: "nginx",
        from: &[1, 3, 9],
        below: &[1, 4, 1],
        cve: "CVE-2013-2028",
        is_exploited: false,
        certainty: Certain,
        source: "https://nginx.org/en/security_advisories.html",
    },
    Flaw {
        product: "PHP",
        from: &[5],
        below: &[5, 3, 12],
        cve: "CVE-2012-1823",
        is_exploited: true,
        certainty: When("when PHP runs as CGI"),
        source: "https://www.php.net/ChangeLog-5.php",
    },
    Flaw {
        product: "PHP",
        from: &[5, 4],
        below: &[5, 4, 2],
        cve: "CVE-2012-1823",
        is_exploited: true,
        certainty: When("when PHP runs as CGI"),
        source: "https://www.php.net/ChangeLog-5.php",
    },
    Flaw {
        product: "PHP",
        from: &[7, 1],
        below: &[7, 1, 33],
        cve: "CVE-2019-11043",
        is_exploited: true,
        certainty: When("with nginx and PHP-FPM in some configurations"),
        source: "https://www.php.net/ChangeLog-7.php",
    },
    Flaw {
        product: "PHP",
        from: &[7, 2],
        below: &[7, 2, 24],
        cve: "CVE-2019-11043",
        is_exploited: true,
        certainty: When("with nginx and PHP-FPM in some configurations"),
        source: "https://www.php.net/ChangeLog-7.php",
    },
    Flaw {
        product: "PHP",
        from: &[7, 3],
        below: &[7, 3, 11],
        cve: "CVE-2019-11043",
        is_exploited: true,
        certainty: When("with nginx and PHP-FPM in some configurations"),
        source: "https://www.php.net/ChangeLog-7.php",
    },
    Flaw {
        product: "PHP",
        from: &[5],
        below: &[8, 1, 29],
        cve: "CVE-2024-4577",
        is_exploited: true,
        certainty: WhenNamed("when PHP runs as CGI, as XAMPP has it", WINDOWS),
        source: "https://www.php.net/ChangeLog-8.php",
    },
    Flaw {
        product: "PHP",
        from: &[8, 2],
        below: &[8, 2, 20],
        cve: "CVE-2024-4577",
        is_exploited: true,
        certainty: WhenNamed("when PHP runs as CGI, as XAMPP has it", WINDOWS),
        source: "https://www.php.net/ChangeLog-8.php",
    },
    Flaw {
        product: "PHP",
        from: &[8, 3],
        below: &[8, 3, 8],
        cve: "CVE-2024-4577",
        is_exploited: true,
        certainty: WhenNamed("when PHP runs as CGI, as XAMPP has it", WINDOWS),
        source: "https://www.php.net/ChangeLog-8.php",
    },
    Flaw {
        product: "OpenSSL",
        from: &[1, 0, 1],
        below: &[1, 0, 1, 7],
        cve: "CVE-2014-0160",
        is_exploited: true,
        certainty: When("unless the distribution mended its package"),
        source: "https://openssl-library.org/news/secadv/20140407.txt",
    },
    Flaw {
        product: "Microsoft IIS",
        from: &[6],
        below: &[6, 1],
        cve: "CVE-2017-7269",
        is_exploited: true,
        certainty: When("when WebDAV is on"),
        source: "https://nvd.nist.gov/vuln/detail/CVE-2017-7269",
    },
    Flaw {
        product: "Jenkins",
        from: &[0],
        below: &[2, 426, 3],
        cve: "CVE-2024-23897",
        is_exploited: true,
        certainty: Certain,
        source: "https://www.jenkins.io/security/advisory/2024-01-24/",
    },
    // Weekly releases; the long-term one of the same number, 2.440, begins mended.
    Flaw {
        product: "Jenkins",
        from: &[2, 427],
        below: &[2, 440],
        cve: "CVE-2024-23897",
        is_exploited: true,
        certainty: Certain,
        source: "https://www.jenkins.io/security/advisory/2024-01-24/",
    },
];

const WINDOWS: &[&str] = &["win32", "win64", "microsoft-iis"];

/// How the words of a greeting begin that name a product, in lower case; the version follows.
const PRODUCTS: &[(&str, &str)] = &[
    ("openssh_", "OpenSSH"),
    ("dropbear_", "Dropbear"),
    ("libssh_", "libssh"),
    ("libssh-", "libssh"),
    ("erlang/", "Erlang/OTP SSH"),
    ("serv-u_", "Serv-U"),
    ("exim ", "Exim"),
    ("vsftpd ", "vsFTPd"),
    ("proftpd ", "ProFTPD"),
];

/// Distributions as greetings and headers name them.
const DISTRIBUTIONS: &[(&str, &str)] = &[
    ("debian", "Debian"),
    ("ubuntu", "Ubuntu"),
    ("raspbian", "Raspbian"),
    ("freebsd", "FreeBSD"),
    ("centos", "CentOS"),
    ("red hat", "Red Hat"),
    ("redhat", "Red Hat"),
    ("fedora", "Fedora"),
    ("rocky", "Rocky Linux"),
    ("almalinux", "AlmaLinux"),
    ("amazon", "Amazon Linux"),
    ("oracle linux", "Oracle Linux"),
    ("suse", "SUSE"),
    ("+deb", "Debian"),
    ("~deb", "Debian"),
];

/// How a flaw is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The version has it, and it is used by attackers.
    Exploited,
    /// The version has it.
    Known,
    /// The version may have it.
    Possible,
}

/// A flaw of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) kind: Kind,
    /// The CVE id, what else it takes, and where that is written.
    pub(crate) told: String,
}

/// Returns the distribution that a text names.
pub(crate) fn distribution(text: &str) -> Option<&'static str> {
    let text = text.to_ascii_lowercase();
    DISTRIBUTIONS.iter().find(|(word, _)| text.contains(word)).map(|(_, name)| *name)
}

/// Splits what a service calls itself, as in `OpenSSH_9.2p1 (Debian)`, into product and version.
pub(crate) fn product(text: &str) -> Option<(&'static str, &str)> {
    PRODUCTS.iter().find_map(|(beginning, name)| {
        let begins = text.get(..beginning.len())?.eq_ignore_ascii_case(beginning);
        let rest = text[beginning.len()..].split(' ').next().unwrap_or_default();
        (begins && rest.starts_with(|first: char| first.is_ascii_digit())).then_some((*name, rest))
    })
}

/// Returns the CVE ids of the table, each once.
pub(crate) fn ids() -> BTreeSet<&'static str> {
    FLAWS.iter().map(|flaw| flaw.cve).collect()
}

/// Says whether the table has the product.
pub(crate) fn knows(product: &str) -> bool {
    FLAWS.iter().any(|flaw| flaw.product == product)
}

/// Returns the flaws of a version, each once. `around` is the text the version stood in; `exploited`
/// are the CVE ids that the operator's catalogue adds to ours.
pub(crate) fn flaws(
    product: &str,
    version: &str,
    around: &str,
    exploited: &[String],
) -> Vec<Found> {
    let Some(numbers) = numbers(version) else { return Vec::new() };
    let distribution = distribution(around);
    let lower = around.to_ascii_lowercase();
    let mut found: Vec<Found> = Vec::new();
    for flaw in FLAWS.iter().filter(|flaw| flaw.product == product) {
        if numbers.as_slice() < flaw.from || numbers.as_slice() >= flaw.below {
            continue;
        }
        let doubt = match flaw.certainty {
            Certain => None,
            ButFor(mended) => mended
                .contains(&numbers.as_slice())
                .then_some("unless the distribution mended its package"),
            When(what) => Some(what),
            WhenNamed(what, words) if words.iter().any(|word| lower.contains(word)) => Some(what),
            WhenNamed(..) => continue,
        };
        let is_exploited = flaw.is_exploited || exploited.iter().any(|id| id == flaw.cve);
        let doubt = doubt
            .map(str::to_owned)
            .or_else(|| distribution.map(|name| format!("unless {name} mended its package")));
        let mut told = flaw.cve.to_owned();
        if is_exploited {
            told.push_str(", exploited");
        }
        let kind = match (&doubt, is_exploited) {
            (Some(doubt), _) => {
                told.push_str(&format!(", {doubt}"));
                Kind::Possible
            }
            (None, true) => Kind::Exploited,
            (None, false) => Kind::Known,
        };
        told.push_str(&format!(" ({})", flaw.source));
        found.push(Found { kind, told });
    }
    found
}

/// Reads the numbers of a version: `9.2p1` is 9, 2, 1 and `1.3.3c` is 1, 3, 3, 3. `None` for what
/// was made before a release.
fn numbers(version: &str) -> Option<Vec<u32>> {
    let version = version.to_ascii_lowercase();
    if ["rc", "beta", "alpha", "dev"].iter().any(|word| version.contains(word)) {
        return None;
    }
    let mut numbers = Vec::new();
    for part in version.split(['.', '_', '-', 'p', '+', '~']).filter(|part| !part.is_empty()) {
        let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        let Ok(number) = part[..end].parse() else { break };
        numbers.push(number);
        match &part.as_bytes()[end..] {
            [] => {}
            [letter @ b'a'..=b'z'] => {
                numbers.push(u32::from(letter - b'a' + 1));
                break;
            }
            _ => break,
        }
    }
    (!numbers.is_empty()).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(greeting: &str) -> Vec<(Kind, String)> {
        let (name, version) = product(greeting).unwrap();
        let id =
            |found: Found| (found.kind, found.told.split([',', ' ']).next().unwrap().to_owned());
        flaws(name, version, greeting, &[]).into_iter().map(id).collect()
    }

    fn one(kind: Kind, cve: &str) -> Vec<(Kind, String)> {
        vec![(kind, cve.to_owned())]
    }

    #[test]
    fn every_row_is_whole() {
        for flaw in FLAWS {
            assert!(flaw.from < flaw.below, "{}", flaw.cve);
            assert!(flaw.source.starts_with("http"), "{}", flaw.cve);
            let (year, number) = flaw.cve[4..].split_once('-').unwrap();
            assert!(flaw.cve.starts_with("CVE-") && year.len() == 4 && number.len() >= 4);
            if let ButFor(mended) = flaw.certainty {
                assert!(mended.iter().all(|version| (flaw.from..flaw.below).contains(version)));
            }
        }
        assert!(PRODUCTS.iter().all(|(_, name)| knows(name)));
    }

    #[test]
    fn a_flaw_ends_with_the_version_that_mends_it() {
        assert_eq!(of("OpenSSH_9.7p1"), one(Kind::Possible, "CVE-2024-6387"));
        for sound in ["OpenSSH_9.8p1", "OpenSSH_8.4p1", "OpenSSH_10.0", "Exim 4.98", "vsFTPd 3.0.3"]
        {
            assert_eq!(of(sound), [], "{sound}");
        }
        assert_eq!(of("Serv-U_15.4.2.126"), one(Kind::Exploited, "CVE-2024-28995"));
        assert_eq!(of("Serv-U_15.4.2.157"), []);
        assert_eq!(of("dropbear_2015.67"), one(Kind::Known, "CVE-2016-7406"));
        assert_eq!(of("ProFTPD 1.3.3b"), one(Kind::Known, "CVE-2010-4221"));
        assert_eq!(of("ProFTPD 1.3.3c"), []);
        assert_eq!(of("ProFTPD 1.3.3rc1"), []);
        assert_eq!(
            of("Exim 4.87"),
            [
                (Kind::Exploited, "CVE-2019-10149".to_owned()),
                (Kind::Exploited, "CVE-2018-6789".to_owned()),
            ]
        );
    }

    #[test]
    fn what_a_distribution_may_have_mended_is_only_possible() {
        assert_eq!(of("Exim 4.91"), one(Kind::Possible, "CVE-2019-10149"));
        assert_eq!(of("ProFTPD 1.3.3a (Debian)"), one(Kind::Possible, "CVE-2010-4221"));
        assert_eq!(of("Erlang/5.1.4.7"), one(Kind::Exploited, "CVE-2025-32433"));
        let php = |around| flaws("PHP", "8.2.12", around, &[]);
        assert_eq!(php("Apache/2.4.58 (Ubuntu) PHP/8.2.12"), []);
        let xampp = php("Apache/2.4.58 (Win64) PHP/8.2.12");
        assert_eq!(xampp[0].kind, Kind::Possible);
        assert!(xampp[0].told.starts_with("CVE-2024-4577, exploited, when PHP runs as CGI"));
    }

    #[test]
    fn the_operators_catalogue_adds_to_what_is_exploited() {
        let ids = ["CVE-2016-7406".to_owned()];
        assert_eq!(flaws("Dropbear", "2015.67", "", &ids)[0].kind, Kind::Exploited);
    }

    #[test]
    fn who_only_looks_like_a_product_is_none() {
        for text in ["OpenSSH_for_Windows_9.5", "OpenSSH", "Eximious 4.91", "", "é"] {
            assert_eq!(product(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_version_is_read(text in "(OpenSSH_|Exim |[0-9.]{0,9}|p|c|rc|é|\\PC){0,9}") {
            if let Some((name, version)) = product(&text) {
                flaws(name, version, &text, &[]);
            }
            numbers(&text);
        }
    }
}
