//! The SQL behind the service: one text for SQLite and PostgreSQL.
//!
//! One file per table family. Every public function is one transaction named for what it does;
//! what must be atomic is one function. Limits are decided by the database in one statement, not
//! counted and then inserted. Expected outcomes are values (`Option`, `bool`, an enum); only a
//! broken database is a [`StoreError`].
//!
//! Invariants: the owner's id is the first argument of every function about an account's things,
//! the exceptions stand in `operator`; time is always a parameter; no rule of the product lives
//! here ("quota reached" is a return value).
//!
//! To add a function: SQL as a `const` at its top, `read!` or `write!` around it, a `store_test!`
//! at the bottom of the file. A new column is a new migration.

mod accepted_risks;
mod accounts;
mod alert_digests;
mod alert_raising;
mod alert_settings;
mod alerts;
mod api_keys;
mod audit;
mod audit_check;
mod badges;
mod email_change;
mod generation;
mod jobs;
mod key_leaks;
mod key_lists;
mod key_notices;
mod key_policies;
mod key_revocation;
mod key_rotation;
mod key_usage;
mod leaving;
mod migrate;
mod once;
mod operator;
mod passkeys;
mod plans;
mod rows;
mod scan_queue;
mod scanned_domains;
mod scans;
mod second_factors;
mod sessions;
mod shares;
mod team;
mod team_invitations;
#[cfg(feature = "testing")]
pub mod testing;
mod usage;
mod usage_pruning;
mod usage_reports;
mod usage_watch;
mod user_tokens;

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, PgConnection, PgPool, SqlitePool};

pub use accepted_risks::{AcceptedRisk, NewAcceptedRisk, RiskAccepted, RiskFilter};
pub use accounts::{FirstAdmin, Login, NewUser, Principal, User};
pub use alert_raising::{Hold, LETTERS_A_DAY, NewAlert};
pub use alert_settings::{AlertSettings, AlertSettingsChange};
pub use alerts::{Alert, AlertCount, AlertFilter, AlertOrder};
pub use api_keys::{ApiKey, KeyChange, KeyMade, KeyPrincipal, KeyUse, NewKey, PepperCount, Rehash};
pub use audit::{Act, AuditEntry, AuditKey, in_request, in_this_request};
pub use audit_check::{AuditChain, AuditFilter};
pub use badges::BadgeScore;
pub use email_change::EmailChange;
pub use jobs::{Job, Lane, NewJob};
pub use key_leaks::LeakJobs;
pub use key_lists::KeyFilter;
pub use key_notices::{KeyOwner, WatchedKey};
pub use key_policies::{KeyPolicy, KeyPolicyChange};
pub use key_revocation::{KeySelection, Revoked};
pub use key_rotation::{Rotated, Rotation};
pub use key_usage::{CallerGrouping, CallerUse, KeyPoint, MOST_CALLS, MOST_KEYS, RouteUse};
pub use leaving::Closed;
pub use once::{Made, Once};
pub use operator::{AccountChange, AccountUser, INSTANCE, Overview, UserFilter};
pub use passkeys::{
    AnsweredChallenge, NewPasskey, Passkey, PasskeyLogin, PasskeyMade, PasskeyUse, PasskeyUsed,
};
pub use plans::PlanUse;
pub use scan_queue::{Consent, NewScan, Queued, ScanAllowance};
pub use scanned_domains::{DomainFilter, DomainOrder, ScoredScan};
pub use scans::{Canceled, Ended, Refund, Scan, ScanFilter, ScanOrder};
pub use second_factors::{NewTotp, SecondFactors, TotpTried};
pub use sessions::{NewSession, Session, SessionPrincipal, SessionUse};
pub use shares::{NewShare, Share, ShareMade, SharedScan};
pub use team::{KeysOfLeaver, Leaver, Member, MemberRemoved, RoleChanged};
pub use team_invitations::{
    Invitation, InvitationLetter, Invited, Joined, MAX_INVITATIONS, NewInvitation, NewPerson,
};
pub use usage::{
    AttemptCount, LATENCY_BOUNDS_MS, LATENCY_BUCKETS, Latency, NetworkSeen, RequestRecord,
    UsageBatch, UsageCount, UsageKey,
};
pub use usage_pruning::{BATCH_MEMORY_MS, Old};
pub use usage_reports::{
    AttemptDay, AttemptFilter, AttemptGroup, AttemptGrouping, FailedAttempts, KeyNetwork, KeyUsage,
    LoggedRequest, OutcomeTotal, RequestFilter, UsageFilter, UsagePoint,
};
pub use usage_watch::{
    AttemptMinute, HourRequests, KeyRequests, KeyToSettle, NetworkToSettle, Refusals,
};
pub use user_tokens::{KeysOnReset, LinkHolder, NewLink, Reset};

use crate::generation::{Generation, GenerationFile};

/// The database is broken, unreachable or newer than this program. Never an expected outcome.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the database cannot be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    #[error(
        "the database was written by a newer version of this program: it is at schema {found}, and \
         this version knows {known}; use the newer version, or a copy from before the upgrade"
    )]
    TooNew { found: i64, known: i64 },
    #[error("`{0}` is not a database address; use sqlite://PATH or postgres://USER@HOST/NAME")]
    Address(String),
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("a stored value cannot be read: {0}")]
    Value(String),
}

