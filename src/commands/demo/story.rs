//! The demo's story, told once: on the guide's page and in the terminal.

use std::path::{Path, PathBuf};

use pages::{Chapter, Guide, Lead};
use schemas::Day;
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
    /// The guide: the story if there is one, and what else there is to see.
    pub(super) fn guide(&self, story: Option<&Story>) -> Guide {
        let mut chapters = story.map(|story| self.of_story(story)).unwrap_or_default();
        chapters.extend(self.of_the_rest());
        let begins = match story {
            Some(story) => format!(
                "A referral program of 90 days, recorded as it would have been. {} was closed on the {}rd of the month after \
                 it; then more came to be known. Referrer {DEMO_UID} is you.",
                month(story.first),
                story.closed.day().to_string().get(9..).unwrap_or_default(),
            ),
            None => format!("A referral program, recorded as it would have been. Referrer {DEMO_UID} is you."),
        };
        Guide { title: "The demo's story".to_owned(), begins, chapters }
    }

    fn of_story(&self, story: &Story) -> Vec<Chapter> {
        let (first, last, closed) = (story.first.to_string(), story.last.to_string(), story.closed.to_string());
        let uid = DEMO_UID.to_string();
        let month = month(story.first);
        let range = [("uid", uid.clone()), ("from", first.clone()), ("to", last.clone())];
        let with = |name, value: &str| [range.as_slice(), &[(name, value.to_owned())]].concat();
        let explained = |(uid, source, id): (schemas::Uid, &str, &str)| {
            vec![("invitee", uid.to_string()), ("source", source.to_owned()), ("id", id.to_owned())]
        };
        let (source, id) = story.trade;
        let late = (story.invitee, source, id);
        vec![
            Chapter {
                heading: format!("{month} as it was closed"),
                says: format!("What you had earned in {month} by all that was known at {closed}, when it was paid out."),
                leads: vec![lead(&format!("{month} as closed"), "/", with("as_of", &closed))],
                command: Some(self.query("overview", &with("as_of", &closed))),
            },
            Chapter {
                heading: format!("What {month} is now, and why"),
                says: "Since then three trades of one invitee came late, a wash trade was taken back, and a contract was \
                       entered that had been signed weeks before. Each entry shows what it changed, and the rows add up to \
                       the difference."
                    .to_owned(),
                leads: vec![
                    lead(&format!("What was learned about {month}"), "/restatement", with("since", &closed)),
                    lead(&format!("{month} now"), "/", range.to_vec()),
                ],
                command: Some(self.query("restatement", &with("as_of", &closed))),
            },
            Chapter {
                heading: "One trade explained".to_owned(),
                says: "One of the late trades: the rates in force and the events that set them, the amounts, and every \
                       posting that was made for it, also the one that the contract added later."
                    .to_owned(),
                leads: vec![lead("Why this amount", "/trades/explain", explained(late))],
                command: Some(self.query("trades/explain", &explained(late))),
            },
            Chapter {
                heading: "A trade that earned nothing".to_owned(),
                says: format!(
                    "Affiliate {} was suspended on {}: the invitee keeps the rebate, and the commission is 0, for one reason \
                     that is named.",
                    story.suspended,
                    story.first.plus(15)
                ),
                leads: vec![lead("Why nothing", "/trades/explain", explained(story.unpaid))],
                command: Some(self.query("trades/explain", &explained(story.unpaid))),
            },
            Chapter {
                heading: "What if the contract had never been signed".to_owned(),
                says: format!(
                    "The same set of events without that one, and the difference to the last digit. The rules lie in {}; the \
                     page takes them too.",
                    self.rules.display()
                ),
                leads: vec![lead("Ask what if", "/operator/what-if", Vec::new())],
                command: Some(format!(
                    "{} replay --data {} --what-if {} --by referrer",
                    self.program,
                    quoted(&self.data),
                    quoted(&self.rules)
                )),
            },
        ]
    }

    fn of_the_rest(&self) -> Vec<Chapter> {
        let uid = vec![("uid", DEMO_UID.to_string())];
        let mut filtered = uid.clone();
        filtered.extend([("sort", "commission".to_owned()), ("limit", "5".to_owned())]);
        vec![
            Chapter {
                heading: "Your dashboard".to_owned(),
                says:
                    "The last 30 days of a referrer, live: programs half met and nearly met, codes, invitees, cohorts."
                        .to_owned(),
                leads: vec![
                    lead("Overview", "/", uid.clone()),
                    lead("Programs", "/programs", uid.clone()),
                    lead("Referrals", "/referrals", uid.clone()),
                    lead("Cohorts", "/cohorts", uid),
                ],
                command: Some(self.query("referrals", &filtered)),
            },
            Chapter {
                heading: "The operator's desk".to_owned(),
                says: "What comes in, what did not get in and why, who earned most, and the rules in force.".to_owned(),
                leads: vec![
                    lead("At a glance", "/operator", Vec::new()),
                    lead("Quarantine", "/operator/quarantine", Vec::new()),
                ],
                command: Some(self.query("referrers", &[("limit", "5".to_owned())])),
            },
        ]
    }

    fn query(&self, path: &str, parameters: &[(&str, String)]) -> String {
        let parameters: String = parameters.iter().map(|(name, value)| format!(" {name}={value}")).collect();
        format!("{} query {path}{parameters} --data {}", self.program, quoted(&self.data))
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

fn lead(label: &str, path: &'static str, parameters: Vec<(&'static str, String)>) -> Lead {
    Lead { label: label.to_owned(), path, parameters }
}

/// A month's name.
fn month(day: Day) -> String {
    day.to_date().format("%B").to_string()
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = text.chars().all(|letter| letter.is_alphanumeric() || "/._-+".contains(letter));
    if is_plain { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
