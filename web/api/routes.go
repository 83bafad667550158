package api

// row is one operation: a command of clew under an address. What stands in
// braces in the path, and what the command takes besides, has the names and
// the meaning that the command gives it.
type row struct {
	method, path string
	command      string
	args         string // names of its arguments in order, each from the path or from what is sent
	act          string // of casework's table
	set          string // flags that the address stands for: "list", "format=svg"
	without      string // flags that are not offered: those that name files of the server
	answer       string // which of the command's answers it is
	sends        sent   // what comes with the request
	gives        given  // what the answer is, where it is not JSON
	across       bool   // about several cases, or about one that is not in the path
	check        check  // what must hold besides; nil: nothing
}

// sent is what comes with a request that records something.
type sent int

const (
	fields sent = iota // a JSON object
	file               // a file, as it is or in a form
)

// given is the media type of what a command writes by itself; "": its JSON.
type given string

const (
	zipped   given = "application/zip"
	anything given = "application/octet-stream"
	written  given = "text/html; charset=utf-8"
	drawn    given = "image/svg+xml"
	graphed  given = "application/graphml+xml"
	tabled   given = "text/csv; charset=utf-8; header=present"
	plain    given = "application/json"
)

// rows is the whole menu.
func rows() []row {
	var list []row
	for _, part := range [][]row{readings(), records(), freezes(), keeping(), trust(), people(), statistics()} {
		list = append(list, part...)
	}
	return list
}

