//! The pages of `programs`.
