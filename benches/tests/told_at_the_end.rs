//! The last of the tests: cargo runs packages in the order of their names, and this is of the last one. It tells what was
//! skipped, and how to have it.

fn main() {
    println!("\n{}\n", needs::told_at_the_end());
}
