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

## jobs
jobs-question = What waits, and why?
jobs-picture = Jobs in time
jobs-note = Dots are waiting, bars are running.
jobs-quiet = No job waits or runs.
jobs-lead = { $waiting ->
    [one] 1 job waits
   *[other] { $waiting } jobs wait
  }, { $running ->
    [one] 1 runs
   *[other] { $running } run
  }.
jobs-empty = No job yet. Building a corpus is a good first one.
jobs-name = Job
job-one = job
organisation = Organisation
state = State
submitted = Submitted
run-time = Run time
cores = Cores
memory = Memory limit
time-limit = Time limit
priority = Priority
cpu-time = CPU time
peak-memory = Peak memory
cost = Cost
charge-see = see the charge
id = Id
job-kind = Kind
job-asked = What it asked for and used
job-inputs = Reads
job-outputs = Wrote
job-spec = Specification
job-result = Result
job-log = Log (its end)
job-lead = A job of { $org }: { $kind }.
job-cancel = Cancel the job
job-cancel-note = What it has used is paid for; the rest of the reservation goes back.
job-cancelling = being cancelled
job-cancelling-note = Somebody asked to end it; it ends when its process has.
job-queued = queued
job-starting = starting
job-running = running
job-finishing = publishing
job-succeeded = succeeded
job-failed = failed
job-cancelled = cancelled
kind-corpus-build = corpus build
kind-model-train = model training
kind-evaluation-run = evaluation
reason-out-of-memory = It used up the memory it asked for; ask for more and try again.
reason-timed-out = It reached its time limit; ask for more time and try again.
reason-cancelled = It was cancelled.
reason-disk-full = The disk is full; make room and try again.
reason-killed = Its process was killed from outside.
reason-crashed = Its process crashed.
reason-vanished = Its process is gone and left no result.
loss-question = Has it learned?
loss-note = The band spans the least and the most of each stretch of steps.
loss-unit = loss, nats per token
step = step
metric-loss = training
metric-heldout-loss = held out
metric-validation-loss = validation
metric-bits-per-byte = bits per byte
metric-accuracy = accuracy
metric-accuracy-per-byte = accuracy, normalised by bytes

## home
home-title = What the platform did today
home-lead = { $tokens } tokens served, { $jobs ->
    [one] 1 job
   *[other] { $jobs } jobs
  } submitted, { $amount } settled.
home-jobs-empty = No job today yet.
tokens-served = Tokens today
calls-note = { $count ->
    [one] 1 call
   *[other] { $count } calls
  }
paid-today = Settled today
vouchers-share = vouchers bore { $share }
shared-today = To corpus contributors
shared-note = from models' revenue
jobs-today = Jobs today
jobs-today-note = { $waiting } waiting, { $failed } failed
sources-question = Where did the money come from, and where did it go?
sources-day-note = Charges settled today; shares are of all that was settled.
from-vouchers = Vouchers (public money)
from-balance = Organisations' balances
to-contributors = of which to corpus contributors

## repos
name = Name
visibility = Visible to
private = its organisation
public = everyone
version = Version
versions = Versions loaded here
loaded = Loaded
made = Made
made-by = By
changed = Changed
message = Message
files = Files
file = File
digest = Digest
size = Size
datasets-lead = Datasets open to everyone, and your own.
datasets-empty = No dataset yet. Build one from a text of yours:
dataset = Dataset
dataset-lead = { $documents } documents, { $size }, { $tokens } words, each with its source, author and licence.
dataset-lead-plain = A dataset, version by version.
dataset-use = Use it in Python
data-card = Data card
model-card = Model card
samples = Samples
documents = Documents
tokens = Words
tokens-note = runs of letters and digits; each Han character is one
kept = kept
dropped = dropped
kept-of = { $share } of { $count } read
sources-note = from { $count } sources
contributors = Contributors
contributor = Contributor
licence = Licence
contributors-question = Whose text is it?
contributors-note = By words; revenue is shared by the same.
licences-question = Under which licences?
licences-note = By words.
others = { $count } others
flow-others = { $count } others
waterfall-question = What was kept, and what was not?
waterfall-note = Documents after each step; what the step dropped is pale.
waterfall-description = { $kept } documents were kept in the end.
drops = Why documents were dropped
drop-reason = Reason
drop-step = Step
example = Example
corpus-read = read
corpus-extract = extract text
corpus-normalise = normalise
corpus-filter = filter by quality
corpus-exact = exact duplicates
corpus-near = near duplicates
drop-exact-duplicate = the same as another
drop-near-duplicate = almost the same as another
drop-too-short = too short
drop-too-long = too long
drop-symbols = too many symbols
drop-few-letters = too few letters
drop-bullets = almost only lists
drop-repeated-lines = too many repeated lines
drop-repeated-paragraphs = too many repeated paragraphs
drop-word-length = odd word lengths
drop-no-text = no text
drop-binary = not text
drop-empty = empty

