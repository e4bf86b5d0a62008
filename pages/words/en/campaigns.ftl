### Campaigns.

campaigns-title = Campaigns
campaigns-campaigns = campaigns
campaigns-kinds = Kinds of campaigns
campaigns-public = Public
campaigns-exclusive = Exclusive
campaigns-joined = joined
campaigns-joined-now = You joined the campaign. Its link is ready to share.
campaigns-runs = Runs
campaigns-from-to = { $from } to { $to }
campaigns-days-left = Days left
campaigns-days-with-today = { $days } with today
campaigns-terms = Terms
campaigns-read-more = Read more
campaigns-link-to-share = Link to share
campaigns-copy-link = link
campaigns-join = Join
campaigns-for-affiliates = Exclusive campaigns are for approved affiliates.
campaigns-apply = Apply to become an affiliate
campaigns-suspended = Exclusive campaigns are for approved affiliates, and this account is suspended.
campaigns-see-standing = See the standing
campaigns-none-ongoing = No such campaign is ongoing. New ones show up here by themselves.
campaigns-see-programs = See the programs
