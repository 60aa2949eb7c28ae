//! What a person has put aside in the catalogue. No event: nobody else sees it, nothing follows.

use domain::{PersonId, Timestamp, Vintage, VintageId};

use crate::{Store, StoreError, change::Write};

impl Store {
    /// The vintages in the person's basket, in the order in which they came.
    pub async fn basket(&self, person: PersonId) -> Result<Vec<Vintage>, StoreError> {
        let sql = "select v.id, v.body from vintages v join baskets b on b.vintage = v.id \
                   where b.person = $1 order by b.added_at, v.id";
        self.read_rows(sql, vec![person.to_string().into()]).await
    }

    /// Puts a vintage into the basket; twice is once.
    pub async fn put_in_basket(
        &self,
        person: PersonId,
        vintage: VintageId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "insert into baskets (person, vintage, added_at) values ($1, $2, $3) \
                   on conflict (person, vintage) do nothing";
        let values = vec![person.to_string().into(), vintage.to_string().into(), at.into()];
        self.run(sql, values).await.map(drop)
    }

    /// Takes a vintage out of the basket.
    pub async fn take_from_basket(
        &self,
        person: PersonId,
        vintage: VintageId,
    ) -> Result<(), StoreError> {
        let sql = "delete from baskets where person = $1 and vintage = $2";
        let values = vec![person.to_string().into(), vintage.to_string().into()];
        self.run(sql, values).await.map(drop)
    }

    /// Empties the basket, with the change that has made items of what was in it.
    pub fn basket_emptied(person: PersonId) -> Write {
        Write::new("delete from baskets where person = $1", vec![person.to_string().into()])
    }
}