## lineage
lineage-question = What was it made from, and what was made from it?
lineage-note = Left to right: what was read, the job, what was made. Every box is a link.
artifact-upload = upload
artifact-dataset = dataset
artifact-model = model
artifact-evaluation = evaluation
artifact-job = job

## models
models-lead = Models being served; any OpenAI client can call them.
models-empty = No model yet. Train one on a dataset:
model = Model
model-lead = { $parameters } parameters, { $context } tokens of context.
model-lead-plain = A model, version by version.
model-call = How to call it
model-command = From a terminal
price = Price
price-input = Price of input
price-output = Price of output
per-million = { $amount } per million tokens
parameters = Parameters
context = Context
layers = Layers
vocabulary = Vocabulary
served = served
not-served = not served
model-config = Configuration

## leaderboard
leaderboard-lead = Is this model better, and are we sure?
leaderboard-empty = No score yet. Evaluate a model:
verdict-better = { $model } is better than the baseline on “{ $task }”: the interval of the difference leaves out zero.
verdict-worse = { $model } is worse than the baseline on “{ $task }”: the interval of the difference leaves out zero.
verdict-unsure = { $model } can't be told from the baseline on “{ $task }”: the interval of the difference holds zero.
lower-better = { $metric }, lower is better
higher-better = { $metric }, higher is better
board-note = { $items } items; lines span 95 % confidence; on { $dataset }
baseline = baseline
surely-better = surely better
surely-worse = surely worse
unsure = not sure
against-baseline = Against the baseline
measured-by = Measured by
when = When
score = Score
difference = Less the baseline
task-heldout-bits-per-byte = Bits per byte on held-out documents
task-continuation-choice = Choosing the true continuation

## ledger
ledger-lead-all = Every fen has a source and an end; all balances of a commodity sum to zero.
ledger-lead-own = Your accounts and charges; open a charge to see where its money went.
ledger-sum = { $commodity }: sum of all balances
ledger-held = { $amount } held by accounts
accounts = Accounts
account = Account
account-lead = A balance follows from transfers; transfers are only ever added.
commodity = Commodity
commodity-voucher = voucher
commodity-grant = granted
commodity-cny = renminbi
balance = Balance
held = Reserved
floor = Floor
floor-none = none: a source of money
transfers = Transfers
transfers-none = no transfer yet
transfer = Transfer
from = From
to = To
belongs-to = Belongs to
amount = Amount
charges = Charges
charge = Charge
charge-for = For
charge-parties = Payer → payee
charges-empty = No charge yet. Every job and every model call leaves one here.
account-balance = balance
account-revenue = revenue
account-budget = budget
account-pot = pot
account-pool = contributors' pool
account-contributor = contributor
account-voucher = voucher
account-issued = issued
account-redeemed = redeemed
account-granted = granted
account-yearly = granted in
account-welcome = community's welcome
transfer-payment = payment
transfer-voucher = voucher redeemed
transfer-public-money = public money
transfer-grant = counted to the cap
transfer-revenue-share = revenue share
transfer-payout = paid out
transfer-fund = funding
transfer-issue = voucher issued
transfer-expiry = expired
transfer-welcome = welcome

## charges
charge-title = One charge explained
charge-lead = { $payer } paid { $payee } { $amount } for { $service }; vouchers bore { $borne } of it.
charge-lead-held = At most { $amount } is reserved from { $payer } for { $service }; vouchers would bear { $borne } of it.
charge-no-transfer = Not settled, so nothing was transferred; at most { $amount }.
charge-usage = What was used
charge-held = reserved
charge-settled = settled
charge-voided = given back
used = Used
quantity = Quantity
service-compute = compute
service-model = model calls
service-corpus = a corpus
service-evaluation = an evaluation
unit-input-tokens = input tokens
unit-output-tokens = output tokens
unit-cpu-micros = CPU microseconds
unit-core-milliseconds = core milliseconds
unit-cpu-milliseconds = CPU milliseconds
flow-question = Where did this money go?
flow-note = Ribbons are as thick as the amounts; every account is a link.
decision-of = How the rule { $policy } decided
outcome = Outcome
outcome-eligible = eligible
outcome-ineligible = not eligible
outcome-evidence = needs evidence
borne = Bore
rule = Rule
holds-yes = holds
holds-no = does not hold
holds-unknown = unknown
step-period = Period
step-base = Base
step-rate = Rate
step-service = Service
step-unrelated-party = Unrelated parties
step-verified = Verified
step-purpose = Purpose
step-per-claim = Cap per claim
step-per-organisation-per-year = Cap per year
step-pot = Pot
step-voucher = Left on the voucher
step-conclusion = Conclusion
shares-caption = { $count } contributors share it by words

