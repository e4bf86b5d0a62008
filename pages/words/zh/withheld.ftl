### What was withheld and taken back.
