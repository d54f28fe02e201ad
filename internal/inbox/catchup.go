package inbox

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/verdict"
)

// catchUp is the periodic job that has judged what came in before texts were judged.
type catchUp struct{}

func (catchUp) Kind() string { return "inbox.catchup" }

const (
	catchUpEvery  = time.Minute
	catchUpAtOnce = 100 // conversations of one transaction
)

// CatchUp has everything judged that came in before texts were judged, in small steps. The rooms above hear of it as of
// something past: nobody decided then what it is, and much of it was settled long ago.
func (x *Inbox) CatchUp(ctx context.Context) error {
	for {
		n := 0
		err := x.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			rows, err := x.unjudged(ctx, tx, catchUpAtOnce)
			if err != nil {
				return err
			}
			n = len(rows)
			for _, r := range rows {
				if err := x.catchUpOne(ctx, tx, r); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("inbox.CatchUp: %w", err)
		}
		if n < catchUpAtOnce {
			return nil
		}
	}
}

func (x *Inbox) catchUpOne(ctx context.Context, tx *store.Tx, conv conversationRow) error {
	rows, err := x.rowsOf(ctx, tx, conv.ID)
	if err != nil {
		return err
	}
	have, err := x.verdictsOf(ctx, rows)
	if err != nil {
		return err
	}
	var texts []verdict.Text
	for _, r := range rows {
		if _, judged := have[r.ID]; r.judged() && !judged {
			texts = append(texts, verdict.Text{ID: string(r.ID), Text: r.Body, At: r.At})
		}
	}
	fresh, err := x.verdicts.Judge(ctx, tx, conv.CompanyID, texts)
	if err != nil {
		return err
	}
	channels, err := x.networks.ChannelsByID(ctx, conv.CompanyID)
	if err != nil {
		return err
	}
	var heard []Heard
	for _, r := range rows {
		v, isFresh := fresh[string(r.ID)]
		if !r.judged() || !r.DeletedAt.IsZero() {
			continue
		}
		if isFresh {
			have[r.ID] = v
			if r.addressed() {
				heard = append(heard, Heard{Interaction: r.interaction(), Verdict: v, Past: true})
			}
		}
		if r.Kind != network.KindPost { // in the order in which it was written
			conv.LastInID = r.ID
		}
	}
	company, err := x.team.Company(ctx, conv.CompanyID)
	if err != nil {
		return err
	}
	conv.Judged = true
	conv = x.reweighed(company, channels[conv.ChannelID], conv, rows, have)
	if err := x.saveJudged(ctx, tx, conv); err != nil {
		return err
	}
	return x.tellHeard(ctx, tx, team.System(conv.CompanyID), channels[conv.ChannelID], heard)
}
