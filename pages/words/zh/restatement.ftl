### Restatements.

restatement-title = 重述
restatement-nothing-asked = 期间结账后，其数据仍可能变化：交易迟到、被收回，或对过去设置了比例。请选择一个期间及其结账时刻，查看此后改变它的每一个条目。
restatement-shown = { $from } 至 { $to }，{ $days }，截至账本位置 { $position }。
restatement-shown-of-code = { $from } 至 { $to }，{ $days }，由邀请码 { $code } 产生，截至账本位置 { $position }。
restatement-nothing-changed = 两个时刻之间得知的内容没有改变该期间。
restatement-entries = 条目
restatement-ends-caption = 按当时所知，该期间的金额
restatement-amount = 金额
restatement-before = 之前（USD）
restatement-after = 之后（USD）
restatement-difference = 差额（USD）
restatement-commission = 返佣
restatement-rebates = 返还
restatement-rebates-to-invitees = 被邀请人的返还
restatement-rows-caption = 改变该期间的条目，按记录顺序排列；合计等于差额
restatement-position = 账本位置
restatement-recorded = 记录时间
restatement-what = 内容
restatement-dated = 事件时间
restatement-trades-changed = 涉及交易数
restatement-commission-usd = 返佣（USD）
restatement-rebates-usd = 返还（USD）
restatement-rebate-usd = 返还（USD）
restatement-entry-and-trades = ：查看条目及其交易

# One entry.
restatement-entry-title = 条目 { $position }
restatement-back = 返回重述
restatement-source = 来源
restatement-id = ID
restatement-recorded-at = { $time }，账本位置 { $position }
restatement-data = 事件数据
restatement-not-yours = 该事件的内容涉及他人，您无权查看；它对您的影响如下。
restatement-entry-caption = 该期间内被它改变的交易
restatement-column-trade = 交易
restatement-account = 账户
restatement-made-at = 成交时间
restatement-product = 产品
restatement-why = 原因
restatement-explain = 查看说明
restatement-explain-which = （交易 { $id }）
restatement-first-trades = 仅显示前 { $shown } 笔，共 { $all } 笔交易。导出分录可获得全部。

# Kinds of events.
restatement-affiliate = 联盟会员
restatement-application = 申请
restatement-campaign = 活动
restatement-code = 邀请码
restatement-deposit = 充值
restatement-join = 参加活动
restatement-kyc = 身份认证
restatement-note = 备注
restatement-offer = 优惠
restatement-program = 计划规则
restatement-rebate = 返还比例
restatement-registration = 注册
restatement-reversal = 冲正
restatement-trade = 交易
restatement-vip = VIP 等级

# The form.
restatement-closed-months = 已结账月份
restatement-as-closed = { $month }（次月 3 日结账）
restatement-from = 起始日
restatement-from-hint = 期间的第一个 UTC 日；起止均不填则为 30 天。
restatement-to = 截止日
restatement-to-hint = 期间的最后一个 UTC 日。
restatement-since = 截至
restatement-since-hint = 期间的结账时刻（UTC）。
restatement-until = 对比时刻
restatement-until-hint = 更晚的时刻（UTC）；留空表示现在。
restatement-looks-back = 页面正在回看这一时刻。
restatement-show = 查看变化
restatement-by-position = 按账本位置
restatement-since-position = 结账时的账本位置
restatement-until-position = 对比的账本位置
restatement-of-code = 邀请码
restatement-all-codes = 全部邀请码

# What it comes to, in a sentence.
restatement-is-as-it-was = { $period }没有变化：{ $since }没有得知任何相关内容。
restatement-as-much = { $period }的金额与之前相同，但{ $since }得知了相关内容：{ $causes }。
restatement-grew = { $period }{ $since }增加了 { $by }：{ $causes }。
restatement-shrank = { $period }{ $since }减少了 { $by }：{ $causes }。
restatement-since-closed = 自结账以来
restatement-between = 在两个时刻之间
restatement-comma = 、
restatement-entries-in-all = { $count } 个条目
restatement-late-trades = { $n ->
   *[other] { $count } 笔迟到的交易
}
restatement-clawbacks = { $n ->
   *[other] { $count } 笔追回
}
restatement-late-registrations = { $n ->
   *[other] { $count } 次迟到的注册
}
restatement-base-rates = { $n ->
   *[other] { $count } 次您的基础返佣比例变更
}
restatement-program-rules = { $n ->
   *[other] { $count } 次计划规则变更
}
restatement-invitees-rebates = { $n ->
   *[other] { $count } 次被邀请人返还比例变更
}
restatement-code-changes = { $n ->
   *[other] { $count } 次邀请码变更
}
restatement-other-entries = { $n ->
   *[other] { $count } 个其他条目
}
restatement-from-to = { $from } 至 { $to }
