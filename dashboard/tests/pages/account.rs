//! The pages of `account`.
