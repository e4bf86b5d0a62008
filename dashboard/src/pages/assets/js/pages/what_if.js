// what-if
