### Forms.

forms-optional = （选填）
forms-rate-rule = 比例是手续费的百分比：10 或 10% 都是百分之十，写成两位及以上小数的 0.10 也是。1% 及以下请写上百分号，如 0.5%。

forms-rate-expected = 应为 0 到 100 的百分比，如 10 或 12.5%
forms-rate-with-comma = 应为 0 到 100 的百分比，如 10 或 12.5%，小数点请用“.”
forms-rate-could-mean = { $typed } 可能是 { $one } 或 { $other }：请写明是哪一个，并加上百分号
forms-rate-decimals = 百分比最多可有 { $most } 位小数
forms-rate-at-most = 最多为 100%
forms-rebate-above = { $rebate } 的返还高于生效的基础返佣比例 { $base }
forms-you-get = 您获得
forms-friend-gets = 好友获得
forms-fee-of = 手续费来自
forms-of-a-fee = 以 100 USD 的手续费为例，单位 USD
forms-of-a-fee-suspended = 以 100 USD 的手续费为例，单位 USD；暂停期间您没有收益
forms-examples = 示例
forms-examples-of = { $what }：以 100 USD 的手续费为例，单位 USD
forms-example-friend-gets = 好友比例
forms-example-you = 您
forms-example-friend = 好友
