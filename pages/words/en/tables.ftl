### Tables.

tables-sorted-by = Sorted by { $column }
tables-pages-of = Pages of { $what }
tables-in-all = { $count } { $what } in all
tables-in-all-page = { $count } { $what } in all, page { $number } of { $pages }
tables-first-page = First page
tables-previous-page = Previous page
tables-next-page = Next page
