package casework

import (
	"context"
	"encoding/hex"

	"clew/domain"
	"clew/eventstore"
	"clew/picture"
	"clew/projections"
)

// Flow is the graph of the flow picture: where the victims' money went, by the
// rule that was asked for or is locked. Of several assets that were lost it is
// of the one asked for, else of the one most payments were in. The graph knows
// all times: what had happened by Ask.At is seen with its View. A KnownAt is
// told as it was asked.
func (d *Desk) Flow(ctx context.Context, ask projections.Ask, lost domain.AssetCode) (*picture.Graph, error) {
	streamed, err := d.Views.Streams(ctx, ask)
	if err != nil {
		return nil, err
	}
	root, err := eventstore.Root(ctx, d.Store, streamed.Position)
	if err != nil {
		return nil, err
	}
	subject := picture.Subject{
		Case: ask.Case, Title: streamed.Assembly.File.Title, Rule: streamed.Rule, Chosen: streamed.Chosen,
		Position: streamed.Position, Root: hex.EncodeToString(root[:]), Course: *streamed.Course, Lost: lost, Kind: streamed.Assembly.Kind,
	}
	if !ask.KnownAt.IsZero() {
		subject.KnownAt = domain.Instant(ask.KnownAt).String()
	}
	return picture.Gather(subject)
}
