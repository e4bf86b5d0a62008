### What if.
