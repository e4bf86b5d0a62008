### The page that asks the API.
