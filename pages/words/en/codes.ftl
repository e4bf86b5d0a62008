### Codes.

# The list of codes.
codes-title = Codes
codes-codes = codes
codes-caption = Your codes. Rates are shares of the trading fee, as they hold for who registers now; commission is of all time.
codes-none-yet = There is no code yet. Whoever registers with one of yours is your invitee.
codes-make-first = Make the first code
codes-add-new = Add new
codes-new = A new code
codes-there-are = Codes that there are
codes-used = { $used } of { $max } codes
codes-used-all = { $used } of { $max } codes: no more can be made. A code stays for good, so edit one that you have.
codes-code = Code
codes-created-utc = Created, UTC
codes-referrals = Referrals
codes-commission-usd = Commission, USD
codes-you-keep-spot = You keep, spot
codes-friend-gets-spot = Friend gets, spot
codes-you-keep-futures = You keep, futures
codes-friend-gets-futures = Friend gets, futures
codes-note = Note
codes-link = Link
codes-default = Default
codes-copy-link-of-this = link of this code

# One code.
codes-code-title = Code { $code }
codes-all = All codes
codes-summary = Summary
codes-share-it = Share it
codes-edit = Edit
codes-who-registered = Who registered with it
codes-commission = Commission
codes-created = Created
codes-spot-fees = Spot and margin fees
codes-futures-fees = Futures fees
codes-split = you keep { $own }, your friend gets { $friends }
codes-is-default = Default code
codes-yes = Yes
codes-no = No
codes-facts-hint = Commission is of all time, net of reversals. Rates are shares of the trading fee, for who registers now.
codes-qr-of = QR code of the link of { $code }
codes-copy-code = code
codes-copy-link = link
codes-save-qr-as = Save the QR code as
codes-nobody-yet = Nobody has registered with it yet: share its link.
codes-invitees-caption = Invitees of this code, with what each brought of all time, net of reversals.
codes-invitees = invitees
codes-filter-and-save = Filter and save them

# The forms that make and change one.
codes-code-hint = 3 to 20 of A-Z, 0-9 and _. One is made up if you leave it empty.
codes-make = Make the code
codes-made = The code { $code } is made. Share its link.
codes-preview = Show what it gives
codes-split-from-now-on = A split holds for who registers from now on: invitees that there are keep their rates.
codes-save-changes = Save the changes
codes-saved = The changes of { $code } are saved.
codes-rate-hint = From 0% to { $base }, your base rate.
codes-friend-gets-spot-margin = Friend gets, spot and margin
codes-note-hint = Up to 200 characters, for yourself.
codes-make-default = Make it the default code
