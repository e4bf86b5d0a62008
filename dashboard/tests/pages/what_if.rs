//! The pages of `what_if`.