// readings are what is asked about cases.
func readings() []row {
	return []row{
		{method: "GET", path: "/cases", command: "case list", act: "Reading", across: true},
		{method: "GET", path: "/cases/{case}", command: "case show", args: "case", act: "Reading"},
		{method: "GET", path: "/cases/{case}/trace", command: "trace", args: "case", act: "Reading"},
		{method: "GET", path: "/cases/{case}/where", command: "where", args: "case", act: "Reading"},
		{method: "GET", path: "/cases/{case}/ledger", command: "ledger", args: "case", act: "Reading"},
		{method: "GET", path: "/cases/{case}/explain", command: "explain", args: "case", act: "Reading"},
		{method: "GET", path: "/cases/{case}/rules", command: "rules", args: "case", act: "Reading"},
		{method: "GET", path: "/cases/{case}/timeline", command: "timeline", args: "case", act: "Reading"},
		{method: "GET", path: "/cases/{case}/diff", command: "diff", args: "case", act: "Reading"},
		{method: "GET", path: "/cases/{case}/targets", command: "targets", args: "case", act: "Reading"},
		{method: "GET", path: "/cases/{case}/mules", command: "mules", args: "case", act: "Reading", without: "thresholds"},
		{method: "GET", path: "/cases/{case}/flow", command: "export", args: "case", act: "Flow", set: "format=json", without: "output", gives: plain},
		{method: "GET", path: "/cases/{case}/flow.svg", command: "export", args: "case", act: "Flow", set: "format=svg", without: "output", gives: drawn},
		{method: "GET", path: "/cases/{case}/flow.csv", command: "export", args: "case", act: "Flow", set: "format=csv", without: "output", gives: tabled},
		{method: "GET", path: "/cases/{case}/flow.graphml", command: "export", args: "case", act: "Flow", set: "format=graphml", without: "output", gives: graphed},
		{method: "GET", path: "/cases/{case}/scams", command: "scam show", args: "case", act: "Reading"},
		{method: "GET", path: "/cases/{case}/links", command: "links", args: "case", act: "Links"},
		{method: "GET", path: "/cases/{case}/links/hubs", command: "links hubs", args: "case", act: "Hubs"},
		{method: "GET", path: "/cases/{case}/links/rings", command: "links rings", args: "case", act: "Links"},
		{method: "GET", path: "/cases/{case}/links/routes", command: "links routes", args: "case", act: "Hubs"},
		{method: "GET", path: "/cases/{case}/suggestions", command: "victim suggest", args: "case", act: "Reading"},
		{method: "GET", path: "/cases/{case}/notices", command: "notice show", args: "case", act: "Reading"},
		{method: "GET", path: "/cases/{case}/identifiers", command: "identifier list", args: "case", act: "Reading"},
		{method: "GET", path: "/cases/{case}/victims", command: "victim show", args: "case", act: "Reading", answer: "all"},
		{method: "GET", path: "/cases/{case}/victims/{victim}", command: "victim show", args: "case victim", act: "Reading"},
		{method: "GET", path: "/cases/{case}/accounts", command: "account show", args: "case", act: "Reading", answer: "all"},
		{method: "GET", path: "/cases/{case}/accounts/{account}", command: "account show", args: "case account", act: "Reading"},
		{method: "GET", path: "/cases/{case}/movements", command: "movement list", args: "case", act: "Reading"},
		{method: "GET", path: "/cases/{case}/movements/{movement}", command: "movement show", args: "case movement", act: "Reading"},
		{method: "GET", path: "/cases/{case}/doubles", command: "match", args: "case", act: "Reading", without: "join apart basis"},
		{method: "GET", path: "/cases/{case}/evidence", command: "evidence list", args: "case", act: "Reading", without: "rejects"},
		{method: "GET", path: "/cases/{case}/rejects", command: "evidence list", args: "case", act: "Reading", set: "rejects", answer: "rejects"},
		{method: "GET", path: "/cases/{case}/evidence/{sha}", command: "evidence show", args: "sha", act: "OpenEvidence", check: filed},
		{method: "GET", path: "/cases/{case}/evidence/{sha}/content", command: "evidence show", args: "sha", act: "OpenEvidence", without: "line", gives: anything, check: filed},
		{method: "GET", path: "/cases/{case}/persons", command: "person show", args: "case", act: "Reading"},
		{method: "GET", path: "/cases/{case}/privacy", command: "privacy show", args: "case", act: "Reading"},
		{method: "GET", path: "/cases/{case}/freezes", command: "freeze list", act: "Reading"},
		{method: "GET", path: "/cases/{case}/freezes/{freeze}", command: "freeze show", args: "case freeze", act: "Reading"},
		{method: "GET", path: "/cases/{case}/freezes/{freeze}/replay", command: "freeze replay", args: "case freeze", act: "Reading"},
		{method: "GET", path: "/freezes", command: "freeze list", act: "Reading", across: true, check: seen},
		{method: "GET", path: "/totals", command: "totals", act: "Reading", across: true, check: whole},
		{method: "GET", path: "/namesakes", command: "person find", args: "name", act: "Namesakes", across: true},
		{method: "GET", path: "/thresholds", command: "mules thresholds", act: "registers"},
		{method: "GET", path: "/centres", command: "centre list", act: "Reading", across: true},
		{method: "GET", path: "/words", command: "scam words", act: "registers"},
		{method: "GET", path: "/mechanisms", command: "freeze mechanisms", act: "registers", without: "file"},
		{method: "GET", path: "/limits", command: "freeze limit show", act: "registers"},
		{method: "GET", path: "/assets", command: "asset list", act: "registers"},
		{method: "GET", path: "/formats", command: "formats", act: "registers"},
		{method: "GET", path: "/template", command: "template", act: "registers", without: "sheet"},
		{method: "GET", path: "/version", command: "version", act: "registers"},
	}
}

// statistics are counted over every case, or over one.
func statistics() []row {
	var list []row
	for _, of := range names("losses typologies lures countries trafficked ledgers corridors operations centres crimes notices") {
		list = append(list, row{method: "GET", path: "/stats/" + of, command: "stats " + of, act: "Reading", across: true, without: "published", check: whole})
	}
	return list
}

