// referrals
