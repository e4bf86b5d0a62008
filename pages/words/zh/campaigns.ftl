### Campaigns.