// records are what people record by hand, and what they decide.
func records() []row {
	return []row{
		{method: "POST", path: "/cases", command: "case open", args: "case", act: "OpenCase", across: true},
		{method: "POST", path: "/cases/{case}/notes", command: "case note", args: "case text", act: "NoteCase"},
		{method: "POST", path: "/cases/{case}/close", command: "case close", args: "case", act: "CloseCase"},
		{method: "POST", path: "/cases/{case}/links", command: "case link", args: "case other", act: "LinkCase", check: otherToo},
		{method: "POST", path: "/cases/{case}/assign", command: "case assign", args: "case", act: "AssignCase"},
		{method: "POST", path: "/cases/{case}/identifiers", command: "identifier note", args: "case sort value", act: "NoteIdentifier"},
		{method: "POST", path: "/cases/{case}/identifiers/{identifier}/withdraw", command: "identifier withdraw", args: "case identifier", act: "WithdrawIdentifier"},
		{method: "POST", path: "/cases/{case}/imports", command: "import", act: "Import", without: "map", sends: file},
		{method: "POST", path: "/cases/{case}/victims", command: "victim add", args: "case victim", act: "AddVictim"},
		{method: "POST", path: "/cases/{case}/accounts", command: "account describe", args: "case account", act: "DescribeAccount"},
		{method: "POST", path: "/cases/{case}/identities", command: "account identify", args: "case account", act: "IdentifyAccounts"},
		{method: "POST", path: "/cases/{case}/labels", command: "label attach", args: "case account label", act: "AttachLabel"},
		{method: "POST", path: "/cases/{case}/labels/withdraw", command: "label withdraw", args: "case account label", act: "WithdrawLabel"},
		{method: "POST", path: "/cases/{case}/payments", command: "payment report", args: "case", act: "Pay"},
		{method: "POST", path: "/cases/{case}/payments/{movement}/withdraw", command: "payment withdraw", args: "case movement", act: "WithdrawReport"},
		{method: "POST", path: "/cases/{case}/movements/{movement}/correct", command: "movement correct", args: "case movement", act: "CorrectMovement"},
		{method: "POST", path: "/cases/{case}/movements/{movement}/withdraw", command: "movement withdraw", args: "case movement", act: "WithdrawMovement"},
		{method: "POST", path: "/cases/{case}/movements/{join}/join", command: "match", args: "case other", act: "JoinMovements", without: "apart at known-at upto", answer: "decided"},
		{method: "POST", path: "/cases/{case}/movements/{apart}/apart", command: "match", args: "case other", act: "SeparateMovements", without: "join at known-at upto", answer: "decided"},
		{method: "POST", path: "/cases/{case}/rule", command: "rule lock", args: "case rule", act: "LockRule"},
		{method: "POST", path: "/cases/{case}/scams", command: "scam describe", args: "case", act: "DescribeScam"},
		{method: "POST", path: "/cases/{case}/scams/withdraw", command: "scam withdraw", args: "case", act: "WithdrawScam"},
		{method: "POST", path: "/cases/{case}/persons", command: "person add", args: "case person", act: "RegisterPerson"},
		{method: "POST", path: "/cases/{case}/findings", command: "person finding", args: "case text", act: "NoteFinding"},
		{method: "POST", path: "/cases/{case}/reimbursements", command: "reimbursement record", args: "case", act: "RecordReimbursement"},
		{method: "POST", path: "/cases/{case}/reimbursements/{reimbursement}/withdraw", command: "reimbursement withdraw", args: "case reimbursement", act: "WithdrawReimbursement"},
		{method: "POST", path: "/cases/{case}/evidence/{sha}/handling", command: "evidence handling", args: "case sha", act: "SetHandling"},
		{method: "POST", path: "/cases/{case}/operations", command: "operation join", args: "case operation", act: "JoinOperation"},
		{method: "POST", path: "/cases/{case}/operations/{operation}/leave", command: "operation leave", args: "case operation", act: "LeaveOperation"},
		{method: "POST", path: "/cases/{case}/crimes", command: "case flag", args: "case crime", act: "FlagCrime"},
		{method: "POST", path: "/cases/{case}/crimes/{crime}/unflag", command: "case unflag", args: "case crime", act: "UnflagCrime"},
		{method: "POST", path: "/cases/{case}/notices", command: "notice link", args: "case notice", act: "LinkNotice"},
		{method: "POST", path: "/cases/{case}/notices/unlink", command: "notice unlink", args: "case notice", act: "UnlinkNotice"},
		{method: "POST", path: "/cases/{case}/centres", command: "centre link", args: "case centre", act: "LinkCentre"},
		{method: "POST", path: "/cases/{case}/centres/{centre}/unlink", command: "centre unlink", args: "case centre", act: "UnlinkCentre"},
		{method: "POST", path: "/centres", command: "centre describe", args: "centre", act: "DescribeCentre"},
		{method: "POST", path: "/centres/{centre}/withdraw", command: "centre withdraw", args: "centre", act: "WithdrawCentre"},
		{method: "POST", path: "/operations", command: "operation describe", args: "operation", act: "DescribeOperation"},
		{method: "POST", path: "/thresholds", command: "mules set", args: "indicator threshold value", act: "SetIndicator"},
		{method: "POST", path: "/assets", command: "asset add", args: "code", act: "AddAsset"},
		{method: "POST", path: "/rates", command: "rate publish", args: "rates…", act: "PublishRates"},
		{method: "POST", path: "/limits", command: "freeze limit set", args: "amount asset", act: "SetFreezeLimit"},
	}
}

