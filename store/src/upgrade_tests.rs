//! Databases of every age with rows in them, brought up to date. The rows are written as SQL and JSON
//! and not by the entities: those have moved on, a database of before has not.

use domain::{Import, outputs::import::ImportState};
use sqlx::{AnyPool, AssertSqlSafe, Column as _, Row as _, ValueRef as _, any::AnyRow};

use super::{Store, pool, tests::empty};
use crate::StoreError;

/// Each table of each migration with a row, parents first. A new table gets a new line: the test
/// fails by its name.
const ROWS: [(i64, &str, &str); 34] = [
    (1, "persons", "'p', 0, 'active', 'a@example.org', 'ada', '{}'"),
    (1, "credentials", "'c', 'p', 'raw', 'key', '{}', 1, null, 2"),
    (1, "logins", "'l', 'hash', 'p', 'device', 'passkey', null, 1, 2, 3"),
    (1, "challenges", "'ch', 'sign_in', 'device', 'p', '{}', 1"),
    (1, "recoveries", "'r', 'hash', 'p', 'p', 1, 2, null"),
    (1, "undertakings", "'u', 0, 'signed', 'p', 'a', '{}'"),
    (1, "habilitations", "'h', 3, 'active', 'p', 'a', '{}'"),
    (2, "producers", "'pr', 0, 'active', 'rand', '{}'"),
    (2, "sources", "'s', 0, 'published', 'pr', 'hie', '{}'"),
    (2, "codebooks", "'s', 1, 'sha', 'model', 'problems', 'changes', 2, 3"),
    (2, "vintages", "'v', 0, 'available', 's', '1974', '{}'"),
    (2, "deposits", "'d', 0, 'receipt_signed', 'v', 'pr', '{}'"),
    (2, "uploads", "'up', 'd', 'p', 'a.csv', 9, 8, 'sha', 1, null"),
    (3, "applications", "'a', 0, 'authorised', 'p', '2026-0001', '{}'"),
    (3, "application_people", "'a', 'p'"),
    (3, "items", "'i', 0, 'active', 'a', 'pr', 's', '{}'"),
    (3, "baskets", "'p', 'v', 1"),
    (3, "invited_members", "'a', 'b@example.org', 'Ben', 1, 0, 1"),
    (4, "bubbles", "'b', 0, 'active', 'a', '1', '{}'"),
    (4, "sessions", "'se', 0, 'cut', 'b', 'p', '{}'"),
    (4, "replays", "'re', 0, 'asked', 'se', 'p', '{}'"),
    (4, "banners", "'b', 'p', '2026-11-02'"),
    (5, "rule_sets", "'rs', 0, 'in_force', 'pr', '1', '{}'"),
    (5, "exports", "'e', 0, 'collected', 'b', 'a', 'p', '{}'"),
    (5, "export_evidence", "'e', 'sha', 'text'"),
    (6, "events", "'ev', 1, 'export.sealed', null, 'export', 'e', '{}', 'salt', 'sha', 0, 1, 1"),
    (6, "notices", "'n', 0, 'unread', 'p', 'ev', 'topic', 1, '{}'"),
    (6, "mails", "'m', 'n', 'Ada', 'a@example.org', 'fr', 'subject', '', 1, 1, null, 2, null"),
    (6, "facts", "'seed', '1'"),
    (10, "risk_decisions", "'e', 1, 'a', 'p', 1, '{}', 'manual', 'approved', 2, 0"),
    (10, "risk_models", "'rm', 0, 'in_service', '1', 'sha', '{}'"),
    (10, "risk_model_files", "'sha', 'model'"),
    (11, "credit_lines", "'cl', 0, 'grant', 'a', 'authorised', '{}'"),
    (11, "credit_orders", "'co', 0, 'asked', 'a', '{}'"),
];

