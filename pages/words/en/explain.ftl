### One trade explained.

explain-title = Trade explained
explain-who = Who
explain-the-trade = The trade
explain-rates = The rates in force
explain-conditions = Whether it counts
explain-rule = The rule
explain-postings = Postings
explain-reversal = The reversal
explain-taken-back = { $taken }. It takes back exactly the amounts above, on the UTC day of its own time.
explain-taken-back-too = { $taken }.
explain-summary = Summary
explain-total = Total
explain-commission-to = Commission, to the referrer
explain-rebate-to = Rebate, to the invitee
explain-eligible = Eligible
explain-not-eligible = Not eligible
explain-sent-by = Sent by

# Which trade.
explain-ask-title = Explain a trade
explain-name-a-trade = Every amount of a trade leads here. Or name a trade as its event does:
explain-account = Account
explain-account-hint = The uid in the trade event.
explain-source = Source
explain-source-hint = The source of the trade event.
explain-id = Id
explain-id-hint = The id of the trade event.
explain-explain = Explain

# Who traded, and the event.
explain-account-that-traded = Account that traded
explain-sub-account-of = A sub-account of
explain-invitee = Invitee
explain-not-registered = not registered
explain-code = Code of its registration
explain-referrer = Referrer
explain-not-attributed = the trade is not attributed
explain-time = Time
explain-product = Product
explain-volume = Volume
explain-fee = Fee
explain-vip = VIP level
explain-position = Ledger position
explain-event = Event
explain-whole-event = The whole event

# The rates.
explain-base-rate = Base rate
explain-base-rate-hint = Of the fee, for the referrer and its invitee together.
explain-rebate-rate = Rebate rate
explain-rebate-rate-hint = Of the fee, for the invitee; not above the base rate.
explain-set-by = Set by
explain-built-in-rate = No event set it: it is built in.
explain-no-rate = The trade is not attributed, so no rate applies.
explain-rules-set-by = set by { $event } at position { $position }
explain-rules-built-in = built in

# The arithmetic.
explain-cut = In US dollars, cut and not rounded to 8 decimals; commission is what is left of the total, so that the parts always add up.
explain-rebate = Rebate
explain-commission = Commission
explain-fee-by-base-rate = fee × base rate
explain-fee-by-rebate-rate = fee × rebate rate
explain-total-less-rebate = total − rebate
explain-none-as-suspended = 0, as the referrer was suspended
explain-rebate-alone = the rebate alone
explain-all-are-0 = The trade is not eligible, so total, commission and rebate are 0.
explain-product-cut = { $product }, cut to 8 decimals { $cut }

# The conditions.
explain-conditions-order = A trade gives a commission if all of these hold, looked at in this order.
explain-yes = Yes
explain-no = No
explain-not-looked-at = Not looked at
explain-is-registered = The account is registered.
explain-is-registered-as = The account is registered, its major account is { $invitee }.
explain-not-earlier = The trade is not stamped earlier than the registration.
explain-not-earlier-from = The trade is not stamped earlier than the registration: its trades count from { $time } on.
explain-not-own-code = The code of the registration is not the trader's own.
explain-code-belongs = The code of the registration belongs to somebody.
explain-code-belongs-to = The code of the registration belongs to somebody: to { $referrer }.
explain-covers = The referral covers { $group } trades.
explain-vip-at-most = VIP level { $level } is at most { $limit }, the limit for { $group } trades ({ $set }).
explain-fee-above-0 = The fee, { $fee }, is above 0.
explain-no-window-spot = No window of days applies: it is no futures trade.
explain-no-window = No window of days applies to this referrer's futures trades.
explain-within-window = The trade lies within the { $days } days after the invitee's own registration.
explain-within-window-until = The trade lies within the { $days } days after the invitee's own registration, before { $end }.
explain-not-suspended = The referrer is not suspended at the trade.
explain-more-than-0 = The commission comes to more than 0.

# The postings.
explain-no-postings = None: postings of amount 0 are left out.
explain-postings-caption = Every posting made for this trade. What is debited and what is credited add up to the same at every position.
explain-column-position = Position
explain-made-by = Made by
explain-debit = Debit, USD
explain-credit = Credit, USD
explain-by-the-trade = the trade itself
explain-by-its-reversal = its reversal
explain-by-a-later-entry = an entry that came later and changed what it comes to
