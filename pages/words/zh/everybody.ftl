### All referrers.

everybody-title = 全部邀请人
everybody-together = 全部邀请人合计
everybody-nothing = 这些日期没有任何邀请人有数据。
everybody-counted = 位邀请人
everybody-counts = 统计内容
everybody-referrer = 邀请人
everybody-standing = 资格
everybody-codes = 邀请码
everybody-caption = 这些日期有数据的邀请人
everybody-approved = 已批准
everybody-suspended = 已暂停
everybody-no-affiliate = 非联盟会员
