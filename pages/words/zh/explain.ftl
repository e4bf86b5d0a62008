### One trade explained.

explain-title = 交易说明
explain-who = 相关方
explain-the-trade = 交易
explain-rates = 适用比例
explain-conditions = 是否符合条件
explain-rule = 计算规则
explain-postings = 分录
explain-reversal = 冲正
explain-taken-back = { $taken }。它在其自身时间所在的 UTC 日，如数冲回上述金额。
explain-taken-back-too = { $taken }。
explain-summary = 概要
explain-total = 合计
explain-commission-to = 邀请人的返佣
explain-rebate-to = 被邀请人的返还
explain-eligible = 符合条件
explain-not-eligible = 不符合条件
explain-sent-by = 提交者

# Which trade.
explain-ask-title = 查看交易说明
explain-name-a-trade = 点击交易的任一金额即可到达此处。也可以按交易事件的内容指定一笔交易：
explain-account = 账户
explain-account-hint = 交易事件中的 UID。
explain-source = 来源
explain-source-hint = 交易事件的来源。
explain-id = ID
explain-id-hint = 交易事件的 ID。
explain-explain = 查看说明

# Who traded, and the event.
explain-account-that-traded = 交易账户
explain-sub-account-of = 所属主账户
explain-invitee = 被邀请人
explain-not-registered = 未注册
explain-code = 注册所用邀请码
explain-referrer = 邀请人
explain-not-attributed = 该交易未归属
explain-time = 时间
explain-product = 产品
explain-volume = 交易量
explain-fee = 手续费
explain-vip = VIP 等级
explain-position = 账本位置
explain-event = 事件
explain-whole-event = 完整事件

# The rates.
explain-base-rate = 基础返佣比例
explain-base-rate-hint = 占手续费的比例，邀请人与其被邀请人合计。
explain-rebate-rate = 返还比例
explain-rebate-rate-hint = 占手续费的比例，归被邀请人；不超过基础返佣比例。
explain-set-by = 设置来源
explain-built-in-rate = 没有事件设置它：为内置值。
explain-no-rate = 该交易未归属，因此不适用任何比例。
explain-rules-set-by = 由 { $event } 设置，账本位置 { $position }
explain-rules-built-in = 内置值

# The arithmetic.
explain-cut = 以美元计，截断（不四舍五入）至 8 位小数；返佣为合计减去返还后的余额，因此各部分之和始终等于合计。
explain-rebate = 返还
explain-commission = 返佣
explain-fee-by-base-rate = 手续费 × 基础返佣比例
explain-fee-by-rebate-rate = 手续费 × 返还比例
explain-total-less-rebate = 合计 − 返还
explain-none-as-suspended = 0，因为邀请人当时被暂停
explain-rebate-alone = 仅返还
explain-all-are-0 = 该交易不符合条件，因此合计、返佣和返还均为 0。
explain-product-cut = { $product }，截断至 8 位小数为 { $cut }

# The conditions.
explain-conditions-order = 以下条件全部满足时，交易才产生返佣；按此顺序逐条检查。
explain-yes = 是
explain-no = 否
explain-not-looked-at = 未检查
explain-is-registered = 账户已注册。
explain-is-registered-as = 账户已注册，其主账户为 { $invitee }。
explain-not-earlier = 交易时间不早于注册时间。
explain-not-earlier-from = 交易时间不早于注册时间：其交易自 { $time } 起计算。
explain-not-own-code = 注册所用邀请码不是交易者自己的。
explain-code-belongs = 注册所用邀请码有所有者。
explain-code-belongs-to = 注册所用邀请码有所有者：{ $referrer }。
explain-covers = 邀请关系覆盖{ $group }交易。
explain-vip-at-most = VIP 等级 { $level } 不超过{ $group }交易的上限 { $limit }（{ $set }）。
explain-fee-above-0 = 手续费 { $fee } 大于 0。
explain-no-window-spot = 没有期限：不是合约交易。
explain-no-window = 该邀请人的合约交易没有期限。
explain-within-window = 交易在被邀请人自己注册后的 { $days } 天内。
explain-within-window-until = 交易在被邀请人自己注册后的 { $days } 天内，即早于 { $end }。
explain-not-suspended = 交易时邀请人未被暂停。
explain-more-than-0 = 返佣大于 0。

# The postings.
explain-no-postings = 无：金额为 0 的分录不记录。
explain-postings-caption = 为该交易记录的全部分录。在每个账本位置，借方与贷方合计相等。
explain-column-position = 账本位置
explain-made-by = 产生者
explain-debit = 借方（USD）
explain-credit = 贷方（USD）
explain-by-the-trade = 交易本身
explain-by-its-reversal = 其冲正
explain-by-a-later-entry = 较晚到达并改变其金额的条目
