//! Which leader wrote a frame.

/// How often the leader of a ledger had changed when a frame was written. It stands in the frame, and so in the hash chain. It
/// never falls from one frame to the next; the first frame of an epoch says nothing else, and is written by who begins to lead.
/// A ledger that one process wrote all along is of epoch 0; there is none after 65,535.
pub type Epoch = u16;
