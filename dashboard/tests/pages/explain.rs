//! The pages of `explain`.
