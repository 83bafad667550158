package main

// jsonChapter tells the shapes that a script may rely on. Keys may be added;
// those that stand here stay.
const jsonChapter = "" +
	`
## JSON

Amounts are strings with exactly the asset's digits. Lists are sorted by code point: by name, then asset, then state.
Empty lists are ` + "`[]`" + `. Keys may be added; those that stand here stay.

Every answer of the walk (` + "`trace`, `where`, `ledger`, `explain`" + `) begins with ` + "`case`, `rule`, `chosen`" + ` (the rule is the one that is
locked for the case), ` + "`position`" + ` (of the log: what was recorded up to it), ` + "`at` and `known_at`" + ` (as asked, or null).
Under libr and own-first-fifo ` + "`presumed`" + ` says how much own money from payers nobody has described was drawn before claims.

| command | what stands in it |
|---|---|
| ` + "`trace`" + ` | ` + "`victims`: `victim`, `asset`, `reported`, `own`, `returned`, `positions` (`account`, `asset`, `claim` in the victim's asset, `state`); `accounts`: `account`, `asset`, `balance`, `untraced`, `unexplained`, `held`, `frontier`, `traced` (by victim, in the account's asset); `missing`: `account`, `asset`, `amount`, `first`, `last`; `warnings`: `code`, `text`, and where it concerns one `movement`, `account`, `amount`, `asset`; under poison `exposed`, a list of accounts" + ` |
| ` + "`where`" + ` | ` + "`accounts`, `missing`, `warnings`, as in trace" + ` |
| ` + "`ledger`" + ` | ` + "`victims`: `victim`, `asset`, `reported`, `own`, `paid_back`, `net`, `at_large`, `held`, `seized`, `restored`, `returned`, `cashed_out`, `at_service`, `unaccounted`, `fees`, `scam` (comma-joined), and in a case with a currency `in_currency` or `unrated` (why it is not known)" + ` |
| ` + "`explain`" + ` | ` + "`victim`, `account`; `steps`: `movement`, `time`, `text`, `evidence` (`sha256`, `file`, `line`, `page`, of every telling)" + ` |
| ` + "`rules`" + ` | ` + "`locked` (`rule`, `authority`, `reason`, or null); `rules`: `rule`, `also`, `takes`, `authority`, `victims` (ledger rows); `victims`: `victim`, `asset`, `reported`, `least` and `most` (`rule`, `recoverable`), `by_rule`. Recoverable is at_large + held + seized" + ` |
| ` + "`timeline`" + ` | ` + "`position`, `at`, `known_at`; `happened` and `known`: `position`, `recorded_at`, `actor`, `case`, `kind`, `movement`, `time` (null where it only became known), `text`" + ` |
| ` + "`diff`" + ` | ` + "`rule`, `from`, `to`, `at`; `changes`: `victim`, `asset`, `before`, `after` (ledger rows, or null); `events`, as in timeline, the first thousand; `count` of all" + ` |
| ` + "`import`" + ` | one object for one file, a list for several: ` + "`file`, `sha256`, `format`, `read`, `recorded`, `repeated`, `rejected`, `noise`, `rejects` (`line`, `field`, `reason`, and `page` in a workbook), `warnings` (`line`, `reason`), `unlisted` (rejects and warnings beyond the lists), `dry_run`; read = recorded + repeated + rejected + noise" + ` |
| ` + "`freeze list`" + ` | ` + "`now`, `position`, `at`, `known_at`; `freezes`, where most is expected to be lost within the next hour first: `case`, `freeze`, `state`, `since`, `source`, `account`, `asset`, `institution`, `country`, `local_time` and `open` (null: not known), `contact`, `mechanism`, `owner`, `rule`, `lost_at`, `minutes_since_loss`, `asked` (null: all that is there), `held`, `traced`, `expected`, `lost_per_hour`, `basis`, `next`, `deadline`, `deadline_for`, `overdue`, `lapses`, `lapsed`, `order_due`, `order_overdue`, `others`, `hop`, `care`" + ` |
| ` + "`freeze show`" + ` | ` + "`case`, `freeze`, `state`, `unasked`, `account`, `asset`, `scope`, `amount` and `traced` (or null), `rule`, `victims`, `mechanism`, `drafter`, `approver`, `submitter`, `urgent`, `answer`, `acknowledged_as`, `until`; `sums`: `held`, `held_now`, `released`, `returned`, `seized`, `restored`, `transferred`; `steps`, in the order learnt: `step`, `at`, `by`, `told`, `reference`, `amount`, `note`, `unexpected`; `deadlines`: `what`, `at`, `lapses`, `overdue`, `basis`, `holidays_known`; `possible`, `warnings`, `coerced`, `request` (as recorded)" + ` |
| ` + "`freeze` and a step" + ` | ` + "as what records something, and `freeze`, `step`, `state`, `unexpected`, `possible`, `sums`; of a draft `amount`, `traced`, `victims`, `warnings`" + ` |
| ` + "`freeze restore`" + ` | ` + "where clew works out the shares, also `shares` (`victim`, `payer` where he stands in the victim's place, `amount`, `asset`), `left` (what nobody may receive), `rule` (of method trace, or null); with --dry-run `case`, `freeze`, `dry_run` and those three" + ` |
| ` + "`freeze replay`" + ` | ` + "`freeze`, `account`, `asset`, `held_at`, `told`, `hop`; `curve`: `minutes_earlier`, `held`, `traced`, `more`, `victims`, `hops` (`hop`, `traced`)" + ` |
| ` + "`freeze mechanisms`" + ` | ` + "a list of `mechanism`, `title`, `starts`, `countries`, `criteria`, `clocks`, `order_due`, `valid_from`, `valid_to`, `papers`, `note`, `source`" + ` |
| ` + "`totals`" + ` | ` + "`rule`, `as_of`, `position`, `overlap`; `rows`: `group`, `asset`, `requests`, `requested`, `held`, `held_traced`, `over_held`, `under_held`, `seized`, `restored`, `released`, `returned`, `transferred`, `success_rate`, `median_minutes_to_hold`; with --published `published`: `publisher`, `of`, `period`, `measure`, `value`, `unit`, `source`" + ` |
| ` + "`targets`" + ` | ` + "as trace begins, then `now`, `minutes_to_hold`, `minutes_to_hold_from`; `targets`, best first: `account`, `asset`, `traced`, `expected`, `least`, `most`, `only_under`, `victims`, `institution`, `country`, `seen`, `basis`, `hop`, `frontier`, `care`, `innocent`, `why`" + ` |
| ` + "`movement show`" + ` | ` + "how it reads: `movement`, `kind`, `time`, `from`, `to`, `amount`, `asset`, `to_amount`, `to_asset`, `fee`, `fee_asset`, `of`, `inputs`, `outputs`, `source`, `id`, `ref`, `note`; `victim` and `scam` of the report that stands; `withdrawn`; `joined`, `tellings`; `history`, as in timeline; `evidence`: `sha256`, `file`, `line`, `page`, `text`" + ` |
| ` + "`account show`" + ` | ` + "`account`, `as` (walked under that name), `names`, `kind`, `end`, `holder`, `institution`, `country`, `victim`, `not_victim`, `shared`, `innocent`, `coerced`, `basis`, `labels`; `pools`, as accounts in trace; `movements`: `movement`, `kind`, `time`, `in`, `out`, `balance` (as a statement states it), `asset`, `other`, `victim`; `findings`, as in mules" + ` |
| ` + "`mules`" + ` | ` + "`case`, `position`, `at`, `known_at`; `findings`, by account: `account`, `asset`, `indicator`, `version`, `strength`, `says`, `innocent_explanation`, `recognised`, `from`, `to`, `movements`, `thresholds`" + ` |
| ` + "`victim show`" + ` | ` + "`victim`, `category`, `name`, `contact`, `country`, and of one victim `homes`, `payments`" + ` |
| ` + "`case show`, `case list`" + ` | ` + "`case`, `title`, `currency`, `closed`, `links`; shown: `rule` (or null), `files`, `victims`, `accounts`, `identified`, `notes`; listed: the numbers of `victims` and `files`" + ` |
| ` + "`match`" + ` | ` + "a list of pairs `one`, `other`: `movement`, `time`, `source`, `ref`, `from`, `to`, `amount`, `asset`, `victim`" + ` |
| ` + "`evidence`" + ` | ` + "listed: `sha256`, `file`, `format`, `source`, `size`, `rejected`, `position`; the rejected lines: `sha256`, `line`, `page`, `field`, `reason`, `position`; shown: `sha256`, `line`, `text`, `filed`" + ` |
| ` + "`projections`, `rebuild`" + ` | ` + "`head`; `projections`: `name`, `version`, `position`, `fingerprint`, and `parked` where one stands still" + ` |
| what records something | ` + "`first` and `last` position of what was recorded (null: nothing new), `repeated` (it was recorded before), and what it is about: `case`, `movement`, `victim`, `account` …" + ` |

## Two times

` + "`--at T`" + ` is what had happened by T; ` + "`--known-at T`" + `, or ` + "`--upto N`" + `, is what had been recorded by then. Both are inclusive, a bare date
means the end of that day in UTC, and the two can be combined. A case that was not open yet is not found.
`
