package linkback

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/mention"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Staged is a mention of a page of the sample company, as it turned out.
type Staged struct {
	Source   string
	Target   string
	Protocol mention.Protocol
	State    State
	Problem  string          // of one that was refused, as a key of the catalog
	What     mention.Mention // of one that was taken
	Hidden   Reason
	By       team.MemberID // who hid it
	At       time.Time
}

// Stage puts a mention into the sample company as its story tells, and gives the remote id of what it became in the inbox. In any other
// company it is refused: there, only pages that were read count.
func (x *Linkbacks) Stage(ctx context.Context, a team.Actor, ch network.Channel, s Staged) (remote string, err error) {
	if err := x.sampleOnly(ctx, a, ch); err != nil {
		return "", fmt.Errorf("linkback.Stage: %w", err)
	}
	source, target, err := pair(ToldIn{Channel: ch.ID, Source: s.Source, Target: s.Target, Protocol: s.Protocol}, address(ch))
	if err != nil {
		return "", fmt.Errorf("linkback.Stage: %w", err)
	}
	m := Mention{
		ID: MentionID(mentionKind.New(s.At)), Company: ch.Company, Channel: ch.ID, Source: source.String(), Target: target.String(), Protocol: s.Protocol,
		State: Waiting, FirstAt: s.At, ToldAt: s.At, sourceKey: mention.Key(s.Source), targetKey: mention.Key(s.Target), host: host(source), told: 1,
	}
	m.RemoteID = remoteID(m.sourceKey, m.targetKey)
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return x.insertMention(ctx, tx, m) })
	if err == nil && s.State != Waiting {
		_, err = x.settle(ctx, ch, m, seen{state: s.State, problem: s.Problem, what: s.What})
	}
	if err == nil && s.Hidden != "" {
		_, err = x.Hide(ctx, team.Actor{Company: a.Company, Member: s.By, Role: team.Owner, Via: team.ViaSystem}, m.ID, s.Hidden)
	}
	if err != nil {
		return "", fmt.Errorf("linkback.Stage: %w", err)
	}
	return m.RemoteID, nil
}

func (x *Linkbacks) sampleOnly(ctx context.Context, a team.Actor, ch network.Channel) error {
	company, err := x.rooms.Team.Company(ctx, a.Company)
	if err != nil {
		return err
	}
	if !company.Sample || !ch.Sample || ch.Company != company.ID {
		return fault.New(fault.Denied, "inbox.stage.sample")
	}
	return nil
}

// StagedSending is what came of telling a page that one of the sample company links.
type StagedSending struct {
	Article  string
	Target   string
	State    SendingState
	Protocol mention.Protocol
	Fault    mention.Code
	Says     string
	Problem  string
	At       time.Time
}

// StageSending sets what came of a sending of the sample company as its story tells; in any other company it is refused.
func (x *Linkbacks) StageSending(ctx context.Context, a team.Actor, ch network.Channel, s StagedSending) error {
	err := x.sampleOnly(ctx, a, ch)
	if err == nil {
		err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			article, err := x.articleAt(ctx, ch, mention.Key(s.Article))
			if err != nil {
				return err
			}
			all, err := x.sendingsOf(ctx, tx, article)
			if err != nil {
				return err
			}
			for _, row := range all {
				if row.TargetKey != mention.Key(s.Target) {
					continue
				}
				row.State, row.Protocol, row.Fault, row.Says, row.Problem, row.Tries = s.State, s.Protocol, int(s.Fault), s.Says, s.Problem, 1
				row.Taken, row.FirstAt, row.DoneAt, row.NextAt = s.State == Told, s.At, s.At, time.Time{}
				return x.saveSending(ctx, tx, row)
			}
			return ErrNoSending
		})
	}
	if errors.Is(err, store.ErrMissing) {
		err = ErrNoSending.Because(err)
	}
	if err != nil {
		return fmt.Errorf("linkback.StageSending: %w", err)
	}
	return nil
}
