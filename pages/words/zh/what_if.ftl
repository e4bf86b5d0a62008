### What if.

what-if-title = 假设分析
what-if-intro = 从账本的事件中去掉一些，或加入一些，查看邀请人和被邀请人本会获得多少。账本不受影响。
what-if-other-rules = 更换规则
what-if-shared = 有权使用假设分析的人，在完成后一小时内可以打开此页面：
what-if-copy-path = 页面路径
what-if-look-again = 刷新
what-if-progress = 正在计算：已重放账本的 { $percent }。
what-if-how-much = 账本重放进度
what-if-does-not-fit = 加入的第 { $number } 个事件无法放入。
what-if-go-back = 请返回修改规则：账本没有任何改变。

# The editor.
what-if-rules = 规则（TOML）
what-if-rules-hint = 每个 { $drop } 去掉一些事件，每个 { $add } 加入一个事件；先执行全部去掉，再执行加入。
what-if-line = 第 { $number } 行
what-if-insert = 插入
what-if-difference-by = 差额按
what-if-all-in-one = 全部合计
what-if-referrer = 邀请人
what-if-code = 邀请码
what-if-day = UTC 日
what-if-month = UTC 月
what-if-country = 国家/地区
what-if-product = 产品
what-if-from = 第一天（UTC）
what-if-from-hint = 留空：从最早开始。
what-if-to = 最后一天（UTC）
what-if-to-hint = 留空：直到最后。
what-if-until = 账本截至
what-if-until-hint = 账本位置，或时间，如 2026-03-01T00:00:00Z；留空表示现在。
what-if-all-rows = 也显示没有差额的行
what-if-ask = 开始分析

# Edits to begin from; what they say is a comment in their TOML.
what-if-ready-made = 现成的改动：其他计划比例、联盟会员比例、VIP 上限、期限、分成、无冲正
what-if-edit-program = 其他计划比例和上限
what-if-says-program = 为没有单独资格的所有人设置其他比例和 VIP 上限。
what-if-edit-vip = 其他 VIP 上限
what-if-says-vip = 不超过这些 VIP 等级的交易产生返佣。
what-if-edit-window = 合约期限
what-if-says-window = 合约交易在被邀请人注册后 90 天内产生返佣。
what-if-edit-affiliate = 某联盟会员的其他比例
what-if-says-affiliate = 从一开始就为一位联盟会员使用其他基础返佣比例。
what-if-edit-split = 邀请码的其他分成
what-if-says-split = 某邀请码的被邀请人获得的比例；其余归所有者。
what-if-edit-no-reversals = 无冲正
what-if-says-no-reversals = 假设没有交易被收回。

# What it came to.
what-if-no-difference = 这些规则不会带来差额。
what-if-no-amount-changes = 没有任何金额发生变化。
what-if-up-to-position = 账本截至位置
what-if-days = 日期
what-if-from-to = { $from } 至 { $to }
what-if-from-always = 最早
what-if-to-the-end = 最后
what-if-in-one = 全部合计
what-if-key = 键
what-if-commission = 返佣
what-if-rebate = 返还
what-if-total = 合计
what-if-before = 之前
what-if-after = 之后
what-if-difference = 差额
what-if-difference-of = { $amount }差额
what-if-before-and-after = 之前 { $before }，之后 { $after }
what-if-differences = 差额
what-if-last-days = 差额，最近 { $count } 天
what-if-last-months = 差额，最近 { $count } 个月
what-if-largest = 最大的 { $count } 项差额
what-if-column = { $amount }{ $when }（USD）
what-if-sum-of-all = 总计
what-if-rows-caption = 账本中的金额、按这些规则的金额，以及后者减前者
what-if-rows = 结果
