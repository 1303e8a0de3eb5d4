use std::collections::HashMap;
use std::time::Duration;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use scan::{ApiKey, BreachSources, DnssecAnchors, Engine, Providers, Settings, SettingsProblem};

use crate::config::{Config, ProvidersConfig};

/// Why the engine cannot be made from the settings.
#[derive(Debug, thiserror::Error)]
pub enum EngineProblem {
    #[error("`scan.trust_roots`: {path} holds no certificates in PEM form: {reason}")]
    TrustRoots { path: String, reason: String },
    #[error("`scan.dnssec_anchor`: {path} cannot be used: {reason}")]
    DnssecAnchor { path: String, reason: String },
    #[error(transparent)]
    Settings(#[from] SettingsProblem),
}

/// Makes the engine that the settings describe.
pub fn engine(config: &Config) -> Result<Engine, EngineProblem> {
    let (config, theirs) = (&config.scan, &config.providers);
    let mut extra_roots = Vec::new();
    if let Some(path) = &config.trust_roots {
        let problem =
            |reason: String| EngineProblem::TrustRoots { path: path.display().to_string(), reason };
        let read =
            CertificateDer::pem_file_iter(path).map_err(|error| problem(error.to_string()))?;
        for certificate in read {
            extra_roots.push(certificate.map_err(|error| problem(error.to_string()))?);
        }
        if extra_roots.is_empty() {
            return Err(problem("the file is empty".to_owned()));
        }
    }
    let dnssec_anchors = match &config.dnssec_anchor {
        None => DnssecAnchors::default(),
        Some(path) => {
            let problem = |reason: String| EngineProblem::DnssecAnchor {
                path: path.display().to_string(),
                reason,
            };
            let text = std::fs::read_to_string(path).map_err(|error| problem(error.to_string()))?;
            DnssecAnchors::parse(&text).map_err(problem)?
        }
    };
    let overrides = config.port_overrides.iter().map(|place| (place.port, place.target));
    Ok(Engine::new(Settings {
        resolver: config.resolver,
        extra_roots,
        dnssec_anchors,
        allow_private_networks: config.allow_private_networks,
        deadline: Duration::from_secs(config.deadline_seconds.get().into()),
        sockets: usize::try_from(config.sockets.get()).unwrap_or(usize::MAX),
        exclusions: config.exclusions.clone(),
        providers: providers(theirs),
        port_overrides: overrides.collect::<HashMap<_, _>>(),
    })?)
}

fn providers(config: &ProvidersConfig) -> Providers {
    let (services, files) = config.breach_sources();
    Providers {
        rdap: config.rdap.as_ref().map(|url| url.as_str().to_owned()),
        breaches: BreachSources {
            url: services.first().map(|url| url.as_str().to_owned()),
            api_key: config.breaches_api_key.as_ref().map(|key| ApiKey(key.expose().to_owned())),
            file: files.first().map(|path| (*path).clone()),
        },
        reputation: config.reputation.clone(),
        block_lists: config.block_lists.clone(),
        certificate_transparency: config.certificate_transparency.clone(),
        hsts_preload: config.hsts_preload.clone(),
        ct_log_list: config.ct_log_list.clone(),
        weak_keys: config.weak_keys.clone(),
        kev: config.kev.clone(),
        rpki: config.rpki.clone(),
        route_origins: config.route_origins.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trust_anchor_that_cannot_be_read_stops_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("anchor.zone");
        let mut config = Config::in_folder(folder.path().to_owned());
        config.scan.dnssec_anchor = Some(path.clone());
        let problem = |config: &Config| engine(config).err().map(|error| error.to_string());
        assert!(problem(&config).unwrap().contains("`scan.dnssec_anchor`"));
        std::fs::write(&path, "example. IN A 192.0.2.1").unwrap();
        assert!(problem(&config).unwrap().contains("example. IN A"));
        std::fs::write(&path, ". IN DS 1 13 2 abcd").unwrap();
        assert_eq!(problem(&config), None);
    }
}
