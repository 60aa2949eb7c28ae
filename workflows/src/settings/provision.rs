//! Makes bubbles: looks at what is missing, then builds, tests and opens. The job runs beside the
//! server's other work and can be killed at any moment: a bubble found in `provisioning` at the
//! next start is provisioned again, and every step of it may be done twice.

use std::time::Duration;

use display::recording::{self, Header, Recording};
use domain::{
    Application, Bubble, BubbleId, Habilitation, Person,
    people::habilitation::HabilitationState,
    settings::bubble::{SelfTest, by_the_centre},
};

use super::right;
use crate::{Centre, Failure, consequences::Round, failure::causes};

/// How long a starting agent is waited for, in tries of a second.
const PATIENCE: u32 = 60;

/// Looks at every bubble that waits, and starts every job that is due.
pub(crate) async fn look(centre: &Centre) -> Result<(), Failure> {
    let mut round = Round::default();
    for state in ["requested", "waiting_prerequisites"] {
        for bubble in round.readable(centre.store.each::<Bubble>("state", state).await) {
            match check(centre, &bubble).await {
                Err(Failure::Conflict(_)) => {} // clock and consequences: one of them has done it
                checked => round.ran(checked),
            }
        }
    }
    for bubble in round.readable(centre.store.each::<Bubble>("state", "provisioning").await) {
        spawn(centre, bubble.id);
    }
    round.end()
}

/// Writes down what is missing, where that changed; where nothing is, provisioning begins.
async fn check(centre: &Centre, bubble: &Bubble) -> Result<(), Failure> {
    let missing = missing(centre, bubble).await?;
    let unchanged = bubble.state.name() == "waiting_prerequisites"
        && !missing.is_empty()
        && bubble.state.missing() == missing;
    if unchanged {
        return Ok(());
    }
    let payload = serde_json::json!({ "missing": missing, "application": bubble.application });
    let kind = match missing.is_empty() {
        true => "prerequisites.complete",
        false => "checks.opened",
    };
    let after = by_the_centre(bubble).check(missing)?;
    let mut event = centre.system_event(kind, "bubble", bubble.id);
    event.payload = payload;
    centre.store.change(&event).replace(bubble, &after).commit().await?;
    Ok(())
}

/// What a project's bubble waits for, as stable words.
async fn missing(centre: &Centre, bubble: &Bubble) -> Result<Vec<String>, Failure> {
    let mut missing = Vec::new();
    let habilitations = centre.store.habilitations_in(bubble.application).await?;
    if !any_enrolled(centre, &habilitations).await? {
        missing.push("no_member_enrolled".to_owned());
    }
    let items = centre.store.items_of(bubble.application).await?;
    if !items.iter().any(|item| item.granted_until().is_some()) {
        missing.push("no_item_granted".to_owned());
    } else if right::project_mounts(centre, bubble.application).await?.is_empty() {
        missing.push("no_vintage_available".to_owned());
    }
    Ok(missing)
}