/// The states that an import could be in before 0009, as their JSON was then.
const IMPORT_STATES: [(&str, &str); 5] = [
    ("in_review", ""),
    ("accepted", r#", "by": "ID", "at": "2026-11-02T10:00:00Z", "comment": "fine""#),
    ("delivered", r#", "by": "ID", "at": "2026-11-02T10:00:00Z", "comment": """#),
    ("refused", r#", "by": "ID", "at": "2026-11-02T10:00:00Z", "comment": "no""#),
    ("withdrawn", r#", "at": "2026-11-02T10:00:00Z""#),
];

fn import_row(number: usize, (state, more): (&str, &str)) -> String {
    let id = format!("00000000-0000-7000-8000-{number:012}");
    let body = format!(
        r#"{{"id": "{id}", "version": 2, "bubble": "{id}", "application": "{id}", "author": "{id}",
        "number": {number}, "sent_at": "2026-11-01T10:00:00Z", "told": {{"name": "fit.py",
        "kind": "code", "origin": "mine", "reason": "to fit", "linkable": false}},
        "sha256": "ab", "bytes": 3, "state": {{"is": "{state}"{more}}}}}"#
    );
    let body = body.replace("ID", &id);
    format!("insert into imports values ('{id}', 2, '{state}', 'a', 'p', '{number}', '{body}')")
}

/// Rows with each value beside its column's name.
type Rows = Vec<Vec<(String, String)>>;

async fn run(pool: &AnyPool, sql: String) -> Result<(), sqlx::Error> {
    sqlx::query(AssertSqlSafe(sql)).execute(pool).await.map(drop)
}

/// Every row of a table.
async fn rows_of(pool: &AnyPool, table: &str) -> Rows {
    let sql = format!("select * from {table} order by 1");
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap();
    let cell = |row: &AnyRow, at: usize| -> String {
        if row.try_get_raw(at).unwrap().is_null() {
            return "null".to_owned();
        }
        let number = || row.try_get::<i64, _>(at).map(|number| number.to_string());
        row.try_get::<String, _>(at).or_else(|_| number()).unwrap()
    };
    let values = |row: &AnyRow| {
        let columns = row.columns().iter().enumerate();
        columns.map(|(at, column)| (column.name().to_owned(), cell(row, at))).collect()
    };
    rows.iter().map(values).collect()
}

/// The centre's tables, by the database's own word.
async fn tables(pool: &AnyPool, sqlite: bool) -> Vec<String> {
    let sql = if sqlite {
        "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
    } else {
        "select cast(table_name as text) from information_schema.tables where table_schema = 'public'"
    };
    let rows = sqlx::query(sql).fetch_all(pool).await.unwrap();
    let names = rows.iter().map(|row| row.get::<String, _>(0));
    names.filter(|name| name != "_sqlx_migrations").collect()
}

/// A database as the release of migration `newest` left it, with a row in each table.
async fn filled(url: &str, newest: i64) -> (AnyPool, Vec<(String, Rows)>) {
    sqlx::any::install_default_drivers();
    let sqlite = url.starts_with("sqlite:");
    let older = sqlx::migrate!().iter().filter(|one| one.version <= newest).cloned().collect();
    let old = pool(1, sqlite).connect(url).await.unwrap();
    sqlx::migrate::Migrator::with_migrations(older).run(&old).await.unwrap();
    for (since, table, values) in ROWS {
        if since <= newest {
            let sql = format!("insert into {table} values ({values})");
            run(&old, sql).await.unwrap_or_else(|error| panic!("{table}: {error}"));
        }
    }
    for (number, state) in IMPORT_STATES.into_iter().enumerate().filter(|_| newest >= 7) {
        run(&old, import_row(number + 1, state)).await.unwrap();
    }
    let mut before = Vec::new();
    for table in tables(&old, sqlite).await {
        let rows = rows_of(&old, &table).await;
        assert!(!rows.is_empty(), "no row tests what becomes of `{table}`: add one to ROWS");
        before.push((table, rows));
    }
    (old, before)
}

/// Threat: an upgrade that loses rows, or that no database with rows in it survives.
#[tokio::test]
async fn no_row_is_lost_or_changed_by_an_upgrade() {
    let newest = sqlx::migrate!().iter().map(|one| one.version).max().unwrap();
    for age in 1..=newest {
        let folder = tempfile::tempdir().unwrap();
        let url = empty(&folder).await;
        let (old, before) = filled(&url, age).await;
        old.close().await;
        let store = Store::open(&url).await.unwrap_or_else(|error| panic!("{age}: {error}"));
        for (table, rows) in before {
            let now = rows_of(&store.reader, &table).await;
            assert_eq!(now.len(), rows.len(), "{age}: {table}");
            for (row, now) in rows.iter().zip(&now) {
                // A column may come; none that was there goes or changes.
                assert!(row.iter().all(|cell| now.contains(cell)), "{age}: {table}: {now:?}");
            }
        }
    }
}

/// 0009 makes the table of imports anew: its rows, its rules and its references must come along.
#[tokio::test]
async fn imports_of_before_are_read_and_their_rules_still_hold() {
    for age in [7, 8] {
        let folder = tempfile::tempdir().unwrap();
        let url = empty(&folder).await;
        filled(&url, age).await.0.close().await;
        let store = Store::open(&url).await.unwrap();
        let imports = store.all::<Import>().await.unwrap();
        let states: Vec<&str> = imports.iter().map(|import| import.state.name()).collect();
        assert_eq!(states, IMPORT_STATES.map(|(name, _)| name), "{age}");
        let ImportState::Accepted { comment, .. } = &imports[1].state else { panic!() };
        assert_eq!((comment.as_str(), imports[1].number, imports[1].version), ("fine", 2, 2));
        let refused = [
            ("twice", "'x', 0, 'accepted', 'a', 'p', '1', '{}'"),
            ("of no application", "'x', 0, 'accepted', 'none', 'p', '9', '{}'"),
            ("of nobody", "'x', 0, 'accepted', 'a', 'nobody', '9', '{}'"),
            ("in no state", "'x', 0, 'lost', 'a', 'p', '9', '{}'"),
        ];
        for (what, values) in refused {
            let inserted = run(&store.writer, format!("insert into imports values ({values})"));
            let refused = inserted.await.map_err(StoreError::from);
            assert!(
                matches!(refused, Err(StoreError::Refused { .. })),
                "{age} {what}: {refused:?}"
            );
        }
        let failed = "insert into imports values ('x', 0, 'failed', 'a', 'p', '9', '{}')";
        run(&store.writer, failed.to_owned()).await.unwrap();
    }
}
