package main

import (
	"clew/casework"
	"clew/projections"
	"clew/web/hooks"
)

// answersOf are values of the types that a command's JSON is made of; the API
// describes its answers by them. Under "" stands the usual one, under other
// names what some of its flags or a missing argument turn it into.
func answersOf(command string) map[string]any {
	if several := severalAnswers()[command]; several != nil {
		return several
	}
	if one := soleAnswers()[command]; one != nil {
		return map[string]any{"": one}
	}
	return map[string]any{"": actShape{}}
}

func severalAnswers() map[string]map[string]any {
	return map[string]map[string]any{
		"victim show":    {"": victimFile{}, "all": []victimShape{}},
		"account show":   {"": accountStatement{}, "all": []accountShape{}},
		"evidence list":  {"": []fileShape{}, "rejects": []rejectedShape{}},
		"checkpoint":     {"": checkpointShape{}, "list": []checkpointShape{}},
		"match":          {"": []doubleShape{}, "decided": actShape{}},
		"freeze restore": {"": actShape{}, "rehearsed": rehearsedShape{}},
	}
}

func soleAnswers() map[string]any {
	return map[string]any{
		"case list": []caseListed{}, "case show": caseShape{},
		"trace": traceShape{}, "where": whereShape{}, "ledger": ledgerShape{}, "explain": explainShape{}, "rules": rulesShape{},
		"timeline": timelineShape{}, "diff": diffShape{}, "targets": targetsShape{}, "mules": mulesShape{}, "mules watch": mulesShape{}, "totals": projections.Totals{},
		"movement show": movementShape{}, "movement list": movementsShape{}, "evidence show": evidenceShape{}, "import": importShape{},
		"freeze list": queueShape{}, "freeze show": freezeShape{}, "freeze replay": replayShape{}, "freeze mechanisms": []mechanismShape{},
		"freeze limit show": []limitShape{}, "freeze paper": paperShape{}, "freeze read": answeredShape{},
		"person show": personsShape{}, "person find": []casework.Namesake{}, "privacy show": privacyShape{}, "reads": readsShape{},
		"scam show": []scamShape{}, "scam words": []wordShape{}, "stats losses": lossesShape{}, "stats typologies": lossesShape{}, "stats lures": lossesShape{},
		"stats countries": lossesShape{}, "stats ledgers": ledgersShape{}, "stats corridors": corridorsShape{}, "mules thresholds": []thresholdShape{}, "stats operations": operationsShape{}, "stats trafficked": lossesShape{},
		"links": linksShape{}, "links hubs": hubsShape{}, "links rings": ringsShape{}, "links routes": routesShape{}, "victim suggest": unreportedShape{},
		"notice show": []noticeShape{}, "centre list": []centreShape{}, "stats centres": centreStatsShape{}, "stats crimes": tiesShape{}, "stats notices": tiesShape{},
		"identifier list": []identifierShape{}, "user list": []userShape{}, "token list": []tokenShape{}, "report": reportedReply{}, "bundle": bundledReply{},
		"hook add": hooks.Hook{}, "hook list": []hooks.Hook{}, "hook remove": removedHook{}, "hook parked": []parkedShape{}, "hook retry": sentAgain{},
		"verify": verifiedShape{}, "prove": proofShape{}, "key show": []keyShape{}, "key export": []string{},
		"projections": projections.Standing{}, "asset list": []assetShape{}, "formats": []formatShape{}, "template": templateShape{}, "version": versionShape{},
	}
}
