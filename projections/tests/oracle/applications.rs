//! Who applied and waits for an answer.

use schemas::Body;
use serde_json::{Value, json};

use super::order::order;
use super::{Answer, Entry, Known};

impl<'a> Known<'a> {
    /// Users who applied up to now, with no affiliate event after that in the order of equals.
    pub fn applications(&self) -> Answer {
        let open: Vec<_> = self.entries.iter().filter(|entry| self.is_open_application(entry)).collect();
        let mut firsts: Vec<&Entry> = Vec::new();
        for entry in &open {
            let same = |other: &&Entry| other.event.stream() == entry.event.stream();
            match firsts.iter_mut().find(|first| same(first)) {
                Some(first) if order(&entry.event) < order(&first.event) => *first = entry,
                Some(_) => {}
                None => firsts.push(entry),
            }
        }
        let uid = |entry: &Entry| {
            let Body::Application(data) = &entry.event.body else { panic!("no application: {:?}", entry.event.body) };
            data.uid.0
        };
        firsts.sort_by_key(|first| (first.event.time, uid(first)));
        let rows = firsts.into_iter().map(|first| {
            let mut own: Vec<_> = open.iter().filter(|entry| uid(entry) == uid(first)).collect();
            own.sort_by(|one, other| order(&one.event).cmp(&order(&other.event)));
            let last = own.last().expect("the first is among them");
            let Body::Application(data) = &last.event.body else { panic!("no application") };
            json!({
                "uid": data.uid,
                "waiting_since": first.event.time,
                "times": own.len(),
                "message": data.message,
                "position": last.position,
            })
        });
        Ok(self.list(rows.collect::<Vec<Value>>()))
    }

    fn is_open_application(&self, entry: &Entry) -> bool {
        let Body::Application(application) = &entry.event.body else { return false };
        let answered = self
            .affiliates()
            .any(|(answer, data)| data.uid == application.uid && order(&answer.event) > order(&entry.event));
        self.is_past(entry) && !answered
    }
}
