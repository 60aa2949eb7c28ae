//! Applications.

use domain::{PersonId, projects::Application};
use sqlx::Row;

use crate::{Store, StoreError, change::Write, entity::entity};

entity!(Application, "applications", |this| this.state.name(), {
    "lead" => Some(this.lead.to_string()),
    "number" => this.number.clone(),
}, derived people(this));

/// Who works in the application, rewritten with it.
fn people(application: &Application) -> Vec<Write> {
    let id = application.id.to_string();
    let clear = "delete from application_people where application = $1";
    let add = "insert into application_people (application, person) values ($1, $2)";
    let clear = Write::new(clear, vec![id.as_str().into()]);
    let added = application
        .people()
        .into_iter()
        .map(|person| Write::new(add, vec![id.as_str().into(), person.to_string().into()]));
    std::iter::once(clear).chain(added).collect()
}

impl Store {
    /// The applications where the person is lead or member.
    pub async fn applications_of(&self, person: PersonId) -> Result<Vec<Application>, StoreError> {
        let sql = "select a.id, a.body from applications a \
                   join application_people p on p.application = a.id where p.person = $1 order by a.id";
        self.read_rows(sql, vec![person.to_string().into()]).await
    }

    /// The highest number that was given in `year`, if one was: `YYYY-NNNN` sorts by its digits as
    /// long as a year has fewer than 10,000 files, and by its length then.
    pub async fn last_number(&self, year: i16) -> Result<Option<String>, StoreError> {
        let sql = "select number from applications where number like $1 \
                   order by length(number) desc, number desc limit 1";
        let rows = self.rows(sql, vec![format!("{year:04}-%").into()]).await?;
        rows.first().map(|row| Ok(row.try_get("number")?)).transpose()
    }
}
