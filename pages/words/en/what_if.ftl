### What if.

what-if-title = What-if
what-if-intro = Leave events out of the ledger's set, or put others in, and see what referrers and invitees would have earned. The ledger is not touched.
what-if-other-rules = Other rules
what-if-shared = Who may ask what if can open this page for an hour after it is done:
what-if-copy-path = the page's path
what-if-look-again = Look again
what-if-progress = It is worked out: { $percent } of the ledger is replayed.
what-if-how-much = How much of the ledger is replayed
what-if-does-not-fit = The added event number { $number } does not fit in.
what-if-go-back = Go back to change the rules: nothing was changed in the ledger.

# The editor.
what-if-rules = Rules (TOML)
what-if-rules-hint = Each { $drop } leaves events out, each { $add } puts one in; all drops are made before the first add.
what-if-line = Line { $number }
what-if-insert = Insert
what-if-difference-by = Difference by
what-if-all-in-one = All in one
what-if-referrer = Referrer
what-if-code = Code
what-if-day = UTC day
what-if-month = UTC month
what-if-country = Country
what-if-product = Product
what-if-from = First day (UTC)
what-if-from-hint = Empty: from always.
what-if-to = Last day (UTC)
what-if-to-hint = Empty: to the end.
what-if-until = Ledger up to
what-if-until-hint = A position, or a time such as 2026-03-01T00:00:00Z; empty means now.
what-if-all-rows = Rows without a difference, too
what-if-ask = Ask what if

# Edits to begin from; what they say is a comment in their TOML.
what-if-ready-made = Ready-made edits: other program rates, a rate for an affiliate, VIP limits, a window, a split, no reversals
what-if-edit-program = Other program rates and limits
what-if-says-program = Other rates and VIP limits for everyone without a standing of its own.
what-if-edit-vip = Other VIP limits
what-if-says-vip = Trades up to these VIP levels earn.
what-if-edit-window = A futures window
what-if-says-window = Futures trades earn for 90 days after an invitee's registration.
what-if-edit-affiliate = Another rate for an affiliate
what-if-says-affiliate = Other base rates for one affiliate, from the beginning.
what-if-edit-split = Another split of a code
what-if-says-split = What invitees of a code get; the owner keeps the rest.
what-if-edit-no-reversals = No reversals
what-if-says-no-reversals = As if no trade had been taken back.

# What it came to.
what-if-no-difference = These rules make no difference.
what-if-no-amount-changes = No amount of any key changes.
what-if-up-to-position = Ledger up to position
what-if-days = Days
what-if-from-to = { $from } to { $to }
what-if-from-always = from always
what-if-to-the-end = the end
what-if-in-one = all in one
what-if-key = Key
what-if-commission = Commission
what-if-rebate = Rebate
what-if-total = Total
what-if-before = before
what-if-after = after
what-if-difference = difference
what-if-difference-of = { $amount }, difference
what-if-before-and-after = { $before } before, { $after } after
what-if-differences = Differences
what-if-last-days = Differences, the last { $count } days
what-if-last-months = Differences, the last { $count } months
what-if-largest = The { $count } largest differences
what-if-column = { $amount } { $when }, USD
what-if-sum-of-all = Sum of all
what-if-rows-caption = Amounts in the ledger, under these rules, and the second less the first
what-if-rows = rows
