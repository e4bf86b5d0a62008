//! Which columns of an answer matter most, by what was asked.

/// By the path that was asked, or the name of a list in an answer: its columns, the most important first. Those that are not
/// named come after them, as they stand in the answer.
const IMPORTANCE: &[(&str, &[&str])] = &[
    (
        "feed",
        &[
            "position",
            "event_type",
            "event_time",
            "event_data_uid",
            "event_data_code",
            "event_data_product",
            "event_data_fee_usd",
            "event_data_volume_usd",
            "event_id",
            "recorded_at",
        ],
    ),
    (
        "referrals",
        &["uid", "registered_at", "code", "commission", "rebate", "volume", "country", "vip_level", "first_trade_at"],
    ),
    (
        "referrers",
        &["uid", "total_rewards", "total_referrals", "traded", "total_volume", "status", "shared_commission", "codes"],
    ),
    (
        "codes",
        &[
            "code",
            "referrals",
            "commission",
            "spot_rate",
            "futures_rate",
            "spot_rebate_rate",
            "futures_rebate_rate",
            "is_default",
            "note",
        ],
    ),
    ("overview/series", &["date", "total_rewards", "shared_commission", "total_volume", "total_referrals", "traded"]),
    ("countries", &["country", "total_rewards", "total_referrals", "traded", "total_volume", "shared_commission"]),
    ("restatement", &["position", "event_type", "event_time", "commission", "rebate", "trades", "event_id"]),
    ("quarantine", &["id", "state", "reason", "detail", "field", "received_at", "received", "origin", "repeated"]),
    (
        "audit",
        &["id", "recorded_at", "actor_who", "actor_role", "what", "event_type", "events", "quarantined", "reason"],
    ),
    ("offers", &["id", "title", "eligible", "reached", "next", "period_from", "period_to", "kind"]),
    (
        "trades",
        &[
            "event_time",
            "event_data_product",
            "event_data_fee_usd",
            "commission",
            "rebate",
            "reason",
            "total",
            "event_id",
            "position",
        ],
    ),
    ("postings", &["position", "account", "side", "amount"]),
    (
        "what-if",
        &["key", "total_before", "total_after", "total_difference", "commission_difference", "rebate_difference"],
    ),
];

/// How important a column of an answer is: 0 matters most.
pub(super) fn rank(kind: &str, column: &str) -> usize {
    let names = IMPORTANCE.iter().find(|(known, _)| *known == kind).map_or(&[][..], |(_, names)| names);
    names.iter().position(|name| *name == column).unwrap_or(names.len())
}
