//! Code books: the model as the DDI engine reads it, kept as JSON beside its source.

use domain::{SourceId, Timestamp};
use sqlx::Row;

use crate::{Store, StoreError, change::Write, entity::instant};

/// A stored code book.
#[derive(Clone, Debug)]
pub struct StoredCodebook {
    /// Of which source.
    pub source: SourceId,
    /// When it was imported.
    pub imported_at: Timestamp,
    /// SHA-256 of the document, hexadecimal.
    pub sha256: String,
    /// The model, as the DDI engine serialises it.
    pub model: String,
    /// What the import had to say, as the DDI engine serialises it.
    pub problems: String,
    /// How the model differs from the one before it, as JSON.
    pub changes: String,
    /// Variables in it.
    pub variables: u32,
    /// Publications in it.
    pub publications: u32,
}

/// What a card of the catalogue shows of a code book, without its model.
#[derive(Clone, Debug)]
pub struct CodebookSummary {
    /// Of which source.
    pub source: SourceId,
    /// SHA-256 of the document.
    pub sha256: String,
    /// Variables in it.
    pub variables: u32,
    /// Publications in it.
    pub publications: u32,
}

impl Store {
    /// The code book of a source.
    pub async fn codebook(&self, id: SourceId) -> Result<Option<StoredCodebook>, StoreError> {
        let sql = "select imported_at, sha256, model, problems, changes, variables, publications \
                   from codebooks where source = $1";
        let rows = self.rows(sql, vec![id.to_string().into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(StoredCodebook {
            source: id,
            imported_at: instant(row.try_get("imported_at")?),
            sha256: row.try_get("sha256")?,
            model: row.try_get("model")?,
            problems: row.try_get("problems")?,
            changes: row.try_get("changes")?,
            variables: count(row.try_get("variables")?),
            publications: count(row.try_get("publications")?),
        }))
    }

    /// What cards show of every code book.
    pub async fn codebook_summaries(&self) -> Result<Vec<CodebookSummary>, StoreError> {
        let sql = "select source, sha256, variables, publications from codebooks";
        let rows = self.rows(sql, vec![]).await?;
        let one = |row: &sqlx::any::AnyRow| {
            let source: String = row.try_get("source")?;
            Ok(CodebookSummary {
                source: source.parse().unwrap_or(SourceId(uuid::Uuid::nil())),
                sha256: row.try_get("sha256")?,
                variables: count(row.try_get("variables")?),
                publications: count(row.try_get("publications")?),
            })
        };
        rows.iter().map(one).collect()
    }

    /// Writes the code book of a source in the place of the one before.
    pub fn codebook_written(book: &StoredCodebook) -> Write {
        let sql = "insert into codebooks (source, imported_at, sha256, model, problems, changes, \
                   variables, publications) values ($1, $2, $3, $4, $5, $6, $7, $8) \
                   on conflict (source) do update set imported_at = excluded.imported_at, \
                   sha256 = excluded.sha256, model = excluded.model, problems = excluded.problems, \
                   changes = excluded.changes, variables = excluded.variables, \
                   publications = excluded.publications";
        let values = vec![
            book.source.to_string().into(),
            book.imported_at.into(),
            book.sha256.as_str().into(),
            book.model.as_str().into(),
            book.problems.as_str().into(),
            book.changes.as_str().into(),
            i64::from(book.variables).into(),
            i64::from(book.publications).into(),
        ];
        Write::new(sql, values)
    }

    /// In how many projects of the public register each source was granted.
    pub async fn projects_by_source(&self) -> Result<Vec<(SourceId, u32)>, StoreError> {
        let sql = "select i.source as source, cast(count(distinct i.application) as bigint) as \
                   projects from items i join applications a on a.id = i.application where a.state \
                   in ('authorised','ended') and i.state in ('granted','granted_conditional',\
                   'active','suspended','ended','revoked') group by i.source";
        let rows = self.rows(sql, vec![]).await?;
        let one = |row: &sqlx::any::AnyRow| {
            let source: String = row.try_get("source")?;
            let source = source.parse().unwrap_or(SourceId(uuid::Uuid::nil()));
            Ok((source, count(row.try_get("projects")?)))
        };
        rows.iter().map(one).collect()
    }
}

fn count(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(0)
}
