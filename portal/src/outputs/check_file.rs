//! A file on the checkers' review screen.

use domain::outputs::export::{Choice, ExportFile, FileKind, FileVote, Outcome};
use workflows::outputs::{
    passages::Passage,
    report::Within,
    review::{Looked, Review},
};

use super::{
    export::outcome_badge,
    file_key, judgement,
    report::{ReportView, inside, view},
};
use crate::{extract::SignedIn, fields::Fields, ui::Ui};

/// A file on the review screen.
pub(super) struct FileView {
    pub number: usize,
    pub key: String,
    pub path: String,
    pub group: String,
    pub kind: FileKind,
    pub bytes: u64,
    pub sha256: String,
    pub withdrawn: bool,
    pub report: Option<ReportView>,
    pub text: Option<String>,
    pub cut: bool,
    /// What the engine read outside the tables: where, and the words.
    pub words: Vec<(String, String)>,
    pub words_cut: bool,
    /// How many approvals of an earlier turn still hold.
    pub kept: usize,
    pub outcome: Option<Outcome>,
    /// The votes that may be seen: name, choice, comment.
    pub votes: Vec<(String, Choice, String)>,
    /// What is typed or voted by the reader.
    pub choice: Option<Choice>,
    pub comment: String,
    pub public: String,
}

impl FileView {
    pub fn is_voted_on(&self) -> bool {
        self.kind == FileKind::Output && !self.withdrawn
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
    pub fn is_chosen(&self, choice: &Choice) -> bool {
        self.choice == Some(*choice)
    }

    pub fn has_table(&self) -> bool {
        self.report.as_ref().is_some_and(|report| !report.tables.is_empty())
    }

    pub fn outcome_badge(&self) -> &'static str {
        self.outcome.map_or("", outcome_badge)
    }
}

/// The words that the file's own text does not show already: those of its parts.
fn told_apart(looked: &Looked) -> impl Iterator<Item = &Passage> {
    let is_shown = |part: &Passage| looked.text.is_some() && part.within == Within::default();
    looked.words.parts.iter().filter(move |part| !is_shown(part))
}

/// Where words are, and the words.
fn words(ui: &Ui, part: &Passage) -> (String, String) {
    (inside(ui, &part.within).join(", "), part.text.clone())
}

/// A file of the review, with what was typed or voted.
pub(super) fn file_view(
    ui: &Ui,
    me: &SignedIn,
    review: &Review,
    (fields, whole): (&Fields, Option<usize>),
    (number, group, file): (usize, String, &ExportFile),
) -> FileView {
    let key = file_key(&file.path);
    let looked = &review.files[number];
    let of_file = |votes: &[FileVote]| votes.iter().find(|vote| vote.path == file.path).cloned();
    let own = review.votes.iter().find(|(_, vote)| vote.checker == me.actor.id);
    let own = own.and_then(|(_, vote)| of_file(&vote.files));
    let typed = Choice::parse(fields.get(&format!("vote-{key}")));
    let comment = match fields.get(&format!("comment-{key}")) {
        "" => own.as_ref().map(|own| own.comment.clone()).unwrap_or_default(),
        typed => typed.to_owned(),
    };
    let others = review.votes.iter().filter_map(|(name, vote)| {
        let vote = of_file(&vote.files)?;
        Some((name.clone(), vote.choice, vote.comment))
    });
    FileView {
        number,
        path: file.path.clone(),
        group,
        kind: file.kind,
        bytes: file.bytes,
        sha256: file.sha256.clone(),
        withdrawn: file.withdrawn,
        report: looked.report.as_ref().map(|report| {
            let mut shown = view(ui, number, report, whole == Some(number));
            let at = || format!("/checks/{}?whole={number}#file-{number}", review.export.id);
            shown.whole_at = (whole != Some(number)).then(at);
            judgement::lay_over(shown, review, (number, &key, &file.path), fields)
        }),
        text: looked.text.clone(),
        cut: looked.cut,
        words: told_apart(looked).map(|part| words(ui, part)).collect(),
        words_cut: looked.words.cut,
        kept: file.kept.len(),
        outcome: review.outcomes.iter().find(|(path, _)| *path == file.path).map(|(_, is)| *is),
        votes: others.collect(),
        choice: typed.or(own.map(|own| own.choice)),
        comment,
        public: fields.get(&format!("public-{key}")).to_owned(),
        key,
    }
}