// freezes are a request to stop money and what becomes of it.
func freezes() []row {
	list := []row{
		{method: "POST", path: "/cases/{case}/freezes", command: "freeze request", args: "case", act: "RequestFreeze"},
		{method: "POST", path: "/cases/{case}/holds", command: "freeze hold", args: "case", act: "RecordHold", set: "unasked"},
		{method: "POST", path: "/cases/{case}/freezes/{freeze}/hold", command: "freeze hold", args: "case freeze", act: "StepFreeze",
			without: "unasked account mechanism id payment basis requesting responding contact country operation"},
		{method: "POST", path: "/cases/{case}/freezes/{freeze}/answer", command: "freeze answer", args: "case freeze answer", act: "StepFreeze"},
		{method: "POST", path: "/cases/{case}/freezes/{freeze}/restore", command: "freeze restore", args: "case freeze", act: "Restitute", without: "dry-run"},
		{method: "POST", path: "/cases/{case}/freezes/{freeze}/restore/rehearsal", command: "freeze restore", args: "case freeze", act: "Divide", set: "dry-run", answer: "rehearsed"},
		{method: "POST", path: "/cases/{case}/freezes/{freeze}/papers/{kind}", command: "freeze paper", args: "case freeze kind", act: "Paper"},
		{method: "POST", path: "/cases/{case}/answers", command: "freeze read", args: "case file", act: "ReadAnswers", sends: file},
	}
	for _, step := range names("approve submit withdraw acknowledge extend release expire return seize transfer reject contest decide") {
		act := "StepFreeze"
		if step == "submit" {
			act = "submit"
		}
		list = append(list, row{method: "POST", path: "/cases/{case}/freezes/{freeze}/" + step, command: "freeze " + step, args: "case freeze", act: act})
	}
	return list
}

// keeping is how long personal data is kept, and when it is not.
func keeping() []row {
	return []row{
		{method: "POST", path: "/cases/{case}/privacy/holds", command: "privacy hold", args: "case", act: "PlaceLegalHold"},
		{method: "POST", path: "/cases/{case}/privacy/holds/{hold}/lift", command: "privacy lift", args: "case hold", act: "LiftLegalHold"},
		{method: "POST", path: "/cases/{case}/privacy/restrictions", command: "privacy restrict", args: "case", act: "Restrict"},
		{method: "POST", path: "/cases/{case}/privacy/review", command: "privacy review", args: "case", act: "SetReview"},
		{method: "POST", path: "/cases/{case}/erasures", command: "vault erase", args: "case", act: "Erase"},
	}
}

