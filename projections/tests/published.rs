//! Rows that are published of a state, change by change, say what the state says: a state made of a referrer's rows answers
//! as the one that they are of, and each change tells what stood there before.

mod agreement;
mod generate;
mod oracle;

use std::collections::BTreeMap;
use std::convert::Infallible;

use agreement::Projected;
use api::views::Shown;
use oracle::{Entry, Oracle};
use projections::published::{
    CodeRows, PublishedCell, PublishedChange, PublishedCode, PublishedStanding, ReferrerRows, SliceRows,
};
use projections::query::{Interval, PageRequest, RangeRequest};
use projections::{QueryError, State, View};
use proptest::prelude::*;
use schemas::{Body, Country, Day, Uid};
use serde_json::{Value, json};

/// What a keyspace would hold.
#[derive(Clone, Debug, Default, PartialEq)]
struct Rows {
    cells: BTreeMap<(String, Option<Country>, Day, u16), PublishedCell>,
    codes: BTreeMap<(Uid, String), PublishedCode>,
    standings: BTreeMap<Uid, Vec<PublishedStanding>>,
}

impl Rows {
    /// Takes the changes between two states. Each says what stands here.
    fn publish(&mut self, before: &State, now: &State) -> usize {
        let mut count = 0;
        let taken: Result<(), Infallible> = now.each_published(before, &mut |change| {
            count += 1;
            self.take(change);
            Ok(())
        });
        taken.unwrap_or_else(|never| match never {});
        count
    }

    fn take(&mut self, change: PublishedChange<'_>) {
        match change {
            PublishedChange::Cell { code, country, day, chunk, before, now } => {
                let held = self.cells.insert((code.to_owned(), country, day, chunk), now.clone());
                assert_eq!(held.unwrap_or_default(), before);
                assert_ne!(before, now);
            }
            PublishedChange::Code { owner, code, before, now } => {
                let key = (owner, code.to_owned());
                let held = match now {
                    Some(now) => self.codes.insert(key, now),
                    None => self.codes.remove(&key),
                };
                assert_eq!(held, before);
            }
            PublishedChange::Standings { uid, before, now } => {
                assert_eq!(self.standings.insert(uid, now).unwrap_or_default(), before);
            }
        }
        // A row that says nothing is none.
        self.cells.retain(|_, cell| *cell != PublishedCell::default());
    }

    fn of_referrer(&self, uid: Uid) -> ReferrerRows {
        let codes = self.codes.iter().filter(|((owner, _), _)| *owner == uid);
        let codes = codes.map(|((_, code), row)| {
            let mut slices: BTreeMap<Option<Country>, SliceRows> = BTreeMap::new();
            for ((of, country, day, _), cell) in &self.cells {
                if of == code {
                    let slice = slices.entry(*country).or_default();
                    slice.country = *country;
                    slice.cells.push((*day, cell.clone()));
                }
            }
            CodeRows { code: code.clone(), created_at: row.created_at, slices: slices.into_values().collect() }
        });
        let standings = self.standings.get(&uid).cloned().unwrap_or_default();
        ReferrerRows { event_time: None, codes: codes.collect(), standings }
    }
}

fn shown<T: Shown>(answer: Result<T, QueryError>) -> Value {
    let mut value = match answer {
        Ok(answer) => serde_json::to_value(answer.shown()).expect("answers serialize"),
        Err(refusal) => json!({ "refused": refusal.to_string() }),
    };
    if let Some(fields) = value.as_object_mut() {
        fields.remove("as_of");
    }
    value
}

fn answers(view: &View<'_>, uid: Uid) -> Vec<Value> {
    let today = view.now.day();
    let range = |from: i32, to: i32| RangeRequest { from: Some(today.plus(from)), to: Some(today.plus(to)) };
    let mut answers = vec![json!(view.is_approved_affiliate(uid))];
    for range in [RangeRequest::default(), range(0, 0), range(-6, -3), range(-400, 400)] {
        for code in generate::CODES.iter().map(|code| Some(*code)).chain([None, Some("NOBODYS")]) {
            answers.push(shown(view.overview(uid, range, code)));
            answers.push(shown(view.series_with_before(uid, range, code, Interval::Week)));
        }
        answers.push(shown(view.countries(uid, range, &PageRequest { limit: 500, cursor: None })));
    }
    answers
}

fn check(projected: &Projected, rows: &Rows, entries: &[Entry]) {
    let mut uids = vec![Uid(123_456)];
    for entry in entries {
        if let Body::Code(code) = &entry.event.body {
            uids.push(code.owner_uid);
        }
    }
    uids.extend(generate::UIDS);
    for now in [generate::NOW, generate::NOW.plus_days(40)] {
        let whole = projected.at(now);
        for uid in &uids {
            let state = rows.of_referrer(*uid).state(*uid).expect("rows that were written here");
            let view = View { state: &state, ..whole };
            assert_eq!(answers(&view, *uid), answers(&whole, *uid), "{uid}");
        }
    }
}

proptest! {
    #![proptest_config(generate::cases(60))]

    #[test]
    fn a_state_made_of_published_rows_answers_as_the_one_that_they_are_of(
        arrivals in generate::histories(120),
        cuts in proptest::collection::vec(0usize..121, 1..6),
    ) {
        let recorded = generate::recorded(&arrivals);
        let oracle = Oracle::of(recorded.into_iter().zip(arrivals)).0;
        let entries = oracle.entries();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(entries.len())).collect();
        cuts.push(entries.len());
        cuts.sort_unstable();
        let (mut projected, mut rows, mut remade_rows) = (Projected::default(), Rows::default(), Rows::default());
        let (mut before, mut remade_before) = (State::new(), State::new());
        let mut done = 0;
        for cut in cuts {
            for entry in &entries[done..cut] {
                projected.apply(entry.recorded_at, entry.event.clone());
            }
            done = cut;
            let changed = rows.publish(&before, &projected.state);
            // One that shares nothing in memory has the same changes.
            let remade = Projected::of(&entries[..cut]);
            prop_assert_eq!(remade_rows.publish(&remade_before, &remade.state), changed);
            (before, remade_before) = (projected.state.clone(), remade.state);
            prop_assert_eq!(&rows, &remade_rows);
            prop_assert_eq!(rows.publish(&before.clone(), &before), 0);
        }
        let mut at_once = Rows::default();
        at_once.publish(&State::new(), &projected.state);
        prop_assert_eq!(&at_once, &rows);
        check(&projected, &rows, entries);
    }
}

#[test]
fn what_is_no_bitmap_is_refused_with_its_day() {
    let day = Day(20_000);
    let cell = PublishedCell { traders: vec![1, 2, 3], ..PublishedCell::default() };
    let slice = SliceRows { country: None, cells: vec![(day, cell)] };
    let code = CodeRows { code: "CODE".to_owned(), slices: vec![slice], ..CodeRows::default() };
    let rows = ReferrerRows { codes: vec![code], ..ReferrerRows::default() };
    let refused = rows.state(Uid(7)).err().expect("a refusal");
    assert_eq!(refused.to_string(), format!("who traded on {day} is no roaring bitmap"));
}
