### What stands around every page.

layout-skip = 跳到正文
layout-menu = 菜单
layout-pages = 页面
layout-platform = 平台
layout-menu-overview = 总览
layout-menu-cohorts = 同期群
layout-menu-countries = 国家/地区
layout-menu-referrals = 邀请记录
layout-menu-codes = 邀请码
layout-menu-rewards = 奖励
layout-menu-programs = 计划
layout-menu-campaigns = 活动
layout-menu-account = 账户
layout-menu-restatement = 重述
layout-menu-guide = 导览
layout-menu-what-if = 假设分析
layout-menu-everybody = 全部邀请人
layout-menu-ask = 查询 API
layout-menu-glance = 概况
layout-menu-search = 搜索
layout-menu-ingestion = 接入
layout-menu-quarantine = 隔离区
layout-menu-audit = 审计
layout-menu-applications = 申请
layout-menu-affiliates = 联盟会员
layout-menu-rules = 计划规则
layout-menu-offers = 优惠
layout-menu-all-campaigns = 全部活动

layout-whose-label = 查看谁的数据
layout-whose-data = 查看谁的数据？
layout-whose = 您可以查看任何邀请人的数据。要看谁的？
layout-looking = 正在查看邀请人 { $uid }
layout-referrers-uid = 邀请人 UID
layout-uid = UID
layout-look-at-it = 查看
layout-largest = 最大的邀请人
layout-largest-caption = 注册人数最多的邀请人
layout-referrer = 邀请人
layout-registered-with-codes = 通过其邀请码注册

layout-as-of = 截至：{ $moment }
layout-now = 现在
layout-date-and-time = 日期和时间（UTC）
layout-as-of-hint = 按当时已知的一切显示本页。
layout-back-to-now = 回到现在
layout-by-position = 按账本位置
layout-ledger-position = 账本位置

layout-search-label = 整个账本
layout-search-by = 按 UID、邀请码、交易、事件或账本位置查找
layout-search-placeholder = UID、邀请码、交易、事件、位置
layout-find = 查找

layout-caller = { $role } { $uid }
layout-role-affiliate = 联盟会员
layout-role-analyst = 分析师
layout-role-operator = 运营人员
layout-role-service = 服务
layout-role-auditor = 审计员
layout-appearance = 外观
layout-device = 跟随设备
layout-light = 浅色
layout-dark = 深色
layout-language = 语言
layout-sign-out = 退出登录

layout-no-key = 未设置密钥：这台机器上的每个人都是运营人员。
layout-standby = 此处由备用节点应答：不能做任何更改。提交的内容由其主节点接收。
layout-read-only = 此处只读取账本：不能做任何更改。
layout-closed = 此处不能做任何更改：{ $why }。
layout-past = 这是截至 { $moment } 的历史状态：此处不能做任何更改。
layout-back-to-present = 回到现在
layout-other = 您正以{ $role }的身份查看邀请人 { $uid } 的数据。

layout-reflects = 账本位置 { $position }，最新事件 { $time }
layout-reflects-nothing = 账本位置 { $position }
layout-utc-days = 日期均为 UTC 日。
layout-show-local = 时间为 UTC：改为 { $zone }
layout-show-utc = 时间为 { $zone }：改为 UTC
layout-manifest = Referral Pro：邀请码、邀请记录、奖励
layout-menu-withheld = 未发放与已收回
layout-find-looking = 查找。正在查看邀请人
layout-serving-node = 此处由服务节点应答：数字是各账本片刻之前发布的。
layout-reflects-published = 最新事件 { $time }
layout-reflects-nothing-yet = 尚无事件
