//! The pages of `operator`.
