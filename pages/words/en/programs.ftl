### Programs.

# The offers that run.
programs-title = Programs
programs-programs = programs
programs-offer = Offer { $id }
programs-this-did-not-run = This program did not run then, as far as was known.
programs-this-does-not-run = This program does not run today.
programs-none-ran = No program ran then, as far as was known.
programs-none-runs = No program runs today. New ones show up here by themselves.
programs-see-campaigns = See the campaigns
programs-you-take-part = You take part
programs-for-affiliates = For approved affiliates
programs-bonus-month = bonus over the month
programs-bonus-quarter = bonus over the quarter
programs-evaluation-month = evaluation over the month
programs-evaluation-quarter = evaluation over the quarter
programs-from-to = { $from } to { $to }
programs-terms = Terms
programs-not-eligible = Your progress is counted, but the reward is for approved affiliates.
programs-see-account = See your account
programs-no-day-left = no day left
programs-last-day = { $days } day left, today
programs-days-left = { $days } days left, with today

# Earlier periods.
programs-as-it-stood = Progress as it stood right after ledger position { $position } was recorded, at { $time }. What was recorded later, be it about these very days, is not in it.
programs-earlier-periods = Earlier periods
programs-no-earlier-period = No earlier period is on record: the program began with this one, or nothing was recorded before.
programs-each-as-it-stood = Each as it stood when it ended: as of the last entry recorded by then. What came in later is not in it.

# Progress.
programs-highest-reached = The highest tier is reached: nothing is missing.
programs-tiers-above = What the tiers above ask for
programs-met-tiers = Met: { $tiers }
programs-comma = {", "}
programs-what-is-met = What is met
programs-tiers = Tiers
programs-reached = reached
programs-met = met
programs-next = next
programs-condition = Condition
programs-target = Target
programs-now = Now
programs-still-missing = Still missing
programs-part-of = { $percent } of { $target }
programs-to-go = { $missing } to go
programs-what-is-counted = What is counted
