### Refusals.

problems-nowhere = 地址可能有误，或者原来的内容已不在此处
problems-to-overview = 返回总览
problems-not-for-you = 您无权查看此内容
problems-nothing-here = 这里没有内容
problems-not-now = 暂时无法使用
problems-invalid-parameter = 参数有误
problems-invalid-body = 提交的内容不符合要求
problems-invalid-header = 请求头有误
problems-invalid-path = 无法识别该路径
problems-tls-needed = 此处需要 https，却使用了 http
problems-not-signed-in = 需要有效的令牌
problems-read-only = 此处只读取账本
problems-method-not-allowed = 该路径不接受此方法
problems-slow = 请求传送时间过长
problems-conflict = 与现有内容冲突
problems-too-large = 提交的内容过大
problems-media-type = 提交的内容类型不符
problems-misdirected = 该请求应发往另一台主机
problems-too-many = 请求过于频繁
problems-breaks-rule = 有一个值不符合规则
problems-internal = 服务器出错
problems-full = 账本已满

problems-no-cookie = 您的浏览器没有保留本页的 Cookie：{ $why }
problems-form-out-of-date = 此表单已过期，或并非来自本站：请返回并刷新页面后重新提交
problems-other-sites = 其他网站的页面不能向此处提交表单
problems-past = 本页显示的是历史状态，不能做任何更改：请回到现在
problems-sign-in-first = 请登录后查看本页
problems-not-utf-8 = 表单不是 UTF-8 编码
problems-of-a-ledger = 此内容只在账本自己的页面上显示
