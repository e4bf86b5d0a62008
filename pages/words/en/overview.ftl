### The overview.

overview-title = Overview
overview-nobody-yet = Nobody has come by a code yet. Make one and share its link: what your invitees bring appears here.
overview-to-codes = To the codes
overview-code = Code
overview-all-codes = All codes
overview-metrics = Metrics
overview-changes-are-against = Changes are against the { $days } before: { $from } to { $to }. Amounts are cut to cents; every digit shows at a touch.
overview-choose-cards = Choose the cards and their order
overview-move-up = Move { $name } up
overview-move-down = Move { $name } down
overview-place-of = Place of { $metric }

overview-what-changed = What changed in these days
overview-more = { $count } more
overview-later-ones = And { $count } later ones: choose fewer days to see them.
overview-entry = Entry { $position }
overview-campaign-begins = Campaign “{ $title }” begins
overview-campaign-ends = Campaign “{ $title }” ends with this day
overview-code-made = Code { $code } made: friends get { $rates }
overview-code-changed = Code { $code }: friends get { $rates }
overview-standing-with-rates = { $standing }, base rates { $rates }
overview-base-rates = Base rates: { $rates }
overview-rules-made = Program rules: default rates { $rates }
overview-rules-changed = Program rules: { $rates }
overview-approved = Approved affiliate
overview-suspended = Suspended
overview-no-affiliate = No affiliate
overview-both-rates = { $spot } of spot, { $futures } of futures fees
overview-of-spot = spot
overview-of-futures = futures
overview-futures-window = futures window in days
overview-vip-spot = highest VIP level for spot
overview-vip-futures = highest VIP level for futures
overview-between-facts = ,{ " " }
overview-between-changes = ;{ " " }

overview-days = Days
overview-weeks = Weeks
overview-months = Months
overview-before = The { $days } before
overview-week-from-monday = week from Monday
overview-month = month
overview-utc-day = UTC day
overview-spot = Spot
overview-futures = Futures
overview-total = Total
overview-futures-vip = Futures, VIP 0–1
overview-rewards = Rewards
overview-trading-volume = Trading volume
overview-registered = Registered
overview-new-referrals = New referrals
overview-over-time = Over time
overview-funnel = From registered to traded
overview-to-cohorts = See them by the month of their registration
overview-bucket-length = Length of a bucket
overview-traded-first = Traded first
overview-funnel-note = Each stage counts who reached it in these days, whenever they registered; so a share may be above 100%.

overview-default-code = Your default code
overview-the-code = the code
overview-link = Link
overview-the-link = the link
overview-edit-rates = Edit rates
overview-of-each-fee = Of each fee
overview-trades = Trades
overview-you-keep = You keep
overview-friend-gets = Your friend gets
overview-qr = QR code of the link of { $code }
overview-suspended-no-commission = Suspended: no commission
overview-no-default-code = No default code
overview-no-code-yet = You have no code yet.
overview-none-is-default = You have codes, and none of them is the default.

overview-programs = Programs
overview-programs-in-short = Programs in short
overview-how-far = See how far you are
overview-campaigns = Campaigns
overview-no-campaign = No campaign is on at the moment.
overview-all-campaigns = All campaigns
overview-no-program = No program runs at the moment.
overview-all-programs = All programs and conditions
overview-affiliates-only = For affiliates only
overview-reached = Reached: { $tier }
overview-next-tier = Next: { $tier } ({ $reward }), { $met } of { $conditions } { $conditions ->
        [one] condition
       *[other] conditions
    } met, { $left }
overview-over = over
overview-last-day = today is the last day
overview-days-left = { $days ->
        [one] { $days } day left
       *[other] { $days } days left
    }
overview-joined = Joined
overview-exclusive = Exclusive
overview-until = Until { $day }
overview-changes-untold = What changed the terms is told by a ledger, and none answers at present.
