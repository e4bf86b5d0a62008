### The guide: what a newcomer is shown first, the demo's story.

guide-the-command = the command

guide-none = there is no guide here

guide-title = The demo's story
guide-begins = A referral program of 90 days, recorded as it would have been. { $month } was closed on { $closed }; then more came to be known. Referrer { $uid } is you.
guide-begins-without-story = A referral program, recorded as it would have been. Referrer { $uid } is you.

guide-closed-heading = { $month } as it was closed
guide-closed-says = What you had earned in { $month } by all that was known at { $closed }, when it was paid out.
guide-closed-lead = { $month } as closed

guide-now-heading = What { $month } is now, and why
guide-now-says = Since then three trades of one invitee came late, a wash trade was taken back, and a contract was entered that had been signed weeks before. Each entry shows what it changed, and the rows add up to the difference.
guide-now-lead-why = What was learned about { $month }
guide-now-lead = { $month } now

guide-trade-heading = One trade explained
guide-trade-says = One of the late trades: the rates in force and the events that set them, the amounts, and every posting that was made for it, also the one that the contract added later.
guide-trade-lead = Why this amount

guide-nothing-heading = A trade that earned nothing
guide-nothing-says = Affiliate { $uid } was suspended on { $day }: the invitee keeps the rebate, and the commission is 0, for one reason that is named.
guide-nothing-lead = Why nothing

guide-what-if-heading = What if the contract had never been signed
guide-what-if-says = The same set of events without that one, and the difference to the last digit. The command names the file with the rules; the page takes them too.
guide-what-if-lead = Ask what if

guide-dashboard-heading = Your dashboard
guide-dashboard-says = The last 30 days of a referrer, live: programs half met and nearly met, codes, invitees, cohorts.

guide-operator-heading = The operator's desk
guide-operator-says = What comes in, what did not get in and why, who earned most, and the rules in force.
