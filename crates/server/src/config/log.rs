use super::part::part;
use super::value::Value;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Human,
    Json,
}

/// The least important level that is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

macro_rules! choice {
    ($name:ident { $($variant:ident = $word:literal),+ }) => {
        impl Value for $name {
            fn kind() -> String {
                ["one of", $(concat!("`", $word, "`")),+].join(" ")
            }

            fn parse(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$variant),)+ _ => None }
            }

            fn show(&self) -> String {
                self.as_str().to_owned()
            }
        }

        impl $name {
            /// Returns the word for it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}
choice!(LogFormat { Human = "human", Json = "json" });
choice!(LogLevel {
    Error = "error",
    Warn = "warn",
    Info = "info",
    Debug = "debug",
    Trace = "trace"
});

part! {
    /// What the server writes to standard error.
    pub struct LogConfig in "log" {
        /// How log lines look.
        pub format: LogFormat = LogFormat::Human,
        /// The least important level that is logged.
        pub level: LogLevel = LogLevel::Info,
    }
}
