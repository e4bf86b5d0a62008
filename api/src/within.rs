//! Requests that are made within the process, for somebody who came with another one.

use crate::caller::Caller;
use crate::came::Came;

/// Borne by a request that is made within this process for somebody who came with another one: who that is, and how it came.
/// Who asks is neither looked for nor counted once more.
#[derive(Clone, Debug)]
pub struct Within {
    /// Who asks.
    pub caller: Caller,
    /// How the request came that this one is made for.
    pub came: Came,
}
