### The guide: what a newcomer is shown first, the demo's story.

guide-the-command = 命令

guide-none = 这里没有导览

guide-title = 演示的故事
guide-begins = 一个运行 90 天的邀请返佣计划，按当时的实际过程记录。{ $month }于 { $closed } 结账，此后又得知了更多情况。您就是邀请人 { $uid }。
guide-begins-without-story = 一个邀请返佣计划，按当时的实际过程记录。您就是邀请人 { $uid }。

guide-closed-heading = 结账时的{ $month }
guide-closed-says = 按截至 { $closed } 已知的一切，您在{ $month }获得的金额；当时即按此支付。
guide-closed-lead = 查看结账时的{ $month }

guide-now-heading = 现在的{ $month }，以及变化的原因
guide-now-says = 此后，一位被邀请人的三笔交易迟到，一笔对敲交易被收回，还录入了一份数周前签署的合同。每个条目都显示它改变了什么，各行合计等于差额。
guide-now-lead-why = { $month }自结账以来的变化
guide-now-lead = 查看现在的{ $month }

guide-trade-heading = 一笔交易的说明
guide-trade-says = 其中一笔迟到的交易：适用的比例及设置它们的事件、各项金额，以及为它记录的每一条分录，包括后来因合同追加的那一条。
guide-trade-lead = 为什么是这个金额

guide-nothing-heading = 一笔没有返佣的交易
guide-nothing-says = 联盟会员 { $uid } 于 { $day } 被暂停：被邀请人仍获得返还，返佣则为 0，原因只有一个，并在说明中指出。
guide-nothing-lead = 为什么没有返佣

guide-what-if-heading = 假如从未签署这份合同
guide-what-if-says = 去掉该事件后的同一组事件，以及精确到最后一位的差额。命令中指明了规则所在的文件；页面也接受这些规则。
guide-what-if-lead = 进行假设分析

guide-dashboard-heading = 您的数据看板
guide-dashboard-says = 一位邀请人最近 30 天的数据，实时更新：条件达成一半的计划和接近达成的计划、邀请码、被邀请人、同期群。

guide-operator-heading = 运营人员的工作台
guide-operator-says = 接入了什么，什么没有进入账本及其原因，谁获得的最多，以及现行的规则。
