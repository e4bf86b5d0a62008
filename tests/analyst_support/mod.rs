//! What follows a page: its blocks, a shell to run them in, Python with the tools.
#![allow(dead_code, reason = "each file of tests uses another part of it")]

pub mod difference;
pub mod page;
pub mod reader;
pub mod tools;
