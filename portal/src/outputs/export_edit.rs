//! The form of a draft: groups, texts, files, self-check, seal. Works without script: every button
//! sends the whole form, and whatever fails shows it again as it was typed.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Form,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use domain::{
    ExportId,
    outputs::export::{Comment, Export, ExportState, FileKind},
};
use workflows::{
    Failure,
    outputs::{
        export::{self, Draft, GroupText},
        rule_set::RuleLine,
    },
};

use super::{
    WORDS, file_key,
    report::{ReportView, view},
};
use crate::{
    app::App,
    error::PageError,
    extract::SignedIn,
    fields::Fields,
    form::{self, Fault},
    ui::Ui,
};

/// A group as the form shows it; `number` from 1.
pub(super) struct GroupForm {
    number: usize,
    name: String,
    context: String,
    controls: String,
}

/// A file that may be picked, or why not.
pub(super) struct FileForm {
    key: String,
    path: String,
    bytes: u64,
    /// The word of `export-error-…` that says why it cannot leave.
    problem: Option<String>,
    /// The group it is in; 0 for none.
    group: usize,
    kind: FileKind,
    withdrawn: bool,
}

#[derive(Template, WebTemplate)]
#[template(path = "outputs/export/edit.html")]
pub(super) struct EditPage {
    ui: Ui,
    id: ExportId,
    number: u32,
    project: String,
    title: String,
    groups: Vec<GroupForm>,
    files: Vec<FileForm>,
    /// A returned request: its files stay and may only be withdrawn.
    returned: bool,
    comments: Vec<Comment>,
    rules: Vec<RuleLine>,
    problem: Fault,
    /// What the self-check found, once it was asked for.
    reports: Option<Vec<ReportView>>,
}

impl EditPage {
    fn new(ui: Ui, draft: Draft) -> Self {
        let export = &draft.export;
        let groups = export.groups.iter().enumerate().map(|(at, group)| GroupForm {
            number: at + 1,
            name: group.name.clone(),
            context: group.context.clone(),
            controls: group.controls.clone(),
        });
        let last = export.turn;
        Self {
            id: export.id,
            number: export.number,
            project: draft.application.title(ui.lang),
            title: export.title.clone(),
            groups: groups.collect(),
            files: files(&draft),
            returned: matches!(export.state, ExportState::Returned { .. }),
            comments: export.comments.iter().filter(|c| c.turn == last).cloned().collect(),
            rules: draft.rules,
            problem: Fault::default(),
            reports: None,
            ui,
        }
    }

    /// The same with what was typed instead of what is stored.
    fn typed(mut self, fields: &Fields) -> Self {
        fields.get("title").clone_into(&mut self.title);
        let count = fields.get("groups").parse().unwrap_or(self.groups.len());
        self.groups = (1..=count.clamp(1, 20)).map(|number| group_form(fields, number)).collect();
        for file in &mut self.files {
            file.group = fields.get(&format!("in-{}", file.key)).parse().unwrap_or(file.group);
            let kind = FileKind::parse(fields.get(&format!("kind-{}", file.key)));
            file.kind = kind.unwrap_or(file.kind);
            file.withdrawn = !fields.get(&format!("withdraw-{}", file.key)).is_empty();
        }
        self
    }

    /// Whether the form's message is about this field of this group: one that is missing shows in
    /// each group that lacks it.
    fn faulty(&self, group: &GroupForm, field: &str) -> bool {
        let used = self.files.iter().any(|file| file.group == group.number);
        let text = match field {
            "name" => &group.name,
            "context" => &group.context,
            _ => &group.controls,
        };
        let missing = self.problem.key() == "missing" && used && text.trim().is_empty();
        let long = self.problem.key() == "too-long" && text.chars().count() > 100;
        self.problem.is(field) && (missing || long)
    }

    fn faulty_title(&self) -> bool {
        self.problem.is("title")
    }

    fn faulty_files(&self) -> bool {
        self.problem.is("files")
    }

    #[expect(clippy::unused_self, reason = "templates call methods of their page")]
    fn kinds(&self) -> [FileKind; 3] {
        FileKind::ALL
    }
}

fn group_form(fields: &Fields, number: usize) -> GroupForm {
    let field = |name: &str| fields.get(&format!("{name}-{number}")).to_owned();
    GroupForm {
        number,
        name: field("name"),
        context: field("context"),
        controls: field("controls"),
    }
}

