### Codes.