## vouchers
vouchers-lead = Public money bears part of bills by published rules; each names its source.
vouchers-question = What do the vouchers still hold?
vouchers-note = Dark is left, pale is redeemed.
vouchers-empty = No voucher yet. Residency brings some; more can be applied for:
vouchers = Vouchers
left = Left
redeemed = redeemed
face-value = Face value
granted-in = Granted in
expires = Expires
voucher-valid = valid
voucher-empty = used up
voucher-expired = expired
programmes-question = What do the programmes still hold?
programmes-note = Dark is in the pot, pale is spent.
in-pot = in the pot
spent = spent
rules = Rules
kind = Kind
policy-voucher = voucher
policy-share = revenue share
source = Source
period = Period
rate = Rate
base = Of what
cap-claim = Cap per claim
cap-year = Cap per organisation and year
cap-pot = Size of the pot
cap-none = none published
not-seen = not seen in our copy
end-none = no end published
conditions = Conditions, all of which must hold
evidence = Evidence: { $text }
reading = Where the text leaves a question open
grade-a = Read on the issuing body's own page.
grade-b = Read in a copy of the official text by the press or a consultant.
grade-c = Read in somebody's summary; figures need checking.
grade-own = This community's own rule.

## services
services-lead = One-stop services: one form, declared steps, an answer by a date.
services-empty = This city's pack declares no service.
services-apply = Apply for residency
service = Service
steps = Steps
working-days = within { $count } working days
for-anyone = anyone
for-residents = organisations of the community
who-may = Who may apply
apply = Send the application
apply-title = Apply
apply-note = Sending it opens a case at once; the steps below follow.
apply-sign-in = This service is for organisations of the community; sign in first.
claim-code = Claim code
claim-keep = Keep the claim code; it is shown this once. After approval it fetches your access token.
claim-do = Follow the case or fetch the token
claim-title = Claim
claim-note = After approval, the code fetches your access token.
claim-token = Access token
claim-token-keep = Save it now; it is shown this once. Sign in with it or set it as MOSU_TOKEN.
applied = Your case is open
cases-lead = Cases under way, and who decides by when.
cases-empty = No case.
case = Case
case-due = to be decided by { $date }
case-lead = { $applicant } applies for “{ $service }”.
applicant = Applicant
opened = Opened
due = Due
case-open = open
case-approved = approved
case-rejected = rejected
step-waiting = waits for a decision
step-later = later
step-skipped = not reached
approve = Approve
reject = Reject
decision-note = Note
decision-note-help = a rejection needs its reason
answers = What was answered
decided-by = decided by { $actor }, { $when }
effects = What approval did

## session
sign-in = Sign in
sign-in-lead = Sign in with an access token.
sign-in-token = Access token
sign-in-help = It begins with mosu_. The session lives in this browser only and ends with it.
sign-in-how = Signed in on a terminal? Make another token:
sign-in-stranger = No account yet? Apply for residency; once it is approved, the claim code fetches your token.
sign-in-wrong = The token is wrong, expired or revoked; check it and try again.
error-sign-in = Please sign in
error-sign-in-next = This page needs an access token; you come back here afterwards.
error-missing = Nothing here
error-missing-next = The address may be wrong, or the thing is another organisation's. Start again from the places above.
error-denied = Not allowed
error-denied-next = Your token doesn't allow this. Use another, or ask an owner for one that does.
error-refused = That was refused
error-refused-next = Below is what is wrong; go back, mend it and try again.
error-short = Not enough
error-short-next = Balance, vouchers or quota don't suffice. See the ledger, or apply for more.
error-much = Too much
error-much-next = Wait a little, or try with less.
error-away = Not available now
error-away-next = A part does not answer; the same request may work in a minute.
error-ours = Our fault
error-ours-next = The server's log has the cause. Please try again later.
model-repositories = Repositories
served-models = Being served
summary = What it gives
claim-not-yet = not yet
effect-create-organisation = opens the organisation's account
effect-grant-voucher = grants a voucher
effect-open-balance = gives a welcome credit
effect-grant-quota = grants a compute quota
optional = { $label } (optional)
