### Codes.

# The list of codes.
codes-title = 邀请码
codes-codes = 邀请码
codes-caption = 您的邀请码。比例为手续费的分成，适用于现在注册的用户；返佣为全部时间累计。
codes-none-yet = 还没有邀请码。使用您的邀请码注册的用户即为您的被邀请人。
codes-make-first = 创建第一个邀请码
codes-add-new = 新建
codes-new = 新建邀请码
codes-there-are = 已有的邀请码
codes-used = 已创建 { $used } 个，最多 { $max } 个邀请码
codes-used-all = 已创建 { $used } 个，最多 { $max } 个邀请码：不能再创建。邀请码永久有效，请修改已有的邀请码。
codes-code = 邀请码
codes-created-utc = 创建时间（UTC）
codes-referrals = 邀请人数
codes-commission-usd = 返佣（USD）
codes-you-keep-spot = 您获得（现货）
codes-friend-gets-spot = 好友获得（现货）
codes-you-keep-futures = 您获得（合约）
codes-friend-gets-futures = 好友获得（合约）
codes-note = 备注
codes-link = 链接
codes-default = 默认
codes-copy-link-of-this = 此邀请码的链接

# One code.
codes-code-title = 邀请码 { $code }
codes-all = 全部邀请码
codes-summary = 概要
codes-share-it = 分享
codes-edit = 编辑
codes-who-registered = 使用该邀请码注册的用户
codes-commission = 返佣
codes-created = 创建时间
codes-spot-fees = 现货和杠杆手续费
codes-futures-fees = 合约手续费
codes-split = 您获得 { $own }，好友获得 { $friends }
codes-is-default = 默认邀请码
codes-yes = 是
codes-no = 否
codes-facts-hint = 返佣为全部时间累计，已扣除冲正。比例为手续费的分成，适用于现在注册的用户。
codes-qr-of = { $code } 邀请链接的二维码
codes-copy-code = 邀请码
codes-copy-link = 链接
codes-save-qr-as = 将二维码保存为
codes-nobody-yet = 还没有人使用该邀请码注册：请分享其链接。
codes-invitees-caption = 该邀请码的被邀请人及各自全部时间累计的贡献，已扣除冲正。
codes-invitees = 被邀请人记录
codes-filter-and-save = 筛选并保存

# The forms that make and change one.
codes-code-hint = 3 至 20 位，可用 A-Z、0-9 和 _。留空则自动生成。
codes-make = 创建邀请码
codes-made = 邀请码 { $code } 已创建，请分享其链接。
codes-preview = 查看分成效果
codes-split-from-now-on = 分成自现在起适用于新注册的用户：已有的被邀请人保持原比例。
codes-save-changes = 保存修改
codes-saved = 已保存 { $code } 的修改。
codes-rate-hint = 0% 至 { $base }（您的基础返佣比例）。
codes-friend-gets-spot-margin = 好友获得（现货和杠杆）
codes-note-hint = 最多 200 个字符，仅供自己查看。
codes-make-default = 设为默认邀请码
