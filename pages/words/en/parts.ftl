### Small parts of pages.

parts-show = Show
parts-take-filter-away = : take this filter away
parts-filters = Filters in force
parts-clear-all = Clear all
parts-chosen = { $what }: { $chosen }
parts-copy = Copy
parts-copy-what = { " " }{ $what }
parts-copied = Copied
parts-copy-by-hand = Mark it and copy it by hand
parts-close = Close

parts-save = Save
parts-reset = Reset
