### Forms.

forms-optional = (optional)
forms-rate-rule = Rates are per cent of the fee: 10 or 10% is ten of a hundred, and so is 0.10, a share with two decimals or more. For 1% and less write the sign, as in 0.5%.

forms-rate-expected = expected per cent from 0 to 100, such as 10 or 12.5%
forms-rate-with-comma = expected per cent from 0 to 100, such as 10 or 12.5%, with a point before the decimals
forms-rate-could-mean = { $typed } could mean { $one } or { $other }: write the one you mean, with the sign
forms-rate-decimals = expected at most { $most } decimals of a per cent
forms-rate-at-most = expected at most 100%
forms-rebate-above = a rebate of { $rebate } lies above the base rate in force, { $base }
forms-you-get = You get
forms-friend-gets = Your friend gets
forms-fee-of = Fee of
forms-of-a-fee = Of a fee of 100 USD, in USD
forms-of-a-fee-suspended = Of a fee of 100 USD, in USD; while you are suspended you earn nothing
forms-examples = Examples
forms-examples-of = { $what }: of a fee of 100 USD, in USD
forms-example-friend-gets = Friend gets
forms-example-you = You
forms-example-friend = Your friend
