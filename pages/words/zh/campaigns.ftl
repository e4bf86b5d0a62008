### Campaigns.

campaigns-title = 活动
campaigns-campaigns = 活动
campaigns-kinds = 活动类型
campaigns-public = 公开
campaigns-exclusive = 专属
campaigns-joined = 已参加
campaigns-joined-now = 您已参加该活动，链接现在可以分享。
campaigns-runs = 活动时间
campaigns-from-to = { $from } 至 { $to }
campaigns-days-left = 剩余天数
campaigns-days-with-today = { $days }（含今天）
campaigns-terms = 规则
campaigns-read-more = 查看详情
campaigns-link-to-share = 分享链接
campaigns-copy-link = 链接
campaigns-join = 参加
campaigns-for-affiliates = 专属活动仅限已批准的联盟会员。
campaigns-apply = 申请成为联盟会员
campaigns-suspended = 专属活动仅限已批准的联盟会员，而该账户已被暂停。
campaigns-see-standing = 查看资格
campaigns-none-ongoing = 目前没有此类活动。新的活动会自动显示在这里。
campaigns-see-programs = 查看计划
