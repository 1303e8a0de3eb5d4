/// A hosting service on which anybody may claim a name that its owner let go.
pub(super) struct Service {
    pub(super) name: &'static str,
    /// What aliases to it end in.
    suffix: &'static str,
    /// What its page says about a name that nobody owns.
    pub(super) unclaimed: &'static str,
}

/// Services whose own page tells that a name is free, after the list can-i-take-over-xyz keeps.
/// Services that prove ownership before they serve a name are left out.
const SERVICES: &[Service] = &[
    Service {
        name: "Amazon S3",
        suffix: ".amazonaws.com",
        unclaimed: "The specified bucket does not exist",
    },
    Service { name: "Bitbucket", suffix: ".bitbucket.io", unclaimed: "Repository not found" },
    Service {
        name: "GitHub Pages",
        suffix: ".github.io",
        unclaimed: "There isn't a GitHub Pages site here.",
    },
    Service {
        name: "Ghost",
        suffix: ".ghost.io",
        unclaimed: "Failed to resolve DNS path for this host",
    },
    Service {
        name: "Help Juice",
        suffix: ".helpjuice.com",
        unclaimed: "We could not find what you're looking for.",
    },
    Service {
        name: "Help Scout",
        suffix: ".helpscoutdocs.com",
        unclaimed: "No settings were found for this company:",
    },
    Service { name: "Heroku", suffix: ".herokuapp.com", unclaimed: "No such app" },
    Service { name: "Pantheon", suffix: ".pantheonsite.io", unclaimed: "404 error unknown site!" },
    Service {
        name: "Readme.io",
        suffix: ".readme.io",
        unclaimed: "The creators of this project are still working on making everything perfect!",
    },
    Service { name: "Surge", suffix: ".surge.sh", unclaimed: "project not found" },
    Service {
        name: "Tumblr",
        suffix: ".tumblr.com",
        unclaimed: "Whatever you were looking for doesn't currently exist at this address.",
    },
    Service {
        name: "WordPress.com",
        suffix: ".wordpress.com",
        unclaimed: "Do you want to register",
    },
];

impl Service {
    /// Finds the service an alias leads to.
    pub(super) fn of(alias: &str) -> Option<&'static Self> {
        SERVICES.iter().find(|service| alias.ends_with(service.suffix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_known_by_the_end_of_the_alias() {
        let name = |alias: &str| Service::of(alias).map(|service| service.name);
        assert_eq!(name("shop.github.io"), Some("GitHub Pages"));
        assert_eq!(name("bucket.s3-website.eu-central-1.amazonaws.com"), Some("Amazon S3"));
        assert_eq!(name("github.io.example.com"), None);
        assert_eq!(name("notgithub.io"), None);
    }
}
