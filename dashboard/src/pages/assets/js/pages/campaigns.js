// campaigns
