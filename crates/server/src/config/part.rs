use super::value::Raw;

/// One row of the table of settings.
pub(crate) struct Setting {
    pub(crate) key: &'static str,
    /// What may be written, for people.
    pub(crate) kind: String,
    /// The present value as text, secrets hidden; of a fresh configuration, the default.
    pub(crate) value: String,
    pub(crate) doc: String,
}

/// A group of settings.
pub(crate) trait Part {
    fn name(&self) -> &'static str;
    fn doc(&self) -> String;
    fn settings(&self) -> Vec<Setting>;
    /// Sets one field. `None` when there is no such field; an error says what would be right.
    fn set(&mut self, field: &str, raw: Raw<'_>) -> Option<Result<(), String>>;
}

/// Joins the lines of a doc comment to one paragraph.
pub(crate) fn paragraph(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

/// Declares a part: struct, defaults and rows of the table from one text.
macro_rules! part {
    (
        $(#[doc = $part_doc:literal])*
        pub struct $name:ident in $part:literal {
            $( $(#[doc = $doc:literal])* pub $field:ident: $type:ty = $default:expr, )*
        }
    ) => {
        $(#[doc = $part_doc])*
        #[derive(Debug, Clone)]
        pub struct $name { $( $(#[doc = $doc])* pub $field: $type, )* }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $field: $default ),* }
            }
        }

        impl $crate::config::part::Part for $name {
            fn name(&self) -> &'static str {
                $part
            }

            fn doc(&self) -> String {
                $crate::config::part::paragraph(&[$($part_doc),*])
            }

            fn settings(&self) -> Vec<$crate::config::part::Setting> {
                use $crate::config::value::Value;
                vec![$( $crate::config::part::Setting {
                    key: concat!($part, ".", stringify!($field)),
                    kind: <$type>::kind(),
                    value: self.$field.show(),
                    doc: $crate::config::part::paragraph(&[$($doc),*]),
                } ),*]
            }

            fn set(
                &mut self,
                field: &str,
                raw: $crate::config::value::Raw<'_>,
            ) -> Option<Result<(), String>> {
                use $crate::config::value::Value;
                match field {
                    $( stringify!($field) => Some(<$type>::read(raw).map(|value| self.$field = value)), )*
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use part;
