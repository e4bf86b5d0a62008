//! The pages of `restatement`.
