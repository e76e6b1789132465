brand = Mosu
skip = Skip to the content
nav = Places
nav-home = Today
nav-jobs = Jobs
nav-datasets = Datasets
nav-models = Models
nav-leaderboard = Leaderboard
nav-ledger = Ledger
nav-vouchers = Vouchers
nav-services = Services
nav-cases = Cases
other-language = 中文
theme-auto = Theme: auto
theme-light = Theme: light
theme-dark = Theme: dark
theme-help = Changes between automatic, light and dark
sign-out = Sign out
copy = Copy
copied = Copied
same-from-terminal = The same from a terminal
foot = Mosu · the public-service platform of an AI innovation community · times are in Shanghai
time-now = just now
time-seconds = { $count ->
    [one] 1 second
   *[other] { $count } seconds
  }
time-minutes = { $count ->
    [one] 1 minute
   *[other] { $count } minutes
  }
time-hours = { $count ->
    [one] 1 hour
   *[other] { $count } hours
  }
time-days = { $count ->
    [one] 1 day
   *[other] { $count } days
  }
time-ago = { $time } ago
time-ahead = in { $time }
