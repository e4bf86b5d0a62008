//! Families whose sub-accounts have sub-accounts, and whose codes belong to sub-accounts: what crosses from shard to shard.

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use serde_json::{Value, json};

/// So many families, and so many accounts below each head, each the next one's parent.
const FAMILIES: u64 = 8;
const DEPTH: u64 = 4;
/// Above all uids of the workload's.
const FIRST_UID: u64 = 880_000_000;

fn uid(family: u64, depth: u64) -> u64 {
    FIRST_UID + family * 100 + depth
}

/// The accounts that trade without being anybody's invitee themselves, and the heads.
pub fn uids() -> Vec<u64> {
    (0..FAMILIES).flat_map(|family| (0..=DEPTH).map(move |depth| uid(family, depth))).collect()
}

fn event(kind: &str, id: &str, day: u64, data: &Value) -> Vec<u8> {
    let event = json!({
        "specversion": "1.0", "type": format!("referral.{kind}.v1"), "source": "/chains", "id": id,
        "time": format!("2025-06-{day:02}T12:00:00Z"), "data": data,
    });
    event.to_string().into_bytes()
}

/// Their events. Each head signed up with the code of the family before; codes belong to sub-accounts in the middle.
pub fn lines() -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    for family in 0..FAMILIES {
        let head = uid(family, 0);
        let code = format!("CHAIN{}", (family + FAMILIES - 1) % FAMILIES);
        let data = json!({ "uid": head, "account_type": "major", "country": "DE", "code": code });
        lines.push(event("registration", &format!("r-{head}"), 2, &data));
        for depth in 1..=DEPTH {
            let (account, parent) = (uid(family, depth), uid(family, depth - 1));
            let kind = if depth % 2 == 0 { "other" } else { "sub" };
            let data = json!({ "uid": account, "account_type": kind, "parent_uid": parent });
            lines.push(event("registration", &format!("r-{account}"), 2 + depth, &data));
        }
        let owner = uid(family, 1 + family % DEPTH);
        let data = json!({
            "code": format!("CHAIN{family}"), "owner_uid": owner, "spot_rebate_rate": "0.05", "futures_rebate_rate": "0.01",
        });
        lines.push(event("code", &format!("c-{family}"), 1, &data));
        for depth in 0..=DEPTH {
            let account = uid(family, depth);
            lines.push(event("kyc", &format!("k-{account}"), 7, &json!({ "uid": account, "status": "verified" })));
            for trade in 0..5 {
                let data = json!({
                    "uid": account, "product": "spot", "symbol": "BTC-USDT", "volume_usd": "1000.00",
                    "fee_usd": format!("{}.{:08}", trade + 1, account % 1_000), "fee_asset": "USDT", "fee_amount": "1",
                    "vip_level": 0,
                });
                lines.push(event("trade", &format!("t-{account}-{trade}"), 10 + trade, &data));
            }
            let data = json!({ "uid": account, "trade_source": "/chains", "trade_id": format!("t-{account}-1"), "reason": "test" });
            lines.push(event("reversal", &format!("v-{account}"), 20, &data));
        }
    }
    lines
}

/// These lines in any order, so that whatever can come late does.
pub fn shuffled(mut lines: Vec<Vec<u8>>, seed: u64) -> Vec<Vec<u8>> {
    lines.shuffle(&mut StdRng::seed_from_u64(seed));
    lines
}
