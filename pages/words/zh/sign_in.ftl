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
