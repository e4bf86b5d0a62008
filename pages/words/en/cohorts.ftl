### Cohorts.

cohorts-title = Cohorts
cohorts-nobody = Nobody registered in these months.
cohorts-code = Code
cohorts-all-codes = All codes
cohorts-countries = Countries
cohorts-by-month = By month
cohorts-what = A cohort is everybody who registered in one UTC month; a range is widened to whole months. Verified, deposited and traded count who has done it by now, whenever.
cohorts-registered-in = Registered in
cohorts-registered = Registered
cohorts-caption = What has become of who registered in a month
cohorts-not-yet = Cohorts of your invitees are for approved affiliates, and you are not one yet.
cohorts-closed = Cohorts of your invitees are for approved affiliates; your standing says otherwise.
cohorts-counted = cohorts
cohorts-month-by-month = Month by month
cohorts-grid-caption = { $measure }. +0 is the month of the registration, +1 the calendar month after it.
cohorts-measure-traded = Traded, invitees
cohorts-measure-traded-counts = By month: the distinct invitees of the cohort with at least one trade in that month.
cohorts-measure-commission = Commission, USD
cohorts-measure-commission-counts = By month: commission of eligible trades, net of reversals dated in that month.
cohorts-measure-rebate = Shared with them, USD
cohorts-measure-rebate-counts = By month: rebates that they got back, net of reversals dated in that month.
cohorts-measure-volume = Volume, USD
cohorts-measure-volume-counts = By month: the volume of all their trades, every product and VIP level, net of reversals dated in that month.
