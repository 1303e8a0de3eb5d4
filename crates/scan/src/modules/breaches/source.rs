use std::path::PathBuf;

/// Where breaches are known.
#[derive(Debug, Clone, Default)]
pub struct BreachSources {
    /// Base URL of a service that answers `/api/v3/breaches` as Have I Been Pwned does, without a
    /// slash at the end.
    pub url: Option<String>,
    /// What the service knows the operator by.
    pub api_key: Option<ApiKey>,
    /// A file in the form of that answer.
    pub file: Option<PathBuf>,
}

/// A key of the operator's, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(pub String);

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_not_printed() {
        let api_key = Some(ApiKey("hunter2".to_owned()));
        assert!(
            !format!("{:?}", BreachSources { api_key, ..Default::default() }).contains("hunter")
        );
    }
}
