// operator
