### Countries.

countries-title = Countries
countries-metric = Metric
countries-what-it-counts = What it counts
countries-unknown = Unknown
countries-by-country = { $metric } by country
countries-country = Country
countries-all-metrics = All metrics
countries-every-metric = Every metric a country
countries-none = Nothing happened in these days in any country.
countries-not-yet = The countries of your invitees are for approved affiliates, and you are not one yet.
countries-suspended = The countries of your invitees are for approved affiliates, and your standing is suspended.
countries-closed = The countries are closed to you.
countries-counted = countries
