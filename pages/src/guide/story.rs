//! How a guide is told, in the language that is being answered in.

use super::{Chapter, Guide, Lead, Story, Told, Trade};
use crate::dates;
use crate::words::words;

/// The parameters of a page, or of a question.
type Parameters = Vec<(&'static str, String)>;

impl Guide {
    /// Tells it: the story if there is one, and what else there is to see.
    #[must_use]
    pub fn told(&self) -> Told {
        let (begins, mut chapters) = match &self.story {
            Some(story) => {
                let (month, closed) = (dates::month(story.first), story.closed.day());
                (words!("guide-begins", month = month, closed = closed, uid = self.uid), self.of_story(story))
            }
            None => (words!("guide-begins-without-story", uid = self.uid), Vec::new()),
        };
        chapters.extend([self.of_the_dashboard(), self.of_the_operator()]);
        Told { title: words!("guide-title").to_owned(), begins, chapters }
    }

    fn of_story(&self, story: &Story) -> Vec<Chapter> {
        let month = dates::month(story.first);
        let closed = story.closed.to_string();
        let range =
            vec![("uid", self.uid.to_string()), ("from", story.first.to_string()), ("to", story.last.to_string())];
        let with = |name, value: &str| [range.as_slice(), &[(name, value.to_owned())]].concat();
        let (late, unpaid) = (named(&story.late), named(&story.unpaid));
        vec![
            Chapter {
                heading: words!("guide-closed-heading", month = month),
                says: words!("guide-closed-says", month = month, closed = closed),
                leads: vec![lead(words!("guide-closed-lead", month = month), "/", with("as_of", &closed))],
                command: Some(self.query("overview", &with("as_of", &closed))),
            },
            Chapter {
                heading: words!("guide-now-heading", month = month),
                says: words!("guide-now-says").to_owned(),
                leads: vec![
                    lead(words!("guide-now-lead-why", month = month), "/restatement", with("since", &closed)),
                    lead(words!("guide-now-lead", month = month), "/", range.clone()),
                ],
                command: Some(self.query("restatement", &with("as_of", &closed))),
            },
            Chapter {
                heading: words!("guide-trade-heading").to_owned(),
                says: words!("guide-trade-says").to_owned(),
                leads: vec![lead(words!("guide-trade-lead"), "/trades/explain", late.clone())],
                command: Some(self.query("trades/explain", &late)),
            },
            Chapter {
                heading: words!("guide-nothing-heading").to_owned(),
                says: words!("guide-nothing-says", uid = story.suspended, day = story.suspended_on),
                leads: vec![lead(words!("guide-nothing-lead"), "/trades/explain", unpaid.clone())],
                command: Some(self.query("trades/explain", &unpaid)),
            },
            Chapter {
                heading: words!("guide-what-if-heading").to_owned(),
                says: words!("guide-what-if-says").to_owned(),
                leads: vec![lead(words!("guide-what-if-lead"), "/operator/what-if", Vec::new())],
                command: Some(format!(
                    "{} replay --data {} --what-if {} --by referrer",
                    self.program, self.data, story.rules
                )),
            },
        ]
    }

    fn of_the_dashboard(&self) -> Chapter {
        let uid = vec![("uid", self.uid.to_string())];
        let best = [("sort", "commission".to_owned()), ("limit", "5".to_owned())];
        Chapter {
            heading: words!("guide-dashboard-heading").to_owned(),
            says: words!("guide-dashboard-says").to_owned(),
            leads: vec![
                lead(words!("layout-menu-overview"), "/", uid.clone()),
                lead(words!("layout-menu-programs"), "/programs", uid.clone()),
                lead(words!("layout-menu-referrals"), "/referrals", uid.clone()),
                lead(words!("layout-menu-cohorts"), "/cohorts", uid.clone()),
            ],
            command: Some(self.query("referrals", &[uid.as_slice(), best.as_slice()].concat())),
        }
    }

    fn of_the_operator(&self) -> Chapter {
        Chapter {
            heading: words!("guide-operator-heading").to_owned(),
            says: words!("guide-operator-says").to_owned(),
            leads: vec![
                lead(words!("layout-menu-glance"), "/operator", Vec::new()),
                lead(words!("layout-menu-quarantine"), "/operator/quarantine", Vec::new()),
            ],
            command: Some(self.query("referrers", &[("limit", "5".to_owned())])),
        }
    }

    /// A question as a shell asks it.
    fn query(&self, path: &str, parameters: &[(&str, String)]) -> String {
        let parameters: String = parameters.iter().map(|(name, value)| format!(" {name}={value}")).collect();
        format!("{} query {path}{parameters} --data {}", self.program, self.data)
    }
}

/// The parameters that name a trade.
fn named(trade: &Trade) -> Parameters {
    vec![("invitee", trade.uid.to_string()), ("source", trade.source.to_owned()), ("id", trade.id.to_owned())]
}

fn lead(label: impl Into<String>, path: &'static str, parameters: Parameters) -> Lead {
    Lead { label: label.into(), path, parameters }
}
