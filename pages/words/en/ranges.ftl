### Ranges of days.

ranges-7-days = 7 days
ranges-30-days = 30 days
ranges-90-days = 90 days
ranges-12-months = 12 months
ranges-this-month = This month
ranges-last-month = Last month
ranges-this-quarter = This quarter
ranges-all-time = All time
ranges-label = Ranges
ranges-from = From
ranges-to = To
ranges-shown = { $from } to { $to }, { $days }
ranges-elsewhere = Nothing lies in these days. What there is lies from { $from } to { $to }.
ranges-look-at-all = Look at all time
ranges-days = { $days ->
        [one] { $days } UTC day
       *[other] { $days } UTC days
    }
