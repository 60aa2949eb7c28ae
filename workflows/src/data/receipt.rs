//! Receipts: what the centre signs for a producer once a deposit was accepted. A signed note after
//! the C2SP specification, so that any tool that knows such notes verifies it, years later and
//! without the centre.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    Actor, Deposit, DepositId, Producer, Source, Vintage,
    data::{
        deposit::{DepositState, checks_of},
        source::may_see,
    },
};
use ed25519_dalek::{Signer as _, SigningKey, pkcs8::DecodePrivateKey as _};
use ledger::{SignerKey, VerifierKey};
use serde_json::json;

use crate::{Centre, Failure};

/// Signs the receipt of an accepted deposit and puts its vintage on the shelf; does nothing where
/// that is done. An erratum takes the place of the vintage that was there.
pub(super) async fn sign(centre: &Centre, id: DepositId) -> Result<(), Failure> {
    let before: Deposit = centre.load("deposit", id).await?;
    if !matches!(before.state, DepositState::Accepted { .. }) {
        return Ok(());
    }
    let vintage: Vintage = centre.load("vintage", before.vintage).await?;
    let source: Source = centre.load("source", vintage.source).await?;
    let producer: Producer = centre.load("producer", before.producer).await?;
    let receipt = note(centre, &text(centre, &before, &vintage, &source, &producer))?;
    let event = centre.system_event("deposit.receipt_signed", "deposit", id);
    let mut change = centre.store.change(&event);
    let is_erratum = vintage.mounted_deposit().is_some();
    let next = if is_erratum { centre.id() } else { vintage.id };
    let after = checks_of(&before).sign(receipt, next, centre.now())?;
    if is_erratum {
        let (old, new) = vintage.replace(next, id)?;
        // In this order: a label is free once the old vintage is `replaced`.
        change.replace(&vintage, &old).insert(&new);
        let mut replaced = centre.system_event("vintage.replaced", "vintage", vintage.id);
        replaced.payload = json!({ "source": source.id, "label": vintage.label, "by": next });
        change.event(&replaced);
    } else {
        change.replace(&vintage, &vintage.follow(&after)?);
    }
    // Last: the deposit of an erratum belongs to the new vintage, which must be there.
    change.replace(&before, &after);
    let mut available = centre.system_event("vintage.available", "vintage", next);
    available.payload = json!({ "source": source.id, "label": vintage.label, "deposit": id });
    change.event(&available);
    Ok(change.commit().await?)
}

/// The receipt of a deposit, for those who look after it.
pub async fn see_receipt(centre: &Centre, actor: &Actor, id: DepositId) -> Result<String, Failure> {
    let deposit: Deposit = centre.load("deposit", id).await?;
    may_see(actor, deposit.producer)?;
    match deposit.state {
        DepositState::ReceiptSigned { receipt, .. } => Ok(receipt),
        _ => Err(Failure::missing("receipt", id)),
    }
}

/// The line that verifiers of receipts keep: name, id and public key.
pub fn verifier(centre: &Centre) -> Result<VerifierKey, Failure> {
    let verifier = key(centre)?.verifier(&name(centre));
    verifier.map_err(Failure::engine("name the receipts' key"))
}

/// What is signed. One fact a line; names of files come last on theirs, they may have blanks.
fn text(
    centre: &Centre,
    deposit: &Deposit,
    vintage: &Vintage,
    source: &Source,
    producer: &Producer,
) -> String {
    let mut lines = vec![
        "bulle deposit receipt v1".to_owned(),
        format!("deposit {}", deposit.id),
        format!("producer {}", producer.slug),
        format!("source {}", source.slug),
        format!("vintage {}", vintage.label),
        format!("accepted {}", centre.now()),
    ];
    for file in &deposit.files {
        let rows = file.rows.unwrap_or(0);
        lines.push(format!("file {} {} bytes {rows} rows {}", file.sha256, file.bytes, file.name));
    }
    lines.join("\n") + "\n"
}

/// The name of the receipts' key.
fn name(centre: &Centre) -> String {
    format!("{}/receipts", address(centre))
}

/// The host and port of the centre's address at its first start, to name its keys by: a centre that
/// moves keeps the names, or what it signed before would no longer verify.
pub(crate) fn address(centre: &Centre) -> &str {
    let origin = centre.sealer.origin();
    origin.split_once('/').map_or(origin, |(host, _)| host)
}

fn path(centre: &Centre) -> PathBuf {
    centre.config.dir.join("keys").join("receipts.key")
}

/// The receipts' key. A key of its own: what signs the log signs nothing else.
fn key(centre: &Centre) -> Result<SignerKey, Failure> {
    key_at(&path(centre))
}

/// A key of the centre, made at its first use.
pub(crate) fn key_at(path: &Path) -> Result<SignerKey, Failure> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Failure::engine("make the folder of the keys"))?;
    }
    if !path.exists() {
        let made = SignerKey::generate(&mut rand::rng()).save(path);
        // Another task may have made it meanwhile: saving never overwrites, and that one is used.
        if let (Err(error), false) = (made, path.exists()) {
            return Err(Failure::engine("save a key of the centre")(error));
        }
    }
    SignerKey::load(path).map_err(Failure::engine("read a key of the centre"))
}

/// The signed note (<https://c2sp.org/signed-note>): the text, a blank line, a signature line.
fn note(centre: &Centre, text: &str) -> Result<String, Failure> {
    let attempt = "sign a receipt";
    let verifier = verifier(centre)?; // also checks that nobody else can read the key
    let pem: io::Result<String> = fs::read_to_string(path(centre));
    let key = SigningKey::from_pkcs8_pem(&pem.map_err(Failure::engine(attempt))?)
        .map_err(Failure::engine(attempt))?;
    let mut signature = verifier.key_id().to_be_bytes().to_vec();
    signature.extend(key.sign(text.as_bytes()).to_bytes());
    Ok(format!("{text}\n\u{2014} {} {}\n", verifier.name(), STANDARD.encode(signature)))
}
