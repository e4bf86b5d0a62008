//! The ledger replayed: to its end, to any earlier position, or under other rules.
