//! Who acts by the command line, as what operators do is kept in the ledger with who did it.

/// The user of this process, as far as the environment tells.
pub(crate) fn who() -> String {
    let user = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    user.map_or_else(|| "the command line".to_owned(), |user| format!("the command line, user {user}"))
}
