//! Accounts, and the actor that the permission rules see.

use domain::{Actor, ApplicationId, Person, PersonId, people::person::PersonState};
use sqlx::Row;

use crate::{Store, StoreError, entity::entity};

entity!(Person, "persons", |this| this.state.name(), {
    "email" => Some(this.email.clone()),
    "demo_name" => this.demo_name.clone(),
});

impl Store {
    /// The account with this address, in lower case.
    pub async fn person_by_email(&self, email: &str) -> Result<Option<Person>, StoreError> {
        self.one("email", email).await
    }

    /// The accounts in a state, by its stable name.
    pub async fn persons_that_are(&self, state: &'static str) -> Result<Vec<Person>, StoreError> {
        self.where_is(&[("state", state)]).await
    }

    /// The person of a demonstration with this short name.
    pub async fn person_by_demo_name(&self, name: &str) -> Result<Option<Person>, StoreError> {
        self.one("demo_name", name).await
    }

    /// The person as the permission rules see them, read anew at each request.
    pub async fn actor(&self, id: PersonId) -> Result<Option<Actor>, StoreError> {
        let Some(person) = self.get::<Person>(id).await? else { return Ok(None) };
        let sql = "select application from application_people where person = $1";
        let rows = self.rows(sql, vec![id.to_string().into()]).await?;
        let works_in = rows
            .iter()
            .filter_map(|row| row.try_get::<String, _>(0).ok()?.parse::<ApplicationId>().ok())
            .collect();
        Ok(Some(actor(&person, works_in)))
    }
}

fn actor(person: &Person, works_in: Vec<ApplicationId>) -> Actor {
    Actor {
        id: person.id,
        roles: match person.state {
            PersonState::Suspended { .. } | PersonState::Closed { .. } => Vec::new(),
            _ => person.roles.clone(),
        },
        works_in,
        may_act: person.may_act(),
        is_enrolled: person.is_enrolled(),
    }
}