// trust is what lets outsiders check the log.
func trust() []row {
	return []row{
		{method: "GET", path: "/verify", command: "verify", act: "Verify", without: "head witness log-key since watch"},
		{method: "GET", path: "/checkpoints", command: "checkpoint", act: "Signed", set: "list", without: "export add witness", answer: "list"},
		{method: "POST", path: "/checkpoints", command: "checkpoint", act: "SignHead", without: "export add list witness"},
		{method: "GET", path: "/proofs/{position}", command: "prove", args: "position", act: "Prove", without: "witness"},
		{method: "GET", path: "/keys", command: "key show", act: "Keys"},
		{method: "GET", path: "/projections", command: "projections", act: "Verify"},
		{method: "GET", path: "/reads", command: "reads", act: "audit"},
		{method: "POST", path: "/cases/{case}/report", command: "report", args: "case", act: "Report", without: "format output browser", gives: written},
		{method: "POST", path: "/cases/{case}/bundle", command: "bundle", args: "case", act: "Bundle", without: "file witness", gives: zipped},
	}
}

// people are those who may come in, and by what.
func people() []row {
	return []row{
		{method: "GET", path: "/users", command: "user list", act: "Access"},
		{method: "POST", path: "/users", command: "user add", args: "user", act: "AdmitUser", check: ranks},
		{method: "POST", path: "/users/{user}/role", command: "user role", args: "user role", act: "GiveRole", check: ranks},
		{method: "POST", path: "/users/{user}/cases", command: "user case", args: "user case", act: "JoinCase", check: ranks},
		{method: "POST", path: "/users/{user}/remove", command: "user remove", args: "user", act: "RemoveUser", check: ranks},
		{method: "POST", path: "/users/{user}/links", command: "user link", args: "user", act: "IssueLink", check: himself},
		{method: "GET", path: "/hooks", command: "hook list", act: "hooks"},
		{method: "POST", path: "/hooks", command: "hook add", args: "url", act: "hooks"},
		{method: "POST", path: "/hooks/{hook}/remove", command: "hook remove", args: "hook", act: "hooks"},
		{method: "GET", path: "/hooks/{hook}/parked", command: "hook parked", args: "hook", act: "hooks"},
		{method: "POST", path: "/hooks/{hook}/parked/{parcel}/retry", command: "hook retry", args: "hook parcel", act: "hooks", without: "hooks-within"},
		{method: "GET", path: "/tokens", command: "token list", act: "Access"},
		{method: "POST", path: "/users/{user}/tokens", command: "token new", args: "user token", act: "IssueToken", check: himself},
		{method: "POST", path: "/users/{user}/tokens/{token}/revoke", command: "token revoke", args: "user token", act: "RevokeToken", check: himself},
	}
}

// Elsewhere are the commands that have no address, and why.
func Elsewhere() map[string]string {
	return map[string]string{
		"demo":          "makes a store of its own",
		"serve":         "is the server",
		"mules watch":   "tells as things are recorded: a program listens to the events of a case, and asks then",
		"backup":        "writes to the server's disk; its owner does that at the machine",
		"restore":       "makes a log where there is none",
		"rebuild":       "is for who looks after the machine: it empties the read models under everybody's hands",
		"witness":       "is for outsiders, on their own machine",
		"key create":    "makes a secret on the server's disk",
		"key rotate":    "replaces a secret on the server's disk",
		"key export":    "GET /keys shows the keys; the notes lie in bundles",
		"vault status":  "speaks of secrets on the server's disk",
		"vault create":  "makes secrets on the server's disk",
		"vault protect": "changes how secrets lie on the server's disk",
		"vault export":  "copies secrets",
	}
}

// Addressed are the commands that have an address.
func Addressed() map[string]bool {
	names := map[string]bool{}
	for _, r := range rows() {
		names[r.command] = true
	}
	return names
}
