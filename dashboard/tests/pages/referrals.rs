//! The pages of `referrals`.
