//! What several columns of the API hear and answer.
//!
//! Two types of one name would be one schema in the description, and the last one would stand for both:
//! what is shared stands here, and a test forbids a second type of the same name.

use domain::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Why.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ReasonBody {
    pub(crate) reason: String,
}

/// What went wrong.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description: `error.rs` writes it")]
pub(crate) struct Problem {
    /// A stable word, e.g. `denied-needs-role` or `invalid-missing`.
    code: String,
    /// In the reader's language.
    message: String,
    /// A field, a line or a state, where there is one; of a 429 the seconds to wait.
    detail: String,
}

/// The id of what was made.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description")]
pub(crate) struct CreatedAnswer {
    id: Uuid,
}

/// A text in both languages; one may be empty.
#[derive(Serialize, ToSchema)]
pub(crate) struct TextAnswer {
    fr: String,
    en: String,
}

impl From<Text> for TextAnswer {
    fn from(Text { fr, en }: Text) -> Self {
        Self { fr, en }
    }
}
