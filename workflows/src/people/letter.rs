//! Mails that carry a secret link: not notices, which carry none.

use domain::{Event, Lang, Person};

use super::invitation;
use crate::{Centre, Failure, office::mail::Message};

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
    let message = Message {
        to_name: person.name.clone(),
        to: person.email.clone(),
        lang: person.language,
        subject,
        text,
    };
    centre.mailer.send_now(message).await
}
