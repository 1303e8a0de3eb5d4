//! Empty databases for tests: a file in a temporary folder, or a schema of a PostgreSQL server.
//!
//! The server's address comes from `COMPLIANCELAYER_TEST_POSTGRES`; `./test` starts one. Without it
//! the PostgreSQL half of a test fails, it is never skipped.

use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::{AuditKey, Store};

/// An empty database. A file vanishes when this is dropped, a schema when it is [removed].
///
/// [removed]: EmptyDatabase::remove
pub struct EmptyDatabase {
    /// For `Store::open` and `database.url`.
    pub address: String,
    place: Place,
}

enum Place {
    Folder(tempfile::TempDir),
    Schema { server: Box<PgConnectOptions>, name: String },
}

/// Opens a database as every test does.
pub async fn open(address: &str) -> Result<Store, crate::StoreError> {
    Store::open(address, &AuditKey::new(b"the tests seal with this")).await
}

/// Makes an SQLite database in a temporary folder.
pub fn sqlite() -> EmptyDatabase {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let address = format!("sqlite://{}", folder.path().join("test.db").display());
    EmptyDatabase { address, place: Place::Folder(folder) }
}

/// Makes a schema of its own on the test server. A test that fails leaves it to look at.
pub async fn postgres() -> EmptyDatabase {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    #[expect(clippy::disallowed_methods, reason = "tests have no `cli` to read it for them")]
    let server = std::env::var("COMPLIANCELAYER_TEST_POSTGRES").expect(
        "COMPLIANCELAYER_TEST_POSTGRES is not set; run ./test, which starts a PostgreSQL server",
    );
    let schema = format!("t_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let options =
        PgConnectOptions::from_str(&server).expect("the address of the test server is valid");
    run(&options, format!("DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}")).await;
    let separator = if server.contains('?') { '&' } else { '?' };
    EmptyDatabase {
        address: format!("{server}{separator}options=-c%20search_path%3D{schema}"),
        place: Place::Schema { server: Box::new(options), name: schema },
    }
}

impl EmptyDatabase {
    /// Opens and migrates the database.
    pub async fn open(&self) -> Store {
        open(&self.address).await.expect("an empty database can be opened")
    }

    /// Removes the database with all that is in it.
    pub async fn remove(self) {
        match self.place {
            Place::Folder(folder) => drop(folder),
            Place::Schema { server, name } => {
                run(&server, format!("DROP SCHEMA {name} CASCADE")).await;
            }
        }
    }
}

async fn run(server: &PgConnectOptions, sql: String) {
    let mut connection = PgConnection::connect_with(server).await.expect("the test server answers");
    let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await;
    done.expect("the test server makes and drops schemas");
    connection.close().await.expect("the connection can be closed");
}

impl Store {
    /// Returns every table of an embedded store in which a row holds that text.
    pub async fn tables_that_hold(&self, wanted: &str) -> Vec<String> {
        const COLUMNS: &str = "
            SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
            WHERE m.type = 'table' ORDER BY m.name";
        let crate::Pool::Sqlite { reader, .. } = &self.pool else { return Vec::new() };
        let columns: Vec<(String, String)> =
            sqlx::query_as(COLUMNS).fetch_all(reader).await.expect("the schema can be read");
        let mut tables = Vec::new();
        for (table, column) in columns {
            let sql = format!(
                "SELECT COUNT(*) FROM \"{table}\" WHERE INSTR(CAST(\"{column}\" AS TEXT), $1) > 0"
            );
            let count = sqlx::query_scalar(AssertSqlSafe(sql)).bind(wanted).fetch_one(reader).await;
            let count: i64 = count.expect("every table can be read");
            if count > 0 && !tables.contains(&table) {
                tables.push(table);
            }
        }
        tables
    }
}

/// Turns each body into two tests, one a database.
#[cfg(test)]
macro_rules! store_test {
    ($(async fn $name:ident($store:ident: Store, $address:ident: String) $body:block)+) => { $(
        mod $name {
            use super::*;

            async fn body($store: crate::Store, $address: String) $body

            #[tokio::test]
            async fn sqlite() {
                let database = crate::testing::sqlite();
                body(database.open().await, database.address.clone()).await;
            }

            #[tokio::test]
            async fn postgres() {
                let database = crate::testing::postgres().await;
                let store = database.open().await;
                body(store.clone(), database.address.clone()).await;
                store.close().await;
                database.remove().await;
            }
        }
    )+ };
}
#[cfg(test)]
pub(crate) use store_test;
