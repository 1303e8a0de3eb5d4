//! From columns to fields, on both databases, without a derive.

use std::borrow::Cow;

use model::{
    AccountState, AlertPreferences, AlertRules, AlertType, AuthFailure, Environment, Grade,
    LeakPolicy, ModuleId, Outcome, Role, ScanProfile, ScanSource, ScanStatus, Scope, Severity,
    SubscriptionStatus, TeamRole, Timestamp,
};

use crate::{Result, StoreError};

/// How a field is kept in a column.
pub(crate) trait Cell: Sized {
    /// The column's own type.
    type Raw;
    fn read(raw: Self::Raw) -> Result<Self>;
}

macro_rules! plain {
    ($($type:ty),*) => { $(impl Cell for $type {
        type Raw = $type;
        fn read(raw: $type) -> Result<Self> { Ok(raw) }
    })* };
}
plain!(i64, String);

impl Cell for bool {
    type Raw = i64;
    fn read(raw: i64) -> Result<Self> {
        Ok(raw != 0)
    }
}

impl Cell for Timestamp {
    type Raw = i64;
    fn read(raw: i64) -> Result<Self> {
        Ok(Self(raw))
    }
}

impl<T: Cell> Cell for Option<T> {
    type Raw = Option<T::Raw>;
    fn read(raw: Self::Raw) -> Result<Self> {
        raw.map(T::read).transpose()
    }
}

macro_rules! word {
    ($($type:ty),*) => { $(
        impl Cell for $type {
            type Raw = String;
            fn read(raw: String) -> Result<Self> {
                Self::parse(&raw).ok_or_else(|| StoreError::Value(format!("`{raw}`")))
            }
        }
    )* };
}
word!(
    SubscriptionStatus,
    AccountState,
    Role,
    TeamRole,
    Environment,
    ScanStatus,
    ScanSource,
    ScanProfile,
    Grade,
    LeakPolicy,
    AlertType,
    Severity,
    AuthFailure,
    Outcome
);

macro_rules! list {
    ($($type:ty),*) => { $(impl Cell for Vec<$type> {
        type Raw = String;
        fn read(raw: String) -> Result<Self> {
            serde_json::from_str(&raw).map_err(|error| StoreError::Value(error.to_string()))
        }
    })* };
}
list!(String, Scope, ModuleId);

macro_rules! object {
    ($($type:ty),*) => { $(impl Cell for $type {
        type Raw = String;
        fn read(raw: String) -> Result<Self> {
            serde_json::from_str(&raw).map_err(|error| StoreError::Value(error.to_string()))
        }
    })* };
}
object!(AlertPreferences, AlertRules);

impl Cell for serde_json::Value {
    type Raw = String;
    fn read(raw: String) -> Result<Self> {
        serde_json::from_str(&raw).map_err(|error| StoreError::Value(error.to_string()))
    }
}

/// Returns free text as both databases can keep it: PostgreSQL knows no NUL, and what a target or a
/// caller sends may hold one.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    match text.contains('\0') {
        true => Cow::Owned(text.replace('\0', "\u{fffd}")),
        false => Cow::Borrowed(text),
    }
}

/// Writes a list or value for its TEXT column.
pub(crate) fn json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Value(error.to_string()))
}

/// Makes a struct readable from rows of both databases; columns are named like its fields.
macro_rules! row {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $type:ty),* $(,)? }) => {
        $(#[$meta])* pub struct $name { $($(#[$field_meta])* pub $field: $type),* }
        crate::rows::row!(@for $name { $($field: $type),* } sqlx::sqlite::SqliteRow);
        crate::rows::row!(@for $name { $($field: $type),* } sqlx::postgres::PgRow);
    };
    (@for $name:ident { $($field:ident: $type:ty),* } $row:ty) => {
        impl<'r> sqlx::FromRow<'r, $row> for $name {
            fn from_row(row: &'r $row) -> sqlx::Result<Self> {
                use sqlx::Row;
                let failed = |error: crate::StoreError| sqlx::Error::Decode(error.to_string().into());
                Ok(Self { $($field: <$type as crate::rows::Cell>::read(
                    row.try_get::<<$type as crate::rows::Cell>::Raw, _>(stringify!($field))?,
                ).map_err(failed)?),* })
            }
        }
    };
}
pub(crate) use row;
