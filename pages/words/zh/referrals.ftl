### Referrals.
