//! The parameters of what a standby asks.

use ledger::{FrameCursor, POSITION_MAX, Position};

use super::parameter::Parameter;
use super::readers::{epoch, is_standby_name, whole_number};
use super::shapes::{integer, matching};

/// The place behind which frames are asked for.
pub(crate) const AFTER_PLACE: Parameter<FrameCursor> = Parameter {
    name: "after",
    meaning: "The place after the last frame that whoever asks has: a cursor's 72 bytes as hexadecimal digits, as `end` in \
        `GET /v1/ledger/segments`.",
    expected: "144 hexadecimal digits that are a cursor",
    is_required: true,
    read: |text| FrameCursor::from_hex(text).ok(),
    schema: || matching("^[0-9a-fA-F]{144}$"),
};

/// Who holds the ledger besides.
pub(crate) const STANDBY: Parameter<String> = Parameter {
    name: "standby",
    meaning: "What the standby calls itself that asks, and holds everything before the place durably; without it nothing is \
        taken for held.",
    expected: "1 to 64 letters, digits, and . _ -",
    is_required: false,
    read: |text| is_standby_name(text).then(|| text.to_owned()),
    schema: || matching("^[A-Za-z0-9._-]{1,64}$"),
};

/// Who takes a snapshot.
pub(crate) const SNAPSHOT_STANDBY: Parameter<String> = Parameter {
    name: "standby",
    meaning: "What the standby calls itself that takes a snapshot, an operator: it is given one also where nobody is told of the \
        ledger before a standby holds it. It is taken for none that holds anything.",
    ..STANDBY
};

/// Up to where a checkpoint may go.
pub(crate) const CHECKPOINT_UPTO: Parameter<Position> = Parameter {
    name: "upto",
    meaning: "The last position that it may be of; any by default.",
    expected: "a number from 0 to 140737488355327",
    is_required: false,
    read: |text| whole_number(text).map(|position| position as u64).filter(|position| *position <= POSITION_MAX),
    schema: || integer(0, POSITION_MAX as usize),
};

/// The last leader that whoever asks knows of.
pub(crate) const EPOCH: Parameter<u16> = Parameter {
    name: "epoch",
    meaning: "The epoch of the last frame that whoever asks has. A process of an earlier one gives no frame.",
    expected: "a number from 0 to 65535",
    is_required: false,
    read: epoch,
    schema: || integer(0, 65_535),
};

/// In which epoch another process leads.
pub(crate) const LATER_EPOCH: Parameter<u16> = Parameter {
    name: "epoch",
    meaning: "The epoch in which another process leads: a later one than that of this ledger's last frame.",
    expected: "a number from 0 to 65535",
    is_required: true,
    read: epoch,
    schema: || integer(0, 65_535),
};

/// How long it is waited for frames.
pub(crate) const WAIT_SECONDS: Parameter<usize> = Parameter {
    name: "wait",
    meaning: "So many seconds it is waited where there is nothing yet; 0 by default.",
    expected: "a number from 0 to 30",
    is_required: false,
    read: |text| whole_number(text).filter(|seconds| *seconds <= 30),
    schema: || integer(0, 30),
};
