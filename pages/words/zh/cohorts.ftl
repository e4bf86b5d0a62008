### Cohorts.

cohorts-title = 同期群
cohorts-nobody = 这些月份没有人注册。
cohorts-code = 邀请码
cohorts-all-codes = 全部邀请码
cohorts-countries = 国家/地区
cohorts-by-month = 按月
cohorts-what = 同期群是在同一个 UTC 月内注册的所有人；时间范围会扩展为整月。已认证、已充值和已交易统计至今完成的人数，不论何时完成。
cohorts-registered-in = 注册月份
cohorts-registered = 已注册
cohorts-caption = 各月注册者的后续情况
cohorts-not-yet = 被邀请人的同期群仅向已批准的联盟会员开放，您还不是联盟会员。
cohorts-closed = 被邀请人的同期群仅向已批准的联盟会员开放，您目前不具备该资格。
cohorts-counted = 同期群
cohorts-month-by-month = 逐月
cohorts-grid-caption = { $measure }。+0 为注册当月，+1 为其后一个自然月。
cohorts-measure-traded = 已交易（人）
cohorts-measure-traded-counts = 按月：同期群中当月至少有一笔交易的被邀请人，每人只计一次。
cohorts-measure-commission = 返佣（USD）
cohorts-measure-commission-counts = 按月：符合条件的交易的返佣，已扣除当月的冲正。
cohorts-measure-rebate = 好友返还（USD）
cohorts-measure-rebate-counts = 按月：他们获得的返还，已扣除当月的冲正。
cohorts-measure-volume = 交易量（USD）
cohorts-measure-volume-counts = 按月：他们所有交易的交易量，不论产品和 VIP 等级，已扣除当月的冲正。
