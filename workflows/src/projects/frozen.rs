//! The file as it was submitted: what is written into it, and who reads it again.

use domain::{
    Actor, Application, ApplicationId, Item, ItemId, ProducerId, Text, Timestamp,
    projects::{
        application::Submission,
        application_team::may_read,
        form,
        item_acts::may_read_as_producer,
        snapshot::{FrozenFile, FrozenPerson, ItemWords, Words},
    },
};

use super::{file::File, inbox::SHOWN};
use crate::{Centre, Failure};

/// A frozen file, or a producer's part of it.
#[derive(Clone, Debug)]
pub struct FrozenCopy {
    /// What it says.
    pub file: FrozenFile,
    /// SHA-256 of the whole file in canonical form, hexadecimal: what the log has sealed.
    pub sha256: String,
    /// When it was submitted.
    pub at: Timestamp,
    /// The producer whose part alone this is; none for the whole.
    pub part_of: Option<Text>,
}

/// The words for all that the file names by an id.
pub(super) fn words(centre: &Centre, file: &File) -> Words {
    let people = file.team.iter().map(|one| FrozenPerson {
        id: one.person.id,
        name: one.person.name.clone(),
        institution: one.person.institution.clone(),
    });
    let items = file.items.iter().map(|line| {
        let words = ItemWords {
            source: line.source.title.clone(),
            producer: line.producer.name.clone(),
            vintages: line.asked().map(|v| (v.id, v.label.clone())).collect(),
        };
        (line.item.id, words)
    });
    Words {
        centre: centre.config.name.clone(),
        people: people.collect(),
        questions: file.questions.clone(),
        items: items.collect(),
    }
}

/// A submission, counted from 1, for whoever may read the application.
pub async fn read_submission(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    turn: usize,
) -> Result<Submission, Failure> {
    let application: Application = centre.load("application", id).await?;
    may_read(actor, &application)?;
    let found = turn.checked_sub(1).and_then(|place| application.submissions.get(place));
    found.cloned().ok_or_else(|| Failure::missing("submission", turn))
}

/// The same, read.
pub async fn read_frozen(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    turn: usize,
) -> Result<FrozenCopy, Failure> {
    let submission = read_submission(centre, actor, id, turn).await?;
    Ok(FrozenCopy {
        file: parse(&submission)?,
        sha256: submission.sha256,
        at: submission.at,
        part_of: None,
    })
}

/// What the item's producer may read of the last submission: the pages that its inbox shows, its
/// own items and questions. What is asked of others, and their answers, are not its business.
pub async fn read_frozen_as_producer(
    centre: &Centre,
    actor: &Actor,
    id: ItemId,
) -> Result<FrozenCopy, Failure> {
    let item: Item = centre.load("item", id).await?;
    may_read_as_producer(actor, &item)?;
    let application: Application = centre.load("application", item.application).await?;
    let last = application.submissions.last();
    let last = last.ok_or_else(|| Failure::missing("submission", item.application))?;
    let producer: domain::Producer = centre.load("producer", item.producer).await?;
    Ok(FrozenCopy {
        file: part(parse(last)?, item.producer),
        sha256: last.sha256.clone(),
        at: last.at,
        part_of: Some(producer.name),
    })
}

pub(super) fn parse(submission: &Submission) -> Result<FrozenFile, Failure> {
    FrozenFile::read(&submission.snapshot).map_err(Failure::engine("read a frozen file"))
}

/// The producer's part of a file.
fn part(mut file: FrozenFile, producer: ProducerId) -> FrozenFile {
    file.items.retain(|item| item.producer == producer);
    file.questions.retain(|question| question.producers.contains(&producer));
    for question in &mut file.questions {
        question.producers = vec![producer];
    }
    let questions = &file.questions;
    file.fields.retain(|name, _| match form::field(name) {
        Some(field) => SHOWN.contains(&field.page),
        None => questions.iter().any(|question| question.name == *name),
    });
    file.attachments.clear();
    file
}
