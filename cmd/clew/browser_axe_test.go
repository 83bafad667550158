package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// axe-core (testdata/SOURCES.md) finds what keeps people out who use a
// keyboard, a magnifier or a screen reader. It is put into a world of its own
// beside the page's, so that the page's policy stays as it is.
//
//go:embed testdata/axe/axe.min.js
var axeCore string

// The rules that are asked for: WCAG 2.2, levels A and AA, and what axe's
// makers found to be good. In the second theme only colours differ.
const (
	allRules    = `{type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}`
	colourRules = `{type: 'rule', values: ['color-contrast', 'link-in-text-block']}`
)

// violation is one finding of axe.
type violation struct {
	ID, Help string
	Nodes    []struct {
		HTML           string `json:"html"`
		FailureSummary string `json:"failureSummary"`
	}
}

// accessible complains of all that axe finds on the page.
func (b *tab) accessible(where, rules string) {
	b.t.Helper()
	for _, v := range b.axe(rules) {
		for i, node := range v.Nodes {
			if i < 3 {
				b.t.Errorf("%s: axe: %s (%s): %.200s\n%s", where, v.ID, v.Help, node.HTML, node.FailureSummary)
			}
		}
	}
}

// axe runs axe on the page.
func (b *tab) axe(rules string) (found []violation) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, browserPatience)
	defer cancel()
	text, err := chromedp.Run(ctx, func(ctx context.Context, tab *chromedp.Target) (string, error) { return runAxe(ctx, tab, rules) })
	if err != nil {
		b.fatal(err)
	}
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		b.t.Fatal(err)
	}
	return found
}

func runAxe(ctx context.Context, tab *chromedp.Target, rules string) (string, error) {
	frames, err := cdp.Call(ctx, tab, cdppage.GetFrameTree, cdp.Empty{})
	if err != nil {
		return "", err
	}
	world, err := cdp.Call(ctx, tab, cdppage.CreateIsolatedWorld, cdppage.CreateIsolatedWorldParams{FrameID: frames.FrameTree.Frame.ID, WorldName: "axe"})
	if err != nil {
		return "", err
	}
	yes := true
	if _, err := cdp.Call(ctx, tab, runtime.Evaluate, runtime.EvaluateParams{Expression: axeCore + "; 1", ContextID: world.ExecutionContextID}); err != nil {
		return "", err
	}
	answer, err := cdp.Call(ctx, tab, runtime.Evaluate, runtime.EvaluateParams{ContextID: world.ExecutionContextID, AwaitPromise: &yes, ReturnByValue: &yes,
		Expression: `axe.run(document, {resultTypes: ['violations'], runOnly: ` + rules + `}).then(r => JSON.stringify(r.violations.map(v => ({ID: v.id, Help: v.help, Nodes: v.nodes}))))`})
	if err != nil {
		return "", err
	}
	if answer.ExceptionDetails != nil {
		return "", errors.New(exceptionText(answer.ExceptionDetails))
	}
	var text string
	return text, json.Unmarshal(answer.Result.Value, &text)
}
