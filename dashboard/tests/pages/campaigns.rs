//! The pages of `campaigns`.
