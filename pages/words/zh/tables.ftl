### Tables.

tables-sorted-by = 排序：{ $column }
tables-pages-of = { $what }分页
tables-in-all = { $what }：共 { $count } 项
tables-in-all-page = { $what }：共 { $count } 项，第 { $number } 页，共 { $pages } 页
tables-first-page = 第一页
tables-previous-page = 上一页
tables-next-page = 下一页
