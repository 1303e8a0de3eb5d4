use super::part::part;

part! {
    /// Data from others. These names are reserved and nothing reads them yet; `scan.rdap_url`,
    /// `scan.breach_url`, `scan.breach_file`, `scan.reputation_lists`, `scan.block_lists`,
    /// `scan.transparency_url` and `scan.hsts_preload_list` are what is in use.
    pub struct ProvidersConfig in "providers" {
        /// Known breaches of a domain.
        pub breaches: Option<String> = None,
        /// Certificate transparency logs.
        pub certificate_transparency: Option<String> = None,
        /// Malware and phishing feeds.
        pub reputation: Option<String> = None,
        /// DNS block lists.
        pub block_lists: Option<String> = None,
        /// The RDAP bootstrap registry.
        pub rdap_bootstrap: Option<String> = None,
        /// The HSTS preload list.
        pub hsts_preload: Option<String> = None,
        /// Vulnerable JavaScript libraries.
        pub vulnerable_libraries: Option<String> = None,
        /// End-of-life dates of software.
        pub end_of_life: Option<String> = None,
    }
}

impl ProvidersConfig {
    pub(crate) fn any(&self) -> bool {
        let all = [
            &self.breaches,
            &self.certificate_transparency,
            &self.reputation,
            &self.block_lists,
            &self.rdap_bootstrap,
            &self.hsts_preload,
            &self.vulnerable_libraries,
            &self.end_of_life,
        ];
        all.iter().any(|provider| provider.is_some())
    }
}
