// codes
