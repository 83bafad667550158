package casework

import "sync"

// Role is what somebody may be to an installation. The command line works as
// the owner of the log's file, who may do everything; the table below is what
// a server goes by. Only the command line and an owner can make an owner.
type Role string

// The roles (TRUST, Who may do what).
const (
	Investigator Role = "investigator" // the cases he is on
	FIU          Role = "fiu"          // freeze requests and answers
	Police       Role = "police"       // submits
	Auditor      Role = "auditor"      // reads and verifies everything, changes nothing
	Admin        Role = "admin"        // people and keys, no case data
	Owner        Role = "owner"        // of the log's file: everything, as the command line may
)

// Roles lists every role.
func Roles() []Role { return []Role{Investigator, FIU, Police, Auditor, Admin, Owner} }

// Reach is how far a role may go with an act.
type Reach string

// The reaches. Where an act concerns no case, a role has it or not.
const (
	Nowhere    Reach = ""
	OwnCases   Reach = "own"   // the cases he is on
	AnyPurpose Reach = "asked" // his own, and others' where a purpose is given: it is logged
	Everywhere Reach = "any"
)

// Permission is one row of the table: who may carry out an act, and where.
// Act is the name of a command of package domain, or of what a Desk does.
type Permission struct {
	Act   string
	Reach map[Role]Reach
}

// May says how far a role may go with an act; what stands in no row nobody may
// do.
func May(role Role, act string) Reach { return reaches()[act][role] }

// Known says whether an act stands in the table.
func Known(act string) bool { return reaches()[act] != nil }

// reaches is the table by act, made when it is first asked for.
var reaches = sync.OnceValue(func() map[string]map[Role]Reach {
	byAct := map[string]map[Role]Reach{}
	for _, row := range Permissions() {
		byAct[row.Act] = row.Reach
	}
	return byAct
})

// OfTheServer are the rows that are neither a command nor what a Desk does: a
// step of a freeze, and what a server shows of itself.
func OfTheServer() []string {
	return []string{"submit", "metrics", "registers", "account", "audit", "people", "hooks"}
}

// Allows says whether a reach covers a case that is one's own or not.
func (r Reach) Allows(own, purpose bool) bool {
	return r == Everywhere || r != Nowhere && own || r == AnyPurpose && purpose
}

// Permissions is the table: an act for every row.
func Permissions() []Permission {
	work := map[Role]Reach{Investigator: OwnCases}
	freeze := map[Role]Reach{Investigator: OwnCases, FIU: AnyPurpose}
	submit := map[Role]Reach{FIU: AnyPurpose, Police: OwnCases}
	read := map[Role]Reach{Investigator: AnyPurpose, FIU: AnyPurpose, Police: OwnCases, Auditor: Everywhere}
	combine := map[Role]Reach{Investigator: AnyPurpose, FIU: AnyPurpose, Auditor: Everywhere}
	give := map[Role]Reach{Investigator: OwnCases, FIU: AnyPurpose, Auditor: Everywhere}
	keep := map[Role]Reach{Investigator: OwnCases, Admin: Nowhere}
	register := map[Role]Reach{Investigator: Everywhere, FIU: Everywhere}
	rows := []Permission{}
	for _, group := range []struct {
		reach map[Role]Reach
		acts  []string
	}{
		{work, []string{"OpenCase", "NoteCase", "LinkCase", "CloseCase", "AddVictim", "DescribeAccount", "IdentifyAccounts", "AttachLabel", "WithdrawLabel",
			"LockRule", "RegisterPerson", "NoteFinding", "ReportMovement", "WithdrawReport", "CorrectMovement", "WithdrawMovement", "JoinMovements",
			"SeparateMovements", "AssignCase", "NoteIdentifier", "WithdrawIdentifier", "RecordReimbursement", "WithdrawReimbursement", "FreezeNews", "SetHandling",
			"DescribeScam", "WithdrawScam", "JoinOperation", "LeaveOperation", "LinkNotice", "UnlinkNotice", "LinkCentre", "UnlinkCentre", "FlagCrime", "UnflagCrime",
			"Do", "About", "AboutTwo", "Import", "Link", "Pay", "PutEvidence"}},
		{freeze, []string{"RequestFreeze", "StepFreeze", "RecordHold", "ReadAnswers", "Restitute", "Paper"}},
		{submit, []string{"submit"}}, // the step of a freeze by which it goes out
		{read, []string{"Opened", "OpenEvidence", "OpenFile", "Passage", "Reading", "LearnErasures", "Divide", "Flow"}},
		{combine, []string{"Namesakes", "Links", "AccountLinks", "Met", "Hubs"}},
		{give, []string{"Bundle", "Report"}},
		{keep, []string{"PlaceLegalHold", "LiftLegalHold", "Restrict", "Erase", "SetReview"}},
		{register, []string{"AddAsset", "PublishRates", "SetFreezeLimit", "SetIndicator", "DescribeOperation", "DescribeCentre", "WithdrawCentre"}},
		{map[Role]Reach{Investigator: Everywhere, FIU: Everywhere, Police: Everywhere, Auditor: Everywhere, Admin: Everywhere},
			[]string{"Verify", "Prove", "Keyring", "Keys", "LastSigned", "Signed", "SignHead", "AddSignatures"}}, // of hashes, no case data
		{map[Role]Reach{Investigator: Everywhere, FIU: Everywhere, Police: Everywhere, Auditor: Everywhere, Admin: Everywhere},
			[]string{"registers", "account"}}, // assets, rates, formats, rules, mechanisms; oneself: no case data
		{map[Role]Reach{Auditor: Everywhere, Admin: Everywhere}, []string{"metrics"}},
		{map[Role]Reach{Auditor: Everywhere}, []string{"audit"}}, // the log of reads, and who may see what
		{map[Role]Reach{Admin: Everywhere}, []string{"AdoptKey", "people", "hooks", "Grant", "AdmitUser", "GiveRole", "RemoveUser", "JoinCase", "LeaveCase"}},
		{map[Role]Reach{Auditor: Everywhere, Admin: Everywhere}, []string{"Access", "AccessAt", "AccessHistory"}},
		{map[Role]Reach{Investigator: Everywhere, FIU: Everywhere, Police: Everywhere, Auditor: Everywhere, Admin: Everywhere},
			[]string{"SignIn", "SignOut", "IssueToken", "RevokeToken", "IssueLink"}}, // for himself; for others whoever may "people"
	} {
		for _, act := range group.acts {
			rows = append(rows, Permission{act, withOwner(group.reach)})
		}
	}
	return rows
}

// withOwner adds the owner to a row: he could do it at the command line.
func withOwner(reach map[Role]Reach) map[Role]Reach {
	reach[Owner] = Everywhere
	return reach
}
