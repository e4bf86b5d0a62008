//! The pages of `codes`.
