//! The pages of `rewards`.
