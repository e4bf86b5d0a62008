### Figures.

figures-every-digit = : show every digit
figures-none = none
figures-more-than-before = more than the range before
figures-less-than-before = less than the range before
figures-as-before = as the range before
figures-against-before = { $by } { $than }: { $before }
figures-new = new
figures-new-against = : the range before had next to nothing, { $before }
