//! The demo's story, told once: on the guide's page, in the page's language, and in the terminal.

use std::path::{Path, PathBuf};

use pages::{Guide, Trade};
use workload::{DEMO_UID, Story};

/// Who tells it: how the commands are called, and where what they need lies.
pub(super) struct Teller {
    /// The binary, as a shell finds it.
    pub(super) program: String,
    /// The directory of the ledger.
    pub(super) data: PathBuf,
    /// The rules of the what-if.
    pub(super) rules: PathBuf,
}

impl Teller {
    /// The guide: what it is told of.
    pub(super) fn guide(&self, story: Option<&Story>) -> Guide {
        let story = story.map(|story| {
            let (source, id) = story.trade;
            let late = Trade { uid: story.invitee, source, id };
            let (uid, source, id) = story.unpaid;
            pages::Story {
                first: story.first,
                last: story.last,
                closed: story.closed,
                late,
                suspended: story.suspended,
                suspended_on: story.first.plus(15),
                unpaid: Trade { uid, source, id },
                rules: quoted(&self.rules),
            }
        });
        Guide { uid: DEMO_UID, program: self.program.clone(), data: quoted(&self.data), story }
    }
}

/// The what-if of the story: the contract that was entered after the close is left out.
pub(super) fn rules(story: &Story) -> String {
    let signed = story.first.plus(19).start();
    let after = schemas::Timestamp(signed.0 + 1);
    format!(
        "# What if the contract that referrer {DEMO_UID} signed on {} had never been?\n[[drop]]\ntype = \
         \"referral.affiliate.v1\"\nuid = {DEMO_UID}\nfrom = \"{signed}\"\nto = \"{after}\"\n",
        story.first.plus(19)
    )
}

/// What is printed once the demo answers: the guide with absolute addresses.
pub(super) fn in_the_terminal(guide: &Guide, address: &str) -> String {
    let guide = guide.told();
    let mut text = format!("{}\n", guide.begins);
    for chapter in &guide.chapters {
        text.push_str(&format!("\n{}\n  {}\n", chapter.heading, chapter.says));
        for lead in &chapter.leads {
            text.push_str(&format!("  {}: {}\n", lead.label, lead.address(address)));
        }
        if let Some(command) = &chapter.command {
            text.push_str(&format!("  $ {command}\n"));
        }
    }
    text
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = text.chars().all(|letter| letter.is_alphanumeric() || "/._-+".contains(letter));
    if is_plain { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
