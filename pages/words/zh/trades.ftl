### Trades.

trades-group-spot = 现货和杠杆
trades-group-futures = 合约
trades-product-spot = 现货
trades-product-margin = 杠杆
trades-product-futures = 合约
trades-spot-and-margin = 现货和杠杆
trades-futures = 合约

# Why a trade gives what it gives.
trades-why-all = 手续费 { $fee } 的 { $base } 为 { $total }，其中被邀请人不获得返还，其余 { $rest } 归邀请人。
trades-why-shared = 手续费 { $fee } 的 { $base } 为 { $total }，其中被邀请人获得手续费的 { $rebate }，即 { $friends }，其余 { $rest } 归邀请人。
trades-not-registered = 无：该账户或其主账户尚未注册。
trades-before-registration = 无：其时间早于注册时间。
trades-self-referral = 无：使用的是交易者自己的邀请码。
trades-not-attributed = 无：交易者注册时未使用邀请码，或所用邀请码不属于任何人。
trades-relationship = 无：该邀请不涵盖{ $group }交易。
trades-vip-level = 无：VIP 等级 { $level } 超过{ $group }交易的上限。
trades-no-fee = 无：未支付手续费。
trades-window-ended = 无：合约交易有收益的期限已结束。
trades-suspended = 无：邀请人已暂停，且被邀请人没有返还。
trades-suspended-with-rebate = 没有返佣：邀请人已暂停。被邀请人仍获得 { $rebate } 的返还，即 { $friends }。
trades-rate-zero = 无：基础返佣比例为 0%。
trades-cut-to-zero = 无：手续费 { $fee } 的 { $base } 截取到 8 位小数后为 0。
trades-all-to-invitee = 没有返佣：手续费 { $fee } 的 { $base } 全部归被邀请人，即 { $friends }。

trades-time = 时间
trades-product = 产品
trades-volume = 交易量（USD）
trades-fee = 手续费（USD）
trades-commission = 返佣（USD）
trades-rebate = 返还（USD）
trades-why = 原因
trades-by-sub-account = 由子账户 { $uid } 交易
trades-taken-back = 已收回
trades-taken-back-on = { $badge } 于 { $time }
trades-taken-back-because = { $badge } 于 { $time }：{ $reason }
