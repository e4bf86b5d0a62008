### Charts.

charts-measured = { $unit } / { $bucket }
charts-nothing = 没有可绘制的数据。
charts-read-out = { $title }，单位：{ $measured }。数值见下方表格。
charts-as-table = 以表格显示
charts-titled-table = { $title }（表格）
charts-caption = { $title }，{ $measured }
charts-figure = { $label }：{ $figure }
charts-compared = { $label }：{ $figure }
charts-stage = 阶段
charts-bar = 条形
charts-invitees = 被邀请人
charts-of-first = 占第一阶段
charts-of-stage-before = 占前一阶段
