//! The open connections: how many there may be, which gives its place to another, and who is refused.
//!
//! A connection never waits to be taken. Where all places are in use, the one that has been idle longest gives way, of
//! those that have shown no token first; so connections that only hold on keep nobody out. Where none can give way, a
//! few more are taken all the same: they are answered what probes and metrics ask, and else a refusal.

mod activity;
mod watched;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prometheus::IntGauge;
use tokio::sync::watch;
use tokio::time::Instant;

pub(crate) use self::activity::{Activity, Closed};
pub(super) use self::watched::watched;

use self::activity::GivesWay;
use super::limits::{LimitsInForce, ServeLimits};

/// Whether a connection is served, or why what it asks is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It is served.
    Served,
    /// All places are in use.
    Full,
    /// Its address has too many.
    TooManyOfAddress,
}

/// The open connections of a listener. Clones are of the same.
#[derive(Clone)]
pub(super) struct Connections {
    table: Arc<Mutex<Table>>,
    open: watch::Sender<usize>,
    gauge: IntGauge,
    limits: LimitsInForce,
}

#[derive(Default)]
struct Table {
    next: u64,
    open: HashMap<u64, Open>,
}

struct Open {
    activity: Activity,
    address: IpAddr,
    admission: Admission,
}

/// The place of a connection. It is free again when this is dropped.
pub(super) struct Place {
    connections: Connections,
    number: u64,
    pub(super) admission: Admission,
    pub(super) activity: Activity,
}

impl Connections {
    /// None is open yet. The gauge, which several listeners may share, is kept at how many are.
    pub(super) fn new(limits: LimitsInForce, gauge: IntGauge) -> Connections {
        Connections { table: Arc::default(), open: watch::Sender::new(0), gauge, limits }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a connection. One of an address that stands for many is not counted with others of that address.
    pub(super) fn admit(&self, address: IpAddr, stands_for_many: bool) -> Place {
        let limits = self.limits.now();
        let mut table = self.table();
        let admission = table.admission(&limits, address, stands_for_many);
        if admission != Admission::Served {
            table.make_room(limits.connections_reserved, |open| open.admission != Admission::Served);
        }
        let activity = Activity::new();
        let number = table.next;
        table.next += 1;
        table.open.insert(number, Open { activity: activity.clone(), address, admission });
        self.count(&table);
        drop(table);
        Place { connections: self.clone(), number, admission, activity }
    }

    /// Closes the one that gives way first, if one does.
    pub(super) fn close_one(&self) {
        let mut table = self.table();
        table.close_first(|_| true);
        self.count(&table);
    }

    fn count(&self, table: &Table) {
        let before = self.open.send_replace(table.open.len());
        self.gauge.add(table.open.len() as i64 - before as i64);
    }

    /// Waits until none is open any more.
    pub(super) async fn ended(&self) {
        let mut open = self.open.subscribe();
        // The sender is held here.
        let _none_is_open = open.wait_for(|open| *open == 0).await;
    }
}

impl Table {
    fn admission(&mut self, limits: &ServeLimits, address: IpAddr, stands_for_many: bool) -> Admission {
        let is_of_address = |open: &Open| open.admission == Admission::Served && open.address == address;
        if !stands_for_many && !self.make_room(limits.connections_per_address, is_of_address) {
            return Admission::TooManyOfAddress;
        }
        if !self.make_room(limits.connections_max, |open| open.admission == Admission::Served) {
            return Admission::Full;
        }
        Admission::Served
    }

    /// Makes room for one more of those connections where there may be so many; whether there is room then. There are more
    /// of them than that only where fewer may be from now on.
    fn make_room(&mut self, max: usize, is_one: impl Fn(&Open) -> bool) -> bool {
        let count = self.open.values().filter(|open| is_one(open)).count();
        let too_many = (count + 1).saturating_sub(max);
        (0..too_many).all(|_| self.close_first(&is_one))
    }

