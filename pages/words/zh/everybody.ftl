### All referrers.
