### Figures.

figures-every-digit = ：显示全部位数
figures-none = 无
figures-more-than-before = 高于前一时间范围
figures-less-than-before = 低于前一时间范围
figures-as-before = 与前一时间范围相同
figures-against-before = { $than } { $by }：此前为 { $before }
figures-new = 新增
figures-new-against = ：前一时间范围几乎为零，{ $before }
