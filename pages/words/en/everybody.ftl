### All referrers.

everybody-title = All referrers
everybody-together = All referrers together
everybody-nothing = No referrer has anything in these days.
everybody-counted = referrers
everybody-counts = What is counted
everybody-referrer = Referrer
everybody-standing = Standing
everybody-codes = Codes
everybody-caption = Referrers with anything in these days
everybody-approved = Approved
everybody-suspended = Suspended
everybody-no-affiliate = No affiliate
