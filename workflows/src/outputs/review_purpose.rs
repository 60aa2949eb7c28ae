//! What checkers are told of a project.

use domain::{
    Actor, Application,
    projects::{
        application_sight::{PURPOSE, may_read_purpose},
        application_team,
    },
};

use crate::{Centre, Failure};

/// What a checker must know of a project to judge whether an output is within it (JOURNEYS 3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Purpose {
    /// The institution of its lead.
    pub institution: String,
    /// The fields of [`PURPOSE`] that say something, by name, as they were submitted.
    pub fields: Vec<(&'static str, String)>,
    /// Whether the reader may open the whole file.
    pub reads_file: bool,
}

pub(super) async fn purpose(
    centre: &Centre,
    actor: &Actor,
    application: &Application,
) -> Result<Purpose, Failure> {
    if may_read_purpose(actor, application).is_err() {
        return Ok(Purpose::default());
    }
    let said = application.decided_fields();
    let field = |name: &str| said.get(name).map(|text| text.trim()).unwrap_or_default().to_owned();
    let lead = centre.store.get::<domain::Person>(application.lead).await?;
    let written = Some(field("institution_name")).filter(|name| !name.is_empty());
    let fields = PURPOSE.map(|name| (name, field(name)));
    Ok(Purpose {
        institution: written.or(lead.map(|lead| lead.institution)).unwrap_or_default(),
        fields: fields.into_iter().filter(|(_, text)| !text.is_empty()).collect(),
        reads_file: application_team::may_read(actor, application).is_ok(),
    })
}
