package pages

import (
	"net/http"

	"clew/casework"
	"clew/vault"
	"clew/web/assets"
	"clew/web/gate"
)

// Routes are the pages.
func Routes(office *gate.Office) []gate.Route {
	s := &screens{office, newStage(office.Stopping)}
	routes := []gate.Route{
		{Method: "GET", Pattern: "/{$}", Public: true, Handler: http.HandlerFunc(home)},
		{Method: "GET", Pattern: assets.Pattern, Public: true, Handler: assets.Handler()},
		{Method: "GET", Pattern: "/report.css", Public: true, Handler: http.HandlerFunc(reportCSS)},
		{Method: "GET", Pattern: "/help", Public: true, Handler: s.show(s.helpList)},
		{Method: "GET", Pattern: "/help/{page...}", Public: true, Handler: s.show(s.help)},
		{Method: "POST", Pattern: "/look", Public: true, Handler: http.HandlerFunc(s.look)},
		{Method: "GET", Pattern: "/cases", Act: "Reading", Across: true, Handler: s.show(s.cases)},
		{Method: "GET", Pattern: "/freezes", Act: "Reading", Across: true, Handler: s.show(s.queue)},
		{Method: "GET", Pattern: "/totals", Act: "Reading", Across: true, Handler: s.show(s.totals)},
		{Method: "GET", Pattern: "/stats", Act: "Reading", Across: true, Handler: s.show(s.statsList)},
		{Method: "GET", Pattern: "/stats/{of}", Act: "Reading", Across: true, Handler: s.show(s.stats)},
		{Method: "GET", Pattern: "/find", Act: "Reading", Across: true, Handler: s.show(s.find)},
		{Method: "GET", Pattern: "/verify", Act: "Verify", Handler: s.show(s.verify)},
		{Method: "POST", Pattern: "/verify", Act: "Verify", Streams: true, Handler: s.show(s.verifyNow)},
		{Method: "GET", Pattern: "/audit", Act: "audit", Handler: s.show(s.audit)},
		{Method: "POST", Pattern: "/cases", Act: "OpenCase", Across: true, Handler: s.record(s.openCase, s.casesAgain)},
		{Method: "POST", Pattern: "/samples", Act: "OpenCase", Across: true, Handler: s.record(s.sample, nil)},
	}
	for screen, do := range map[string]screen{
		"": s.overview, "/ledger": s.ledger, "/where": s.where, "/targets": s.targets, "/explain": s.explain, "/movement": s.movement,
		"/accounts": s.accounts, "/account": s.account, "/mules": s.mules, "/timeline": s.timeline, "/files": s.files, "/files/{file}": s.kept,
		"/freezes": s.queue, "/freezes/new": s.request, "/freezes/{freeze}": s.freeze, "/rules": s.rules, "/file": s.caseFile, "/freezes/{freeze}/earlier": s.earlier,
	} {
		routes = append(routes, gate.Route{Method: "GET", Pattern: "/cases/{case}" + screen, Act: "Reading", Case: gate.CaseInPath, Handler: s.show(do)})
	}
	for _, form := range []struct {
		screen, act string
		do          act
		again       again
	}{
		{"/account", "DescribeAccount", s.sayOfAccount, s.accountPage},
		{"/freezes/new", "RequestFreeze", s.draftFreeze, s.requestPage},
		{"/rules", "LockRule", s.lock, s.rulesPage},
		{"/file", "NoteCase", s.sayOfCase, s.caseFilePage},
		{"/import/{intake}", "Import", s.recordFile, nil},
	} {
		routes = append(routes, gate.Route{Method: "POST", Pattern: "/cases/{case}" + form.screen, Act: form.act, Case: gate.CaseInPath, Handler: s.record(form.do, form.again)})
	}
	routes = append(routes, gate.Route{Method: "POST", Pattern: "/cases/{case}/movement", Act: "ReportMovement", Case: gate.CaseInPath,
		Handler: s.beforeCorrecting(s.record(s.sayOfMovement, s.movementPage))})
	for _, row := range stepTable {
		routes = append(routes, gate.Route{Method: "POST", Pattern: "/cases/{case}/freezes/{freeze}/" + string(row.step), Act: actOf(row.step), Case: gate.CaseInPath,
			Handler: s.record(s.step(row.step), s.freezePage)})
	}
	return append(routes, s.transfers()...)
}

// home leads to the cases; whoever looks after the people alone, to himself.
func home(w http.ResponseWriter, r *http.Request) {
	who, to := gate.Who(r.Context()), "/cases"
	if who.Name != "" && casework.May(who.Role, "Reading") == casework.Nowhere {
		to = "/me"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// transfers are the routes by which files come and go.
func (s *screens) transfers() []gate.Route {
	in := func(r gate.Route) gate.Route { r.Case = gate.CaseInPath; return r }
	return []gate.Route{
		in(gate.Route{Method: "POST", Pattern: "/cases/{case}/import", Act: "Import", Streams: true, Body: maxUpload, Handler: http.HandlerFunc(s.lookAt)}),
		in(gate.Route{Method: "GET", Pattern: "/cases/{case}/import/{intake}", Act: "Import", Handler: http.HandlerFunc(s.intakePage)}),
		in(gate.Route{Method: "GET", Pattern: "/cases/{case}/flow/board", Act: "Flow", Handler: http.HandlerFunc(s.board)}),
		in(gate.Route{Method: "GET", Pattern: "/cases/{case}/flow/pass", Act: "Flow", Handler: http.HandlerFunc(s.pass)}),
		in(gate.Route{Method: "GET", Pattern: "/cases/{case}/flow/{format}", Act: "Reading", Does: vault.Exported, Handler: http.HandlerFunc(s.exportFlow)}),
		in(gate.Route{Method: "GET", Pattern: "/cases/{case}/report", Act: "Report", Does: vault.Exported, Handler: http.HandlerFunc(s.printed)}),
		in(gate.Route{Method: "GET", Pattern: "/cases/{case}/links", Act: "Links", Does: vault.Combined, Handler: s.show(s.links)}),
		in(gate.Route{Method: "GET", Pattern: "/cases/{case}/rejects", Act: "Reading", Does: vault.Exported, Handler: http.HandlerFunc(s.rejects)}),
		in(gate.Route{Method: "GET", Pattern: "/cases/{case}/files/{file}/whole", Act: "OpenFile", Streams: true, Handler: http.HandlerFunc(s.whole)}),
		in(gate.Route{Method: "GET", Pattern: "/cases/{case}/freezes/{freeze}/papers/{kind}", Act: "Paper", Handler: http.HandlerFunc(s.paper)}),
		in(gate.Route{Method: "POST", Pattern: "/cases/{case}/freezes/answers", Act: "ReadAnswers", Body: maxMap, Handler: http.HandlerFunc(s.readAnswers)}),
	}
}
