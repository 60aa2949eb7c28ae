use uuid::Uuid;

use super::*;
use crate::{
    Actor, Denied, Role,
    projects::{
        application::ApplicationState as S, application_team::may_edit, application_tests as kit,
    },
};

fn id(number: u128) -> PersonId {
    Uuid::from_u128(number).into()
}

fn lead() -> Actor {
    kit::actor(1, &[])
}

fn editor() -> Actor {
    kit::actor(2, &[])
}

fn attachment(number: u128) -> Attachment {
    Attachment {
        id: Uuid::from_u128(number).into(),
        title: format!(" Opinion {number} "),
        kind: AttachmentKind::EthicsOpinion,
        name: "opinion.pdf".to_owned(),
        content: Content::Pdf,
        bytes: 10,
        sha256: format!("{number:064x}"),
        by: lead().id,
        at: kit::at(),
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T, Refusal>) -> &'static str {
    match result {
        Err(Refusal::Invalid { key, .. }) => key,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_name_is_its_last_piece_with_the_extension_of_what_it_holds() {
    for (given, content, kept) in [
        ("opinion.pdf", Content::Pdf, "opinion.pdf"),
        ("Opinion.PDF", Content::Pdf, "Opinion.pdf"),
        ("../../etc/passwd", Content::Text, "passwd.txt"),
        ("C:\\Users\\ada\\plan.docx", Content::Docx, "plan.docx"),
        ("invoice.pdf.exe", Content::Text, "invoice.pdf.exe.txt"),
        ("photo.jpeg", Content::Jpeg, "photo.jpg"),
        ("évaluation 2026.odt", Content::Odt, "évaluation 2026.odt"),
        ("a\r\nSet-Cookie: x=1\".txt", Content::Text, "aSet-Cookie x=1.txt"),
        ("harmless\u{202e}fdp.exe", Content::Pdf, "harmlessfdp.exe.pdf"),
        ("...", Content::Png, "file.png"),
        ("", Content::Png, "file.png"),
    ] {
        assert_eq!(clean_name(given, content), kept, "{given:?}");
    }
    assert_eq!(clean_name(&"é".repeat(500), Content::Pdf).chars().count(), NAME_MAX + 4);
}

#[test]
fn the_lead_attaches_while_the_file_is_open_and_an_editor_in_the_draft() {
    for state in kit::every_state() {
        let application = kit::application(state);
        let name = application.state.name();
        let open = application.state.is_open();
        let lead = may_edit(&lead(), &application).unwrap();
        assert_eq!(lead.attach(attachment(1), kit::at()).is_ok(), open, "{name}");
        let editor = may_edit(&editor(), &application);
        assert_eq!(editor.is_ok(), name == "draft", "{name}");
    }
    let application = kit::application(S::Draft);
    let stranger = Actor { id: id(99), ..lead() };
    assert_eq!(may_edit(&stranger, &application).unwrap_err(), Denied::Hidden);
    let secretary = kit::actor(98, &[Role::Secretary]);
    assert!(may_edit(&secretary, &application).is_err());
}

#[test]
fn what_cannot_be_attached_is_refused_by_name() {
    let application = kit::application(S::Draft);
    let attach = |one: Attachment| may_edit(&lead(), &application).unwrap().attach(one, kit::at());
    assert_eq!(attach(attachment(1)).unwrap().attachments[0].title, "Opinion 1");
    assert_eq!(refused(attach(Attachment { title: " ".to_owned(), ..attachment(1) })), "missing");
    let long = Attachment { title: "é".repeat(TITLE_MAX + 1), ..attachment(1) };
    assert_eq!(refused(attach(long)), "too-long");
    let two = Attachment { title: "a\nb".to_owned(), ..attachment(1) };
    assert_eq!(refused(attach(two)), "one-line");
    assert_eq!(refused(attach(Attachment { bytes: 0, ..attachment(1) })), "empty-file");
    assert_eq!(refused(attach(Attachment { bytes: BYTES_MAX + 1, ..attachment(1) })), "too-large");
    assert!(attach(Attachment { bytes: BYTES_MAX, ..attachment(1) }).is_ok());
    let mut full = application.clone();
    for number in 0..COUNT_MAX as u128 {
        full = may_edit(&lead(), &full).unwrap().attach(attachment(number), kit::at()).unwrap();
    }
    let again = may_edit(&lead(), &full).unwrap().attach(attachment(99), kit::at());
    assert_eq!(refused(again), "too-many-files");
    full.attachments.pop();
    let again = may_edit(&lead(), &full).unwrap().attach(attachment(3), kit::at());
    assert_eq!(refused(again), "twice");
}

#[test]
fn a_submission_keeps_what_the_file_loses() {
    let draft = kit::application(S::Draft);
    let with = may_edit(&lead(), &draft).unwrap().attach(attachment(1), kit::at()).unwrap();
    let hash = &with.attachments[0].sha256;
    let mut submitted = with.clone();
    submitted.submissions.push(crate::projects::application::Submission {
        at: kit::at(),
        sha256: String::new(),
        fields: std::collections::BTreeMap::new(),
        snapshot: String::new(),
        attachments: with.attachments.clone(),
    });
    submitted.state = S::Returned { reasons: vec![] };
    let id = attachment(1).id;
    let (after, taken) = may_edit(&lead(), &submitted).unwrap().detach(id, kit::at()).unwrap();
    assert_eq!((taken.id, after.attachments.len()), (id, 0));
    assert!(after.names_bytes(hash) && after.attachment(id).is_some());
    let again = may_edit(&lead(), &after).unwrap().detach(id, kit::at());
    assert_eq!(refused(again), "unknown");
    let (gone, _) = may_edit(&lead(), &with).unwrap().detach(id, kit::at()).unwrap();
    assert!(!gone.names_bytes(hash) && gone.attachment(id).is_none());
}
