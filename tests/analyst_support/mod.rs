//! What follows the analysts' page: its blocks, a shell to run them in, Python with the tools.

pub mod page;
pub mod reader;
pub mod tools;
