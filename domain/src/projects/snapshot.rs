//! The file as it is frozen at a submission: canonical JSON, so that anybody who has the same
//! content gets the same bytes and the same hash.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    application::{Application, Member},
    attachment::Attachment,
    form::Question,
    item::{Conditions, Item},
};
use crate::{ApplicationId, ItemId, PersonId, ProducerId, SourceId, Text, VintageId};

/// The file as it was submitted. What it names by an id it also names in words, as they were: a
/// source that is renamed, or somebody who leaves, changes nothing in what was read.
///
/// Files that were frozen before words were kept have none: `at`, `centre`, `people`, `questions`,
/// `attachments` and each item's words are empty then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenFile {
    /// Which application.
    pub application: ApplicationId,
    /// Its number.
    pub number: String,
    /// Which submission, from 1.
    pub turn: usize,
    /// When it was frozen.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// The centre's name.
    #[serde(default)]
    pub centre: String,
    /// The scientific lead.
    pub lead: PersonId,
    /// Members besides the lead.
    pub members: Vec<Member>,
    /// The lead and the members, by name.
    #[serde(default)]
    pub people: Vec<FrozenPerson>,
    /// The form's fields.
    pub fields: BTreeMap<String, String>,
    /// The producers' questions, each once.
    #[serde(default)]
    pub questions: Vec<Question>,
    /// What is asked for, without what is out of the question.
    pub items: Vec<FrozenItem>,
    /// The files that come with it, with their hashes.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
}

/// Somebody of the team, as they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenPerson {
    /// Who.
    pub id: PersonId,
    /// The name.
    pub name: String,
    /// The institution.
    pub institution: String,
}

/// An item, as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenItem {
    /// Which.
    pub id: ItemId,
    /// Of which source.
    pub source: SourceId,
    /// Whose source.
    pub producer: ProducerId,
    /// The vintages asked for.
    pub vintages: Vec<VintageId>,
    /// Why they are needed.
    pub justification: String,
    /// What the producer had answered: the stable name of the item's state.
    pub answer: String,
    /// What the producer asks for.
    pub conditions: Conditions,
    /// The words for source, producer and vintages.
    #[serde(default)]
    pub words: ItemWords,
}

/// What an item names, in words.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ItemWords {
    /// The source's title.
    #[serde(default)]
    pub source: Text,
    /// The producer's name.
    #[serde(default)]
    pub producer: Text,
    /// The labels of the vintages asked for.
    #[serde(default)]
    pub vintages: BTreeMap<VintageId, String>,
}

/// The words that a file is frozen with.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// The centre's name.
    pub centre: String,
    /// The team, the lead first.
    pub people: Vec<FrozenPerson>,
    /// The producers' questions.
    pub questions: Vec<Question>,
    /// The words of each item.
    pub items: BTreeMap<ItemId, ItemWords>,
}

impl FrozenFile {
    /// The file as it would be submitted at `at`.
    pub fn of(
        application: &Application,
        number: &str,
        items: &[Item],
        words: Words,
        at: Timestamp,
    ) -> Self {
        let Words { centre, people, questions, items: mut item_words } = words;
        let mut items: Vec<&Item> = items.iter().filter(|item| !item.state.is_final()).collect();
        items.sort_by_key(|item| item.id);
        let item = |item: &Item| FrozenItem {
            id: item.id,
            source: item.source,
            producer: item.producer,
            vintages: item.vintages.clone(),
            justification: item.justification.clone(),
            answer: item.state.name().to_owned(),
            conditions: item.conditions.clone(),
            words: item_words.remove(&item.id).unwrap_or_default(),
        };
        Self {
            application: application.id,
            number: number.to_owned(),
            turn: application.submissions.len() + 1,
            at: Some(at),
            centre,
            lead: application.lead,
            members: application.members.clone(),
            people,
            fields: application.fields.clone(),
            questions,
            items: items.into_iter().map(item).collect(),
            attachments: application.attachments.clone(),
        }
    }

    /// The file in canonical form: keys in the order of their bytes, no blank outside strings,
    /// numbers whole (after RFC 8785, whose rules for fractions are not needed here).
    pub fn canonical(&self) -> String {
        canonical(&serde_json::to_value(self).expect("a frozen file is plain data"))
    }

    /// Reads a snapshot, of whatever age.
    ///
    /// # Errors
    /// Those of the JSON reader: it was never written by [`FrozenFile::canonical`].
    pub fn read(snapshot: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(snapshot)
    }
}

/// A JSON value in canonical form.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            // Sorted here and not by the map: a feature of another crate may change the map's order.
            let mut pairs: Vec<_> = map.iter().collect();
            pairs.sort_by_key(|(key, _)| key.as_bytes());
            let pair = |(key, value): (&String, &Value)| {
                format!("{}:{}", Value::from(key.as_str()), canonical(value))
            };
            format!("{{{}}}", pairs.into_iter().map(pair).collect::<Vec<_>>().join(","))
        }
        Value::Array(values) => {
            format!("[{}]", values.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

/// A field that differs between two submissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The field's name.
    pub field: String,
    /// What it said.
    pub before: String,
    /// What it says.
    pub after: String,
}

/// The fields in which `after` differs from `before`, by name.
pub fn differences(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> Vec<Difference> {
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let at = |fields: &BTreeMap<String, String>, name: &String| {
        fields.get(name).cloned().unwrap_or_default()
    };
    names
        .into_iter()
        .map(|name| Difference {
            field: name.clone(),
            before: at(before, name),
            after: at(after, name),
        })
        .filter(|difference| difference.before != difference.after)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_file_frozen_before_words_were_kept_is_still_read() {
        let id = "018f3c3e-0000-7000-8000-000000000001";
        let old = json!({
            "application": id, "number": "2026-0001", "turn": 1, "lead": id,
            "members": [{"person": id, "bubble": true, "edits": false}],
            "fields": {"title_fr": "Titre"},
            "items": [{
                "id": id, "source": id, "producer": id, "vintages": [id],
                "justification": "needed", "answer": "agreed", "conditions": {},
            }],
        });
        let read = FrozenFile::read(&canonical(&old)).unwrap();
        assert!(read.people.is_empty() && read.at.is_none() && read.attachments.is_empty());
        assert!(read.items[0].words.source.is_empty());
        let again = FrozenFile::read(&read.canonical()).unwrap();
        assert_eq!(again, read, "and written again says the same");
    }

    #[test]
    fn canonical_json_sorts_keys_and_leaves_no_blank() {
        let value = json!({"b": [1, "a b", null], "a": {"z": true, "é": "\"\n"}});
        assert_eq!(
            canonical(&value),
            "{\"a\":{\"z\":true,\"é\":\"\\\"\\n\"},\"b\":[1,\"a b\",null]}"
        );
    }

    #[test]
    fn differences_name_what_came_what_went_and_what_changed() {
        let map = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
        };
        let found = differences(
            &map(&[("a", "1"), ("b", "2"), ("c", "3")]),
            &map(&[("a", "1"), ("b", "x")]),
        );
        let found: Vec<_> =
            found.iter().map(|d| (d.field.as_str(), d.before.as_str(), d.after.as_str())).collect();
        assert_eq!(found, [("b", "2", "x"), ("c", "3", "")]);
    }
}
