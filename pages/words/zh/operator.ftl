### The pages of operators and auditors.