async fn any_enrolled(centre: &Centre, all: &[Habilitation]) -> Result<bool, Failure> {
    use HabilitationState::{Active, Expiring, Granted};
    for habilitation in all {
        let given = matches!(habilitation.state, Granted { .. } | Active { .. } | Expiring { .. });
        let person = centre.store.get::<Person>(habilitation.person).await?;
        if given && person.is_some_and(|person| person.is_enrolled()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Starts the job of a bubble, unless this server already works on it.
pub(crate) fn spawn(centre: &Centre, id: BubbleId) {
    if !centre.host.busy().insert(id) {
        return;
    }
    let centre = centre.clone();
    tokio::spawn(async move {
        if let Err(failure) = run(&centre, id).await {
            let error = causes(&failure);
            tracing::error!(bubble.id = %id, error, "a bubble was not provisioned");
        }
        centre.host.busy().remove(&id);
    });
}

async fn run(centre: &Centre, id: BubbleId) -> Result<(), Failure> {
    let Some(bubble) = centre.store.get::<Bubble>(id).await? else { return Ok(()) };
    if bubble.state.name() != "provisioning" {
        return Ok(());
    }
    let made = make(centre, &bubble).await;
    let after = match made {
        Ok((image, checks)) => by_the_centre(&bubble).provisioned(image, checks)?,
        Err(failure) => {
            let error = causes(&failure);
            tracing::error!(bubble.id = %id, error, "a step of provisioning failed");
            by_the_centre(&bubble).fail(failure.to_string())?
        }
    };
    let ready = after.state.name() == "ready";
    let kind = if ready { "provision.done" } else { "provision.error" };
    let failed = after.checks.iter().filter(|check| !check.passed);
    let failed: Vec<&str> = failed.map(|check| check.name.as_str()).collect();
    let mut event = centre.system_event(kind, "bubble", id);
    event.payload = serde_json::json!({
        "application": after.application, "image": after.image,
        "checks": after.checks.len(), "failed": failed,
    });
    let mut change = centre.store.change(&event);
    change.replace(&bubble, &after);
    if ready {
        let mut opened = centre.system_event("bubble.ready", "bubble", id);
        opened.payload = serde_json::json!({ "application": after.application });
        change.event(&opened);
    }
    change.commit().await?;
    Ok(())
}

/// Spaces, image and self-tests; the recorder's test is done here, where the recorder is.
async fn make(centre: &Centre, bubble: &Bubble) -> Result<(String, Vec<SelfTest>), Failure> {
    wait_for_the_agent(centre).await;
    let image = centre.host.prepare(bubble).await?;
    let mounts = right::project_mounts(centre, bubble.application).await?;
    let order = right::order(centre, bubble, None, &mounts).await;
    let mut checks = centre.host.self_test(order).await?;
    checks.push(test_recorder(centre, bubble.id).await);
    Ok((image, checks))
}

/// At a start the agent may come a little after the server. Where it does not come, the next
/// question fails and says so.
async fn wait_for_the_agent(centre: &Centre) {
    for _ in 0..PATIENCE {
        if centre.host.status().await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Writes a probe recording where the sessions' will be, and reads it back.
async fn test_recorder(centre: &Centre, id: BubbleId) -> SelfTest {
    let path = centre.host.recordings().join(format!(".probe-{id}.cast"));
    let probe = tokio::task::spawn_blocking(move || {
        let _ = std::fs::remove_file(&path); // of a job that was killed
        let header = Header { version: 2, width: 80, height: 24, timestamp: None, title: None };
        let mut probe = Recording::create(&path, &header)?;
        probe.output(0, b"probe")?;
        let (sealed, found) = (probe.finish()?, recording::digest(&path)?);
        std::fs::remove_file(&path)?;
        Ok::<_, std::io::Error>((sealed == found, sealed.sha256))
    });
    let (passed, detail) = match probe.await {
        Ok(Ok((same, sha256))) => (same, format!("a probe was recorded and sealed as {sha256}")),
        Ok(Err(error)) => (false, error.to_string()),
        Err(error) => (false, error.to_string()),
    };
    SelfTest { name: "recorder_on".to_owned(), passed, detail }
}

/// A bubble for an application that was just authorised; nothing where it has one.
pub(crate) async fn request(centre: &Centre, application: &Application) -> Result<(), Failure> {
    if centre.store.bubble_of(application.id).await?.is_some() {
        return Ok(());
    }
    let asked = application.fields.get("env_profile").map(String::as_str);
    let profile = asked.and_then(sandbox::Profile::named).unwrap_or_else(sandbox::Profile::small);
    let number = centre.store.next_bubble_number().await?;
    let bubble = Bubble::requested(centre.id(), application.id, number, &profile.name);
    let mut event = centre.system_event("bubble.requested", "bubble", bubble.id);
    event.payload = serde_json::json!({ "application": application.id, "profile": profile.name });
    centre.store.change(&event).insert(&bubble).commit().await?;
    Ok(())
}
