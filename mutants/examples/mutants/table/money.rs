//! What events come to.

use super::{Mutant, mutant, simulator, test};

#[rustfmt::skip]
pub(super) const MUTANTS: &[Mutant] = &[
    mutant("amount-rounded-half-up", "Amounts are rounded half up at the last digit", &[test("projections", "oracle_scenarios", "amounts::amounts_are_cut_to_eight_decimals_and_add_up")]),
    mutant("amount-cut-a-digit-early", "Amounts are cut to 7 decimals", &[test("projections", "oracle_scenarios", "amounts::amounts_are_cut_to_eight_decimals_and_add_up")]),
    mutant("rebate-not-capped", "A rebate above the base rate is paid", &[test("projections", "oracle_scenarios", "amounts::a_rebate_is_capped_at_the_base_so_a_downgrade_takes_from_the_referrer_first")]),
    mutant("rate-by-arrival", "Of two facts the one that arrived last is in force, not the one whose time is later", &[test("projections", "oracle_scenarios", "codes::a_code_shows_its_latest_state_and_what_the_referrer_keeps_now")]),
    mutant("equals-by-arrival", "Facts of one time are ordered by arrival", &[test("projections", "oracle_scenarios", "amounts::of_rates_of_one_moment_the_one_whose_id_comes_last_by_its_bytes_holds_whichever_arrived_last")]),
    mutant("rate-of-a-code-by-its-latest-event", "An invitee's rebate is what its code says now, not what it said at the registration", &[test("projections", "oracle_scenarios", "amounts::a_rebate_is_the_invitees_own_else_the_codes_at_its_registration")]),
    mutant("vip-limit-off-by-one", "A trade at the highest VIP level that counts does not count", &[test("projections", "oracle_scenarios", "reasons::the_vip_level_of_the_trade_is_held_against_the_limit_in_force_at_it")]),
    mutant("window-opened-again-by-a-sub-account", "The futures window counts from the registration of a sub-account", &[test("projections", "oracle_scenarios", "reasons::the_window_of_a_sub_account_counts_from_the_invitees_own_registration")]),
    mutant("suspended-referrer-earns", "A suspended referrer earns commission", &[test("projections", "oracle_scenarios", "amounts::while_suspended_the_referrer_earns_nothing_and_its_invitees_keep_their_capped_rebates")]),
    mutant("family-forgotten-on-a-late-rate", "A late rate leaves out one of the families that it reaches", &[simulator(40), test("projections", "oracle_scenarios", "postings::a_late_rate_posts_the_difference")]),
    mutant("late-rate-posts-nothing", "What a late rate changes is not posted at its entry", &[simulator(20), test("projections", "oracle_scenarios", "postings::a_late_rate_posts_the_difference")]),
    mutant("late-registration-posts-nothing", "What a late code or registration changes is not posted at its entry", &[simulator(20), test("projections", "oracle_scenarios", "postings::whatever_arrives_last_posts_what_it_completes")]),
    mutant("reversal-on-the-day-of-its-trade", "A reversal takes amounts back on the day of its trade", &[simulator(60), test("projections", "oracle_scenarios", "reversals::a_reversal_changes_the_day_of_its_own_time_and_never_that_of_its_trade")]),
    mutant("reversal-before-its-trade-forgotten", "A reversal that arrives before its trade takes nothing back", &[simulator(60), test("projections", "oracle_scenarios", "reversals::a_reversal_may_lie_and_arrive_before_its_trade")]),
    mutant("first-trade-not-moved", "An invitee's first trade counts on the day of the one that arrived first", &[test("projections", "oracle_scenarios", "overview::a_range_holds_both_its_days_whole")]),
    mutant("trader-beyond-the-64th-forgotten", "Who traded is not noted of invitees beyond the 64th of a code and country", &[test("projections", "lib", "slices::tests::traders_are_counted_once_a_range_however_many_there_are")]),
    mutant("sum-too-wide-for-its-row-lost", "A day's sum beyond 64 bits is lost", &[test("projections", "lib", "slices::tests::counts_and_sums_of_any_size_are_exact_up_and_down")]),
    mutant("packed-cell-loses-traders", "Packing days long past loses the traders beyond the 64th", &[test("projections", "lib", "slices::tests::packed_days_answer_as_rows_do")]),
    mutant("packed-cell-loses-its-sign", "What is packed and below zero comes back above zero", &[test("projections", "lib", "slices::tests::packed_days_answer_as_rows_do")]),
    mutant("sub-account-that-joins-adds-nothing", "What a sub-account did before it was registered never counts for its major account", &[simulator(20)]),
];
