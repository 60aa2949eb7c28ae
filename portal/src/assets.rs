//! Style sheets, scripts and icons, in the binary.

use axum::{
    Router,
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use crate::app::App;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

/// A word that changes with the assets, put behind their addresses so that browsers may keep them
/// for ever.
pub(crate) fn stamp() -> &'static str {
    static STAMP: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
        let mut hash = Sha256::new();
        for name in Assets::iter() {
            if let Some(file) = Assets::get(&name) {
                hash.update(file.metadata.sha256_hash());
            }
        }
        hex::encode(&hash.finalize()[..6])
    });
    &STAMP
}

/// The bytes of an asset.
pub(crate) fn bytes(name: &str) -> Option<std::borrow::Cow<'static, [u8]>> {
    Assets::get(name).map(|file| file.data)
}

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/assets/{*path}", get(asset))
}

/// An asset, also below `at-<stamp>/`: modules name each other by relative paths, so that a script
/// loaded from there loads all of its modules from there, and none of an older version.
async fn asset(Path(path): Path<String>) -> Response {
    let plain = path.strip_prefix("at-").and_then(|rest| rest.split_once('/'));
    let path = plain.map_or(path.as_str(), |(_, path)| path);
    let Some(file) = Assets::get(path) else { return StatusCode::NOT_FOUND.into_response() };
    let kind = file.metadata.mimetype().to_owned();
    let keep = "public, max-age=31536000, immutable".to_owned();
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, keep)], file.data).into_response()
}
