### What stands around every page.

layout-skip = Skip to the content
layout-menu = Menu
layout-pages = Pages
layout-platform = Platform
layout-menu-overview = Overview
layout-menu-cohorts = Cohorts
layout-menu-countries = Countries
layout-menu-referrals = Referrals
layout-menu-codes = Codes
layout-menu-rewards = Rewards
layout-menu-programs = Programs
layout-menu-campaigns = Campaigns
layout-menu-account = Account
layout-menu-restatement = Restatement
layout-menu-guide = Guide
layout-menu-what-if = What-if
layout-menu-everybody = All referrers
layout-menu-ask = Ask the API
layout-menu-glance = At a glance
layout-menu-search = Search
layout-menu-ingestion = Ingestion
layout-menu-quarantine = Quarantine
layout-menu-audit = Audit
layout-menu-applications = Applications
layout-menu-affiliates = Affiliates
layout-menu-rules = Program rules
layout-menu-offers = Offers
layout-menu-all-campaigns = All campaigns

layout-whose-label = Whose data
layout-whose-data = Whose data?
layout-whose = You may look at any referrer's data. Whose?
layout-looking = Looking at referrer { $uid }
layout-referrers-uid = Referrer's uid
layout-uid = uid
layout-look-at-it = Look at it
layout-largest = The largest
layout-largest-caption = The referrers with the most registrations
layout-referrer = Referrer
layout-registered-with-codes = Registered with its codes

layout-as-of = As of: { $moment }
layout-now = now
layout-date-and-time = Date and time, UTC
layout-as-of-hint = The page as everything was known at that moment.
layout-back-to-now = Back to now
layout-by-position = By ledger position
layout-ledger-position = Ledger position

layout-search-label = The whole ledger
layout-search-by = Find by uid, code, trade, event or position
layout-search-placeholder = Uid, code, trade, event, position
layout-find = Find

layout-caller = { $role } { $uid }
layout-role-affiliate = affiliate
layout-role-analyst = analyst
layout-role-operator = operator
layout-role-service = service
layout-role-auditor = auditor
layout-appearance = Appearance
layout-device = Device
layout-light = Light
layout-dark = Dark
layout-language = Language
layout-sign-out = Sign out

layout-no-key = No key is set: everyone on this machine is an operator.
layout-standby = A standby answers here: nothing can be changed. Its leader takes what is sent.
layout-read-only = The ledger is only read here: nothing can be changed.
layout-closed = Nothing can be changed here: { $why }.
layout-past = The past, as of { $moment }: nothing can be changed here.
layout-back-to-present = Back to the present
layout-other = You look at the data of referrer { $uid } as { $role }.

layout-reflects = Ledger position { $position }, latest event { $time }
layout-reflects-nothing = Ledger position { $position }
layout-utc-days = Days are UTC days.
layout-show-local = Times in UTC: show { $zone }
layout-show-utc = Times in { $zone }: show UTC
layout-manifest = Referral Pro: codes, referrals, rewards
layout-menu-withheld = Withheld
layout-find-looking = Find. Looking at referrer
layout-serving-node = A serving node answers here: figures are those that the ledgers have published, a moment ago.
layout-reflects-published = Latest event { $time }
layout-reflects-nothing-yet = No event yet