/// The files of the request first, then what else stands in `exports/`; of a returned request only
/// its own.
fn files(draft: &Draft) -> Vec<FileForm> {
    let export = &draft.export;
    let returned = matches!(export.state, ExportState::Returned { .. });
    let mut files = Vec::new();
    for (at, group) in export.groups.iter().enumerate() {
        for file in &group.files {
            let entry = draft.entries.iter().find(|entry| entry.path == file.path);
            let gone = entry.is_none() && !returned;
            files.push(FileForm {
                key: file_key(&file.path),
                path: file.path.clone(),
                bytes: entry.map_or(file.bytes, |entry| entry.bytes),
                problem: entry
                    .and_then(|entry| entry.problem.as_deref().map(in_words))
                    .or_else(|| gone.then(|| "file-left".to_owned())),
                group: at + 1,
                kind: file.kind,
                withdrawn: file.withdrawn,
            });
        }
    }
    let listed = |path: &str| export.files().any(|file| file.path == path);
    let others = draft.entries.iter().filter(|entry| !returned && !listed(&entry.path));
    files.extend(others.map(|entry| FileForm {
        key: file_key(&entry.path),
        path: entry.path.clone(),
        bytes: entry.bytes,
        problem: entry.problem.as_deref().map(in_words),
        group: 0,
        kind: FileKind::Output,
        withdrawn: false,
    }));
    files
}

/// The word of `export-error-…` for what the host says of a listed file.
fn in_words(problem: &str) -> String {
    let word = match problem {
        "not_a_file" => "file-odd",
        "hard_link" => "file-shared",
        "name" => "file-name",
        "too_deep" => "file-deep",
        _ => "file-unreadable",
    };
    word.to_owned()
}

pub(super) async fn edit_page(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
) -> Result<EditPage, PageError> {
    let draft = export::open_export(&app.centre, &me.actor, id).await?;
    Ok(EditPage::new(ui, draft))
}

pub(super) async fn edit_export(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ExportId>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let fields = Fields(fields);
    let draft = export::open_export(&app.centre, &me.actor, id).await?;
    let mut page = EditPage::new(ui, draft).typed(&fields);
    let acted = act(&app, &me, &page, fields.get("action")).await;
    if let Ok(Done::Checked(reports)) = &acted {
        let views = reports.iter().enumerate();
        page.reports = Some(views.map(|(at, report)| view(&page.ui, at, report, false)).collect());
        return Ok(page.into_response());
    }
    let to = |done| match done {
        Done::Saved(to) => to,
        Done::Checked(_) => format!("/exports/{id}/edit"),
    };
    let ui = page.ui.clone();
    form::answer_in(WORDS, ui, acted, to, async |_, problem| Ok(EditPage { problem, ..page })).await
}

enum Done {
    Saved(String),
    Checked(Vec<workflows::outputs::report::Report>),
}

/// Saves what was typed, then does what the button asks for.
async fn act(app: &App, me: &SignedIn, page: &EditPage, action: &str) -> Result<Done, Failure> {
    let (centre, id) = (&app.centre, page.id);
    let mut groups = given(page);
    if action == "add-group" && !page.returned {
        groups.push(GroupText::default());
    }
    let count = groups.len();
    let saved: Export =
        export::edit_export(centre, &me.actor, id, page.title.trim().to_owned(), groups).await?;
    match action {
        "check" => Ok(Done::Checked(export::self_check_export(centre, &me.actor, saved.id).await?)),
        "seal" => {
            export::seal_export(centre, &me.actor, id).await?;
            Ok(Done::Saved(format!("/exports/{id}?done=export-sealed")))
        }
        "add-group" => Ok(Done::Saved(format!("/exports/{id}/edit?done=saved#group-{count}"))),
        _ => Ok(Done::Saved(format!("/exports/{id}/edit?done=saved"))),
    }
}

fn given(page: &EditPage) -> Vec<GroupText> {
    let group = |group: &GroupForm| {
        let files = page.files.iter().filter(|file| file.group == group.number);
        GroupText {
            name: group.name.trim().to_owned(),
            context: group.context.trim().to_owned(),
            controls: group.controls.trim().to_owned(),
            files: files.map(|file| (file.path.clone(), file.kind, file.withdrawn)).collect(),
        }
    };
    page.groups.iter().map(group).collect()
}
