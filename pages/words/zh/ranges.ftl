### Ranges of days.

ranges-7-days = 近 7 天
ranges-30-days = 近 30 天
ranges-90-days = 近 90 天
ranges-12-months = 近 12 个月
ranges-this-month = 本月
ranges-last-month = 上月
ranges-this-quarter = 本季度
ranges-all-time = 全部时间
ranges-label = 时间范围
ranges-from = 开始日期
ranges-to = 结束日期
ranges-shown = { $from } 至 { $to }，{ $days }
ranges-elsewhere = 这些日期内没有数据。现有数据在 { $from } 至 { $to } 之间。
ranges-look-at-all = 查看全部时间
ranges-days = { $days } 个 UTC 日
