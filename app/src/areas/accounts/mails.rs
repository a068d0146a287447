//! What accounts write to people.

use super::links::{Link, Purpose};
use crate::mail::layout::Letter;
use crate::words;

/// What to do when a stranger has password and second factor.
const IF_NOT_YOU: &str = "If it was not you, ask for a new password at once, which ends every \
    session, and write to whoever runs this hub.";

/// A letter and its subject.
pub(super) struct Written {
    pub(super) subject: &'static str,
    pub(super) letter: Letter,
}

/// The letter for a link; none where nothing is written. `url` is where the link leads.
pub(super) fn letter(link: &Link, url: &str, home: &str) -> Option<Written> {
    let purpose = link.purpose;
    let subject = match purpose {
        Purpose::Register | Purpose::Email => "Confirm your address for Starboard",
        Purpose::RegisterKnown => "You have a Starboard account already",
        Purpose::EmailKnown => "Your address has a Starboard account already",
        Purpose::Reset => "Choose a new password for Starboard",
        Purpose::EmailAsked => "Another address was asked for your Starboard account",
        Purpose::EmailChanged => "Your Starboard account has another address now",
        Purpose::PasswordChanged => "Your Starboard password was changed",
        Purpose::FactorOn => "Your Starboard account has a second factor",
        Purpose::FactorOff => "Your Starboard account has no second factor any more",
        Purpose::RecoveryRenewed => "Your Starboard account has new recovery codes",
        Purpose::ResetUnknown => return None,
    };
    let letter = Letter::new(subject);
    let letter = match purpose {
        Purpose::Register => letter
            .lead(format!(
                "Somebody, most likely you, asked for a Starboard account with this address at \
                 {} UTC.",
                words::minute(link.created_at)
            ))
            .paragraph(
                "Confirming makes the account, with the password that was chosen then: whoever \
                 chose it can sign in.",
            )
            .button("Confirm the address", url)
            .note(
                "The link works for 24 hours, once. If it was not you, do nothing: no account is \
                 made.",
            ),
        Purpose::Email => letter
            .lead("Somebody, most likely you, wants to use this address for a Starboard account.")
            .button("Confirm the address", url)
            .note("The link works for 24 hours, once. If it was not you, do nothing."),
        Purpose::RegisterKnown => letter
            .lead("Somebody, most likely you, tried to register this address. It has an account.")
            .paragraph(
                "Sign in with it, or ask for a new password if you no longer know the old one.",
            )
            .note("If it was not you, do nothing: nothing has changed."),
        Purpose::EmailKnown => letter
            .lead(
                "Somebody tried to use this address for another Starboard account. It has its own.",
            )
            .paragraph("To use it elsewhere, delete its account or change the address there first.")
            .note("If it was not you, do nothing: nothing has changed."),
        Purpose::Reset => letter
            .lead("Somebody, most likely you, asked for a new password for your Starboard account.")
            .button("Choose a new password", url)
            .note("The link works for one hour, once. If it was not you, do nothing."),
        Purpose::EmailAsked => letter
            .lead("Somebody, most likely you, wants another address for your Starboard account.")
            .paragraph(
                "It counts once the link mailed there is followed, within 24 hours. Until then \
                 mails come here.",
            )
            .note(
                "If it was not you, set a new password at once: the link does not work any more \
                 then, and every other session ends.",
            ),
        Purpose::EmailChanged => letter
            .lead("Your Starboard account has another address now; mails no longer come here.")
            .paragraph("If it was not you, write to whoever runs this hub."),
        Purpose::PasswordChanged => letter
            .lead("The password of your Starboard account was changed.")
            .paragraph("If it was not you, ask for a new password at once, and revoke API tokens."),
        Purpose::FactorOn => letter
            .lead("Signing in to your Starboard account takes a code of an app from now on.")
            .paragraph(IF_NOT_YOU),
        Purpose::FactorOff => letter
            .lead("Signing in to your Starboard account takes the password only from now on.")
            .paragraph(IF_NOT_YOU),
        Purpose::RecoveryRenewed => letter
            .lead(
                "New recovery codes were made for your Starboard account. Those before work no \
                 longer.",
            )
            .paragraph(IF_NOT_YOU),
        Purpose::ResetUnknown => return None,
    };
    let letter = letter
        .foot("You get this because somebody used this address at Starboard.")
        .foot_link("Starboard", home);
    Some(Written { subject, letter })
}
