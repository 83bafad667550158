package pages

import (
	"clew/casework"
	"clew/web/assets"
)

// entry is one item of the bar on top.
type entry struct {
	Text, To string
	Act      string // whoever may do it anywhere sees the item
	Here     bool
}

// barOf is what somebody may go to, whatever the case. In a case none of it is
// where he stands.
func barOf(f frame) []entry {
	list := []entry{
		{Text: "Cases", To: "/cases", Act: "Reading"},
		{Text: "Freeze queue", To: "/freezes", Act: "Reading"},
		{Text: "Intercepted", To: "/totals", Act: "Reading"},
		{Text: "Statistics", To: "/stats", Act: "Reading"},
		{Text: "Verify", To: "/verify", Act: "Verify"},
		{Text: "Audit", To: "/audit", Act: "audit"},
		{Text: "Help", To: "/help"},
	}
	return seenBy(f, list)
}

// mineOf is what stands beside somebody's own name: who may come in is about
// people, not about cases.
func mineOf(f frame) []entry {
	return seenBy(f, []entry{{Text: "People", To: "/people", Act: "people"}})
}

// seenBy leaves out what somebody may do nowhere.
func seenBy(f frame, list []entry) []entry {
	var seen []entry
	for _, item := range list {
		if item.Act != "" && casework.May(f.Who.Role, item.Act) == casework.Nowhere {
			continue
		}
		item.Here = f.File == nil && item.To == "/"+f.Tab
		seen = append(seen, item)
	}
	return seen
}

// caseTabs are the screens of a case.
var caseTabs = []link{
	{"Overview", ""}, {"Ledger", "ledger"}, {"Where is the money", "where"}, {"Accounts", "accounts"}, {"Freezes", "freezes"},
	{"Rules", "rules"}, {"Mules", "mules"}, {"Links", "links"}, {"Timeline", "timeline"}, {"Files", "files"}, {"Case file", "file"}, {"Report", "report"},
}

// scripts are the islands that every page has, where they were built in.
func scripts() []string {
	if assets.Has("screens.js") {
		return []string{"screens.js"}
	}
	return nil
}
