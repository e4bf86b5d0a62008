//! Ready-made edits, to begin from.

use crate::words::Key;

/// An edit with a name.
pub(super) struct ReadyMade {
    /// Its name in the form.
    pub(super) name: &'static str,
    /// What it does.
    pub(super) label: Key,
    /// What it means, as its first line tells.
    says: Key,
    /// The TOML below that line.
    toml: &'static str,
}

impl ReadyMade {
    /// The TOML, with a line before it that tells what it means.
    pub(super) fn written(&self) -> String {
        format!("# {}\n{}", self.says, self.toml)
    }
}

/// All of them. Uids, codes and times are examples.
pub(super) const READY_MADE: [ReadyMade; 6] = [
    ReadyMade {
        name: "program",
        label: Key("what-if-edit-program"),
        says: Key("what-if-says-program"),
        toml: "[[drop]]\n\
               type = \"referral.program.v1\"\n\n\
               [[add]]\n\
               type = \"referral.program.v1\"\n\
               time = \"2020-01-01T00:00:00Z\"\n\
               data = { default_spot_rate = \"0.25\", default_futures_rate = \"0.10\", spot_vip_max = 2, futures_vip_max = 1 }\n",
    },
    ReadyMade {
        name: "vip",
        label: Key("what-if-edit-vip"),
        says: Key("what-if-says-vip"),
        toml: "[[drop]]\n\
               type = \"referral.program.v1\"\n\n\
               [[add]]\n\
               type = \"referral.program.v1\"\n\
               time = \"2020-01-01T00:00:00Z\"\n\
               data = { default_spot_rate = \"0.20\", default_futures_rate = \"0.10\", spot_vip_max = 5, futures_vip_max = 5 }\n",
    },
    ReadyMade {
        name: "window",
        label: Key("what-if-edit-window"),
        says: Key("what-if-says-window"),
        toml: "[[drop]]\n\
               type = \"referral.program.v1\"\n\n\
               [[add]]\n\
               type = \"referral.program.v1\"\n\
               time = \"2020-01-01T00:00:00Z\"\n\
               data = { default_spot_rate = \"0.20\", default_futures_rate = \"0.10\", default_futures_window_days = 90, spot_vip_max = 2, futures_vip_max = 1 }\n",
    },
    ReadyMade {
        name: "affiliate",
        label: Key("what-if-edit-affiliate"),
        says: Key("what-if-says-affiliate"),
        toml: "[[drop]]\n\
               type = \"referral.affiliate.v1\"\n\
               uid = 7\n\n\
               [[add]]\n\
               type = \"referral.affiliate.v1\"\n\
               time = \"2020-01-01T00:00:00Z\"\n\
               data = { uid = 7, status = \"approved\", spot_rate = \"0.35\", futures_rate = \"0.25\" }\n",
    },
    ReadyMade {
        name: "split",
        label: Key("what-if-edit-split"),
        says: Key("what-if-says-split"),
        toml: "[[drop]]\n\
               type = \"referral.code.v1\"\n\
               code = \"TRIBUTARY\"\n\n\
               [[add]]\n\
               type = \"referral.code.v1\"\n\
               time = \"2020-01-01T00:00:00Z\"\n\
               data = { code = \"TRIBUTARY\", owner_uid = 7, spot_rebate_rate = \"0.10\", futures_rebate_rate = \"0.05\", is_default = true }\n",
    },
    ReadyMade {
        name: "no-reversals",
        label: Key("what-if-edit-no-reversals"),
        says: Key("what-if-says-no-reversals"),
        toml: "[[drop]]\n\
               type = \"referral.reversal.v1\"\n",
    },
];

#[cfg(test)]
mod tests {
    use replay::what_if::Rules;

    use super::*;

    #[test]
    fn each_can_be_read_and_all_of_them_together() {
        for edit in &READY_MADE {
            Rules::of_toml(&edit.written()).unwrap_or_else(|error| panic!("{}: {error}", edit.name));
        }
        let together: String = READY_MADE.iter().map(|edit| format!("{}\n", edit.written())).collect();
        assert_eq!(Rules::of_toml(&together).expect("rules").adds.len(), 5);
    }
}
