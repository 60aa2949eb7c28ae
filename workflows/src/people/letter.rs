//! Mails that carry a secret link: not notices, which carry none.

use domain::{Event, Lang, Person};

use super::invitation;
use crate::{Centre, Failure};

/// Sends the mail of an invitation that still stands. Sent again, it carries the same link.
pub(super) async fn send_invitation(centre: &Centre, event: &Event) -> Result<(), Failure> {
    let Some(person) = centre.store.get::<Person>(event.object).await? else { return Ok(()) };
    let Some(link) = invitation::link(centre, &person) else { return Ok(()) };
    let name = &centre.config.name;
    let (subject, text) = match person.language {
        Lang::Fr => (
            format!("{name} : votre invitation"),
            format!(
                "Bonjour {},\n\nVous êtes invité à ouvrir un compte au centre {name}. Ouvrez ce \
                 lien sur la machine où se trouve votre clé d’accès, dans les sept jours :\n\n\
                 {link}\n\nLe lien ne sert qu’une fois. Si vous n’attendiez pas ce message, ne \
                 l’ouvrez pas.\n",
                person.name
            ),
        ),
        Lang::En => (
            format!("{name}: your invitation"),
            format!(
                "Dear {},\n\nYou are invited to open an account at the centre {name}. Open this \
                 link on the machine that has your passkey, within seven days:\n\n{link}\n\nThe \
                 link works once. If you did not expect this message, do not open it.\n",
                person.name
            ),
        ),
    };
    send(centre, &person, &subject, &text)
}

/// Leaves the mail in the outbox of the centre's folder.
fn send(centre: &Centre, person: &Person, subject: &str, text: &str) -> Result<(), Failure> {
    let folder = centre.config.dir.join("outbox");
    let attempt = "leave a mail in the outbox";
    std::fs::create_dir_all(&folder).map_err(Failure::engine(attempt))?;
    let file = folder.join(format!("invitation-{}.txt", person.id));
    let mail = format!("To: {}\nSubject: {subject}\n\n{text}", person.email);
    std::fs::write(file, mail).map_err(Failure::engine(attempt))
}