    /// Closes the one of those connections that gives way first; whether one does.
    fn close_first(&mut self, is_one: impl Fn(&Open) -> bool) -> bool {
        let ones = self.open.iter().filter(|(_, open)| is_one(open));
        let giving_way = ones.filter_map(|(number, open)| Some((open.activity.gives_way()?, *number)));
        let first: Option<((GivesWay, Instant), u64)> = giving_way.min();
        let Some(open) = first.and_then(|(_, number)| self.open.remove(&number)) else { return false };
        open.activity.close(Closed::GaveWay);
        true
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut table = self.connections.table();
        // Who gave way is gone from it already.
        table.open.remove(&self.number);
        self.connections.count(&table);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: (usize, usize, usize) = (3, 2, 2);

    fn connections() -> Connections {
        let (connections_max, connections_reserved, connections_per_address) = LIMITS;
        let limits =
            ServeLimits { connections_max, connections_reserved, connections_per_address, ..ServeLimits::default() };
        Connections::new(LimitsInForce::new(limits), IntGauge::new("open", "Open connections.").expect("well formed"))
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    fn is_told_to_close(place: &Place) -> bool {
        futures_util::FutureExt::now_or_never(place.activity.told_to_close()).is_some()
    }

    #[tokio::test]
    async fn the_longest_idle_stranger_gives_way_and_who_is_at_work_does_not() {
        let connections = connections();
        let known = connections.admit(address(1), false);
        known.activity.recognize();
        let first = connections.admit(address(2), false);
        let second = connections.admit(address(3), false);
        let fourth = connections.admit(address(4), false);
        assert_eq!(fourth.admission, Admission::Served);
        assert_eq!([&known, &first, &second].map(is_told_to_close), [false, true, false]);
        for place in [&second, &fourth] {
            place.activity.recognize();
        }
        let at_work = [&known, &second, &fourth].map(|place| place.activity.begin());
        let refused = connections.admit(address(5), false);
        assert_eq!(refused.admission, Admission::Full);
        drop(at_work);
        assert_eq!(connections.admit(address(6), false).admission, Admission::Served);
    }

    #[tokio::test]
    async fn what_is_refused_is_bounded_too_and_keeps_nobody_waiting() {
        let connections = connections();
        let places: Vec<Place> = (1..=3).map(|last| connections.admit(address(last), false)).collect();
        places.iter().for_each(|place| place.activity.recognize());
        let _at_work: Vec<_> = places.iter().map(|place| place.activity.begin()).collect();
        let refused: Vec<Place> = (0..5).map(|_| connections.admit(address(9), false)).collect();
        assert!(refused.iter().all(|place| place.admission == Admission::Full));
        let told: Vec<bool> = refused.iter().map(is_told_to_close).collect();
        assert_eq!(told, [true, true, true, false, false], "the latest two have a place");
        assert!(!places.iter().any(is_told_to_close));
    }

    #[tokio::test]
    async fn an_address_is_bounded_unless_it_stands_for_many() {
        let connections = connections();
        let mut places: Vec<Place> = (0..2).map(|_| connections.admit(address(1), false)).collect();
        places.iter().for_each(|place| place.activity.recognize());
        let at_work: Vec<_> = places.iter().map(|place| place.activity.begin()).collect();
        assert_eq!(connections.admit(address(1), false).admission, Admission::TooManyOfAddress);
        assert_eq!(connections.admit(address(1), true).admission, Admission::Served);
        drop(at_work);
        places.push(connections.admit(address(1), false));
        assert_eq!((places[2].admission, is_told_to_close(&places[0])), (Admission::Served, true));
    }

    #[tokio::test]
    async fn where_fewer_may_be_open_from_now_on_as_many_as_are_too_many_give_way_to_the_next() {
        let connections = connections();
        let places: Vec<Place> = (1..=3).map(|last| connections.admit(address(last), false)).collect();
        let mut limits = (*connections.limits.now()).clone();
        limits.connections_max = 2;
        connections.limits.exchange(limits.clone());
        assert!(!places.iter().any(is_told_to_close), "nobody is thrown out for it");
        let fourth = connections.admit(address(4), false);
        assert_eq!(fourth.admission, Admission::Served);
        let told: Vec<bool> = places.iter().map(is_told_to_close).collect();
        assert_eq!(told, [true, true, false]);
        limits.connections_max = 3;
        connections.limits.exchange(limits);
        assert_eq!(connections.admit(address(5), false).admission, Admission::Served);
        assert!(!is_told_to_close(&places[2]) && !is_told_to_close(&fourth));
    }

    #[tokio::test]
    async fn a_place_is_free_again_when_its_connection_has_ended() {
        let connections = connections();
        let place = connections.admit(address(1), false);
        drop(place);
        connections.ended().await;
        assert_eq!(connections.table().open.len(), 0);
    }
}
