//! One event from one number: its type, then whose it is, its identity and its time.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use schemas::{Body, Event, EventType};

use super::pools::{self, SOURCES, pick};
use super::{bodies, offers};

/// How often each type comes, in a hundred or so.
const WEIGHTS: [(EventType, u32); 15] = [
    (EventType::Registration, 22),
    (EventType::Kyc, 5),
    (EventType::Deposit, 5),
    (EventType::Trade, 36),
    (EventType::Reversal, 14),
    (EventType::Vip, 4),
    (EventType::Affiliate, 6),
    (EventType::Code, 9),
    (EventType::Rebate, 5),
    (EventType::Note, 3),
    (EventType::Program, 3),
    (EventType::Offer, 3),
    (EventType::Campaign, 2),
    (EventType::Join, 2),
    (EventType::Application, 1),
];

/// The event of a number.
pub fn event(seed: u64) -> Event<'static> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let event_type = event_type(&mut rng);
    let body = body(&mut rng, event_type);
    let time = match event_type {
        EventType::Registration | EventType::Code | EventType::Program | EventType::Campaign => {
            pools::early_moment(&mut rng)
        }
        EventType::Trade => pools::late_moment(&mut rng),
        EventType::Kyc
        | EventType::Deposit
        | EventType::Reversal
        | EventType::Vip
        | EventType::Affiliate
        | EventType::Rebate
        | EventType::Note
        | EventType::Offer
        | EventType::Join
        | EventType::Application => pools::any_moment(&mut rng),
    };
    Event { source: pick(&mut rng, &SOURCES).into(), id: id(&mut rng, event_type).into(), time, body }
}

fn event_type(rng: &mut impl Rng) -> EventType {
    let mut left = rng.random_range(0..WEIGHTS.iter().map(|(_, weight)| weight).sum());
    for (event_type, weight) in WEIGHTS {
        if left < weight {
            return event_type;
        }
        left -= weight;
    }
    unreachable!("what is drawn lies below the sum of the weights")
}

fn body(rng: &mut impl Rng, event_type: EventType) -> Body<'static> {
    match event_type {
        EventType::Registration => Body::Registration(bodies::registration(rng)),
        EventType::Kyc => Body::Kyc(bodies::kyc(rng)),
        EventType::Deposit => Body::Deposit(bodies::deposit(rng)),
        EventType::Trade => Body::Trade(bodies::trade(rng)),
        EventType::Reversal => Body::Reversal(bodies::reversal(rng)),
        EventType::Vip => Body::Vip(bodies::vip(rng)),
        EventType::Affiliate => Body::Affiliate(bodies::affiliate(rng)),
        EventType::Code => Body::Code(bodies::code(rng)),
        EventType::Rebate => Body::Rebate(bodies::rebate(rng)),
        EventType::Note => Body::Note(bodies::note(rng)),
        EventType::Program => Body::Program(bodies::program(rng)),
        EventType::Offer => Body::Offer(offers::offer(rng)),
        EventType::Campaign => Body::Campaign(offers::campaign(rng)),
        EventType::Join => Body::Join(offers::join(rng)),
        EventType::Application => Body::Application(bodies::application(rng)),
    }
}

/// An id: a trade's from the pool that reversals name, another's seldom from that same pool, since the type is no
/// part of an identity.
fn id(rng: &mut impl Rng, event_type: EventType) -> String {
    let is_trade = event_type == EventType::Trade;
    if is_trade || rng.random_ratio(1, 12) { trade_id(rng) } else { format!("e{}", rng.random_range(0..40)) }
}

/// The id of a trade; as bytes, `t10` comes before `t2`.
pub(super) fn trade_id(rng: &mut impl Rng) -> String {
    pick(rng, &["t1", "t2", "t3", "t10", "t11"]).to_owned()
}
