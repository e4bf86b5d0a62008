### Trades.

trades-group-spot = spot and margin
trades-group-futures = futures
trades-product-spot = spot
trades-product-margin = margin
trades-product-futures = futures
trades-spot-and-margin = Spot and margin
trades-futures = Futures

# Why a trade gives what it gives.
trades-why-all = { $base } of the fee of { $fee } is { $total }, of which the invitee gets nothing, and the referrer the rest, { $rest }.
trades-why-shared = { $base } of the fee of { $fee } is { $total }, of which the invitee gets { $rebate } of the fee, { $friends }, and the referrer the rest, { $rest }.
trades-not-registered = Nothing: the account, or its major account, is not registered yet.
trades-before-registration = Nothing: it is stamped earlier than the registration.
trades-self-referral = Nothing: the code is the trader's own.
trades-not-attributed = Nothing: the trader registered without a code, or with one that nobody owns.
trades-relationship = Nothing: the referral does not cover { $group } trades.
trades-vip-level = Nothing: at VIP level { $level } it is above the limit for { $group } trades.
trades-no-fee = Nothing: it paid no fee.
trades-window-ended = Nothing: the days in which futures trades give something had ended.
trades-suspended = Nothing: the referrer was suspended, and the invitee has no rebate.
trades-suspended-with-rebate = No commission: the referrer was suspended. The invitee keeps its rebate of { $rebate }, { $friends }.
trades-rate-zero = Nothing: the base rate was 0%.
trades-cut-to-zero = Nothing: { $base } of the fee of { $fee }, cut to 8 decimals, is 0.
trades-all-to-invitee = No commission: the invitee gets all of { $base } of the fee of { $fee }, { $friends }.

trades-time = Time
trades-product = Product
trades-volume = Volume, USD
trades-fee = Fee, USD
trades-commission = Commission, USD
trades-rebate = Rebate, USD
trades-why = Why
trades-by-sub-account = by sub-account { $uid }
trades-taken-back = Taken back
trades-taken-back-on = { $badge } on { $time }
trades-taken-back-because = { $badge } on { $time }: { $reason }
