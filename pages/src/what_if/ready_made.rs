//! Ready-made edits, to begin from.

/// An edit with a name.
pub(super) struct ReadyMade {
    /// Its name in the form.
    pub(super) name: &'static str,
    /// What it does.
    pub(super) label: &'static str,
    /// The TOML.
    pub(super) toml: &'static str,
}

/// All of them. Uids, codes and times are examples.
pub(super) const READY_MADE: [ReadyMade; 6] = [
    ReadyMade {
        name: "program",
        label: "Other program rates and limits",
        toml: "# Other rates and VIP limits for everyone without a standing of its own.\n\
               [[drop]]\n\
               type = \"referral.program.v1\"\n\n\
               [[add]]\n\
               type = \"referral.program.v1\"\n\
               time = \"2020-01-01T00:00:00Z\"\n\
               data = { default_spot_rate = \"0.25\", default_futures_rate = \"0.10\", spot_vip_max = 2, futures_vip_max = 1 }\n",
    },
    ReadyMade {
        name: "vip",
        label: "Other VIP limits",
        toml: "# Trades up to these VIP levels earn.\n\
               [[drop]]\n\
               type = \"referral.program.v1\"\n\n\
               [[add]]\n\
               type = \"referral.program.v1\"\n\
               time = \"2020-01-01T00:00:00Z\"\n\
               data = { default_spot_rate = \"0.20\", default_futures_rate = \"0.10\", spot_vip_max = 5, futures_vip_max = 5 }\n",
    },
    ReadyMade {
        name: "window",
        label: "A futures window",
        toml: "# Futures trades earn for 90 days after an invitee's registration.\n\
               [[drop]]\n\
               type = \"referral.program.v1\"\n\n\
               [[add]]\n\
               type = \"referral.program.v1\"\n\
               time = \"2020-01-01T00:00:00Z\"\n\
               data = { default_spot_rate = \"0.20\", default_futures_rate = \"0.10\", default_futures_window_days = 90, spot_vip_max = 2, futures_vip_max = 1 }\n",
    },
    ReadyMade {
        name: "affiliate",
        label: "Another rate for an affiliate",
        toml: "# Other base rates for one affiliate, from the beginning.\n\
               [[drop]]\n\
               type = \"referral.affiliate.v1\"\n\
               uid = 7\n\n\
               [[add]]\n\
               type = \"referral.affiliate.v1\"\n\
               time = \"2020-01-01T00:00:00Z\"\n\
               data = { uid = 7, status = \"approved\", spot_rate = \"0.35\", futures_rate = \"0.25\" }\n",
    },
    ReadyMade {
        name: "split",
        label: "Another split of a code",
        toml: "# What invitees of a code get; the owner keeps the rest.\n\
               [[drop]]\n\
               type = \"referral.code.v1\"\n\
               code = \"TRIBUTARY\"\n\n\
               [[add]]\n\
               type = \"referral.code.v1\"\n\
               time = \"2020-01-01T00:00:00Z\"\n\
               data = { code = \"TRIBUTARY\", owner_uid = 7, spot_rebate_rate = \"0.10\", futures_rebate_rate = \"0.05\", is_default = true }\n",
    },
    ReadyMade {
        name: "no-reversals",
        label: "No reversals",
        toml: "# As if no trade had been taken back.\n\
               [[drop]]\n\
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
            Rules::of_toml(edit.toml).unwrap_or_else(|error| panic!("{}: {error}", edit.name));
        }
        let together: String = READY_MADE.iter().map(|edit| format!("{}\n", edit.toml)).collect();
        assert_eq!(Rules::of_toml(&together).expect("rules").adds.len(), 5);
    }
}
