### Small parts of pages.

parts-show = 显示
parts-take-filter-away = ：移除此筛选条件
parts-filters = 生效的筛选条件
parts-clear-all = 全部清除
parts-chosen = { $what }：{ $chosen }
parts-copy = 复制
parts-copy-what = { $what }
parts-copied = 已复制
parts-copy-by-hand = 请选中后手动复制
parts-close = 关闭

parts-save = 保存
parts-reset = 重置
