//! The pages of `countries`.
