### Signing in.

sign-in-title = 登录
sign-in-what = Tributary 向邀请人展示其邀请码带来的收益。
sign-in-cannot = 您无法在此登录：{ $why }。
sign-in-with-token = 使用令牌登录
sign-in-with-given-token = 请使用您收到的令牌登录。
sign-in-comes-back = 如果登录后又回到本页：{ $why }。
sign-in-already = 您从其他网站来到这里，并且已经登录？{ $go_on }。
sign-in-go-on = 继续
sign-in-token = 令牌
sign-in-token-hint = 由点号隔开的三个部分。它保存在脚本无法读取的 Cookie 中，直到您退出登录或令牌过期。
sign-in-by-link = 您从账户所在的平台来到这里。
sign-in-go-on-as = 以用户 { $uid } 的身份继续
sign-in-once = 此链接仅可使用一次。如果这不是您，请关闭本页。
sign-in-with = 通过 { $name } 登录
sign-in-done = 您已登录
sign-in-why-no-session = 在以 http:// 开头的地址上（明文 http），浏览器不会保留另一台机器的会话：请用 https 打开本页。服务器的管理者应在其前端终止 TLS，并在 http.public_url 中写明访问地址

sign-in-token-too-long = 令牌过长：最多 { $most } 个字符
sign-in-no-provider = 此处不能通过身份提供方登录：请使用令牌
sign-in-begun-elsewhere = 此次登录是在另一个浏览器中开始的，或已超过十分钟：请重新开始
sign-in-answer-of-another = 此应答属于另一次登录：请重新开始
sign-in-other-provider = 此应答来自另一个身份提供方：请重新开始
sign-in-provider-refused = { $name } 未能让您登录：{ $said }
sign-in-no-code = 身份提供方没有给出授权码：请重新开始
sign-in-no-address = 服务器的管理者尚未在 http.public_url 中写明浏览器的访问地址
