use std::collections::HashMap;
use std::time::Duration;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use scan::{Engine, Settings, SettingsProblem};

use crate::config::ScanConfig;

/// Why the engine cannot be made from the settings.
#[derive(Debug, thiserror::Error)]
pub enum EngineProblem {
    #[error("`scan.trust_roots`: {path} holds no certificates in PEM form: {reason}")]
    TrustRoots { path: String, reason: String },
    #[error(transparent)]
    Settings(#[from] SettingsProblem),
}

/// Makes the engine that the settings describe.
pub fn engine(config: &ScanConfig) -> Result<Engine, EngineProblem> {
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
    let overrides = config.port_overrides.iter().map(|place| (place.port, place.target));
    Ok(Engine::new(Settings {
        resolver: config.resolver,
        extra_roots,
        allow_private_networks: config.allow_private_networks,
        deadline: Duration::from_secs(config.deadline_seconds.get().into()),
        exclusions: config.exclusions.iter().map(|name| name.to_ascii_lowercase()).collect(),
        port_overrides: overrides.collect::<HashMap<_, _>>(),
    })?)
}
