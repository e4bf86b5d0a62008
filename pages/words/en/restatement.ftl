### Restatements.

restatement-title = Restatement
restatement-nothing-asked = A period's figures change after it was closed: trades come late, are taken back, or rates are set for the past. Choose a period and the moment at which it was closed, and see each entry that changed it since.
restatement-shown = { $from } to { $to }, { $days }, up to ledger position { $position }.
restatement-shown-of-code = { $from } to { $to }, { $days }, earned by the code { $code }, up to ledger position { $position }.
restatement-nothing-changed = Nothing that was learned in between changed this period.
restatement-entries = entries
restatement-ends-caption = What the period came to by what was known
restatement-amount = Amount
restatement-before = Before, USD
restatement-after = After, USD
restatement-difference = Difference, USD
restatement-commission = Commission
restatement-rebates = Rebates
restatement-rebates-to-invitees = Rebates to invitees
restatement-rows-caption = The entries that changed it, in the order in which they were recorded; they add up to the difference
restatement-position = Position
restatement-recorded = Recorded
restatement-what = What
restatement-dated = Dated
restatement-trades-changed = Trades changed
restatement-commission-usd = Commission, USD
restatement-rebates-usd = Rebates, USD
restatement-rebate-usd = Rebate, USD
restatement-entry-and-trades = : the entry and its trades

# One entry.
restatement-entry-title = Entry { $position }
restatement-back = Back to the restatement
restatement-source = Source
restatement-id = Id
restatement-recorded-at = { $time }, at ledger position { $position }
restatement-data = The event's data
restatement-not-yours = What it says is about somebody else, and not yours to see; what it changed of yours is.
restatement-entry-caption = The trades of the period that it changed
restatement-column-trade = Trade
restatement-account = Account
restatement-made-at = Made at
restatement-product = Product
restatement-why = Why
restatement-explain = Explain
restatement-explain-which = trade { $id }
restatement-first-trades = The first { $shown } of { $all } trades. An export of postings has all of them.

# Kinds of events.
restatement-affiliate = affiliate
restatement-application = application
restatement-campaign = campaign
restatement-code = code
restatement-deposit = deposit
restatement-join = join
restatement-kyc = kyc
restatement-note = note
restatement-offer = offer
restatement-program = program
restatement-rebate = rebate
restatement-registration = registration
restatement-reversal = reversal
restatement-trade = trade
restatement-vip = vip

# The form.
restatement-closed-months = Closed months
restatement-as-closed = { $month }, as closed on the 3rd
restatement-from = From
restatement-from-hint = First UTC day of the period; 30 days if neither is given.
restatement-to = To
restatement-to-hint = Last UTC day of the period.
restatement-since = As of
restatement-since-hint = When the period was closed, in UTC.
restatement-until = Compared with
restatement-until-hint = A later moment, in UTC; left empty: now.
restatement-looks-back = The page looks back to this moment.
restatement-show = Show what changed
restatement-by-position = By ledger position
restatement-since-position = Position it was closed at
restatement-until-position = Position to compare with
restatement-of-code = Code
restatement-all-codes = All codes

# What it comes to, in a sentence.
restatement-is-as-it-was = { $period } is as it was: nothing was learned about it { $since }.
restatement-as-much = { $period } comes to as much as before, though something was learned about it { $since }: { $causes }.
restatement-grew = { $period } grew by { $by } { $since }: { $causes }.
restatement-shrank = { $period } shrank by { $by } { $since }: { $causes }.
restatement-since-closed = since it was closed
restatement-between = between the two moments
restatement-comma = {", "}
restatement-entries-in-all = { $count } entries
restatement-late-trades = { $n ->
    [one] { $count } late trade
   *[other] { $count } late trades
}
restatement-clawbacks = { $n ->
    [one] { $count } clawback
   *[other] { $count } clawbacks
}
restatement-late-registrations = { $n ->
    [one] { $count } late registration
   *[other] { $count } late registrations
}
restatement-base-rates = { $n ->
    [one] { $count } change of your base rates
   *[other] { $count } changes of your base rates
}
restatement-program-rules = { $n ->
    [one] { $count } change of the program's rules
   *[other] { $count } changes of the program's rules
}
restatement-invitees-rebates = { $n ->
    [one] { $count } change of an invitee's rebate
   *[other] { $count } changes of invitees' rebates
}
restatement-code-changes = { $n ->
    [one] { $count } change of a code
   *[other] { $count } changes of codes
}
restatement-other-entries = { $n ->
    [one] { $count } other entry
   *[other] { $count } other entries
}
restatement-from-to = { $from } to { $to }