impl StoreError {
    /// Returns whether the database is away or overloaded, so that trying again later may help.
    pub fn is_outage(&self) -> bool {
        use sqlx::Error::{Io, PoolClosed, PoolTimedOut, Tls, WorkerCrashed};
        match self {
            Self::Database(Io(_) | PoolClosed | PoolTimedOut | Tls(_) | WorkerCrashed) => true,
            // SQLITE_BUSY, and PostgreSQL's connection failures and shutdowns.
            Self::Database(sqlx::Error::Database(error)) => error.code().is_some_and(|code| {
                code == "5" || code.starts_with("08") || code.starts_with("57P")
            }),
            _ => false,
        }
    }
}

type Result<T> = std::result::Result<T, StoreError>;

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pool: Pool,
    generation: Generation,
    audit_key: AuditKey,
}

#[derive(Clone)]
enum Pool {
    /// SQLite has one writer; readers do not wait for it (write-ahead log).
    Sqlite {
        writer: SqlitePool,
        reader: SqlitePool,
    },
    Postgres(PgPool),
}

/// Runs one expression on a connection pool that may be read from.
macro_rules! read {
    ($store:expr, $pool:ident => $body:expr) => {
        match &$store.pool {
            crate::Pool::Sqlite { reader: $pool, .. } => $body,
            crate::Pool::Postgres($pool) => $body,
        }
    };
}
pub(crate) use read;

/// Runs a block in one transaction. An `Err`, or dropping the future, rolls it back.
macro_rules! write {
    ($store:expr, $tx:ident => $body:block) => {
        match &$store.pool {
            crate::Pool::Sqlite { writer, .. } => {
                let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
                let outcome: crate::Result<_> = async {
                    let $tx = &mut *transaction;
                    $body
                }
                .await;
                let value = outcome?;
                transaction.commit().await?;
                value
            }
            crate::Pool::Postgres(pool) => {
                let mut transaction = pool.begin().await?;
                let outcome: crate::Result<_> = async {
                    let $tx = &mut *transaction;
                    $body
                }
                .await;
                let value = outcome?;
                transaction.commit().await?;
                value
            }
        }
    };
}
pub(crate) use write;

impl Store {
    /// Opens and migrates the database at `sqlite://PATH` or `postgres://USER@HOST/NAME`.
    ///
    /// An SQLite file is made with mode 0600 when it is missing. `audit_key` seals the audit log;
    /// every process that works on the database needs the same.
    pub async fn open(address: &str, audit_key: &AuditKey) -> Result<Self> {
        let audit_key = audit_key.clone();
        match address.split_once("://") {
            Some(("sqlite", path)) if !path.is_empty() => {
                Self::open_sqlite(Path::new(path), audit_key).await
            }
            Some(("postgres" | "postgresql", _)) => {
                let options = PgConnectOptions::from_str(address)
                    .map_err(|_| StoreError::Address(redacted(address)))?;
                Self::open_postgres(options, audit_key).await
            }
            _ => Err(StoreError::Address(redacted(address))),
        }
    }

    async fn open_sqlite(path: &Path, audit_key: AuditKey) -> Result<Self> {
        let generation = GenerationFile::beside(path)?;
        // Two processes that start at once must not both bring an empty file up to date.
        let held = generation.hold().await?;
        create_private(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10));
        let pool = |most| {
            SqlitePoolOptions::new().max_connections(most).acquire_timeout(Duration::from_secs(30))
        };
        let writer = pool(1).connect_with(options.clone()).await?;
        migrate::run_sqlite(&writer).await?;
        held.settle(&writer).await?;
        let reader = pool(4).connect_with(options).await?;
        let pool = Pool::Sqlite { writer, reader };
        Ok(Self { pool, generation: Generation::File(generation), audit_key })
    }

    pub(crate) async fn open_postgres(
        options: PgConnectOptions,
        audit_key: AuditKey,
    ) -> Result<Self> {
        // A pool would try for 30 s and then say nothing but that; one connection says what is wrong.
        PgConnection::connect_with(&options).await?.close().await?;
        let pool = PgPoolOptions::new()
            .max_connections(16)
            .acquire_timeout(Duration::from_secs(30))
            .connect_with(options)
            .await?;
        migrate::run_postgres(&pool).await?;
        Ok(Self { pool: Pool::Postgres(pool), generation: Generation::InDatabase, audit_key })
    }

    /// Returns whether the store lives in a file of this machine, used by one server at a time.
    pub fn is_embedded(&self) -> bool {
        matches!(self.pool, Pool::Sqlite { .. })
    }

    /// Asks the database for an answer.
    pub async fn ping(&self) -> Result<()> {
        read!(self, pool => { sqlx::query("SELECT 1").execute(pool).await?; });
        Ok(())
    }

    /// Closes every connection, letting what runs finish.
    pub async fn close(&self) {
        match &self.pool {
            Pool::Sqlite { writer, reader } => {
                reader.close().await;
                writer.close().await;
            }
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}

/// Returns a database address without its password.
pub fn redacted(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let Some((credentials, place)) = rest.rsplit_once('@') else { return address.to_owned() };
    match credentials.split_once(':') {
        Some((user, _)) => format!("{scheme}://{user}:[redacted]@{place}"),
        None => address.to_owned(),
    }
}

/// Creates the file for this user alone, since it will hold password hashes.
///
/// A file that is there already is not even opened: closing it would drop the locks that SQLite
/// holds on it elsewhere in this process.
fn create_private(path: &Path) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    match std::fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        opened => {
            opened.map(drop).map_err(|source| StoreError::File { path: path.to_owned(), source })
        }
    }
}
