use std::path::PathBuf;

use url::Url;

/// A table of a provider: a file, or a URL that is fetched once an hour.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum ProviderFile {
    File(PathBuf),
    /// Of `http` or `https`; may hold a key, so it is never printed whole.
    Url(Url),
}

impl ProviderFile {
    /// Reads a path or a URL.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once("://") {
            Some(("http" | "https", _)) => {
                let url = Url::parse(text).ok()?;
                url.host_str().is_some().then_some(Self::Url(url))
            }
            Some(_) => None,
            None => (!text.is_empty()).then(|| Self::File(PathBuf::from(text))),
        }
    }

    /// Returns what a report calls it: the host, or the name of the file.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::File(path) => {
                path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
            }
            Self::Url(url) => url.host_str().unwrap_or_default().to_owned(),
        }
    }
}

/// Shows the host of a URL and nothing behind it.
impl std::fmt::Display for ProviderFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Url(url) => write!(f, "{}://{}/[redacted]", url.scheme(), self.name()),
        }
    }
}

impl std::fmt::Debug for ProviderFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_a_file_or_a_url_whose_key_stays_hidden() {
        let url = ProviderFile::parse("https://me:hunter2@feed.example/hunter3/list?k=hunter4");
        let url = url.unwrap();
        assert_eq!(url.name(), "feed.example");
        assert!(!format!("{url} {url:?}").contains("hunter"));
        let file = ProviderFile::parse("/var/lib/feeds/hosts.txt").unwrap();
        assert_eq!(file.name(), "hosts.txt");
        assert_eq!(file.to_string(), "/var/lib/feeds/hosts.txt");
        for text in ["", "ftp://feed.example/", "https://", "http:///x"] {
            assert_eq!(ProviderFile::parse(text).filter(|list| list.name().is_empty()), None);
        }
        assert_eq!(ProviderFile::parse("ftp://feed.example/"), None);
    }
}
