### Programs.

# The offers that run.
programs-title = 计划
programs-programs = 计划
programs-offer = 优惠 { $id }
programs-this-did-not-run = 据当时所知，该计划当时未在进行。
programs-this-does-not-run = 该计划今天未在进行。
programs-none-ran = 据当时所知，当时没有进行中的计划。
programs-none-runs = 今天没有进行中的计划。新的计划会自动显示在这里。
programs-see-campaigns = 查看活动
programs-you-take-part = 您已参与
programs-for-affiliates = 仅限已批准的联盟会员
programs-bonus-month = 按月计算的奖金
programs-bonus-quarter = 按季度计算的奖金
programs-evaluation-month = 按月进行的考核
programs-evaluation-quarter = 按季度进行的考核
programs-from-to = { $from } 至 { $to }
programs-terms = 规则
programs-not-eligible = 您的进度会被统计，但奖励仅限已批准的联盟会员。
programs-see-account = 查看您的账户
programs-no-day-left = 已无剩余天数
programs-last-day = 剩余 { $days } 天（今天）
programs-days-left = 剩余 { $days } 天（含今天）

# Earlier periods.
programs-as-it-stood = 账本位置 { $position } 于 { $time } 记录之后的进度。此后记录的内容，即使涉及这些日期，也不包含在内。
programs-earlier-periods = 往期
programs-no-earlier-period = 没有往期记录：该计划从本期开始，或此前没有任何记录。
programs-each-as-it-stood = 各期按结束时的状态显示：截至当时记录的最后一个条目。此后到达的内容不包含在内。

# Progress.
programs-highest-reached = 已达到最高档位，无需再补。
programs-tiers-above = 更高档位的条件
programs-met-tiers = 已达成：{ $tiers }
programs-comma = 、
programs-what-is-met = 已达成的条件
programs-tiers = 档位
programs-reached = 当前档位
programs-met = 已达成
programs-next = 下一档
programs-condition = 条件
programs-target = 目标
programs-now = 当前
programs-still-missing = 还差
programs-part-of = { $target } 的 { $percent }
programs-to-go = 还差 { $missing }
programs-what-is-counted = 统计口径
