### Restatements.
