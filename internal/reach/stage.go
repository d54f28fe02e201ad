package reach

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/tie"
)

// Staged is what the story of the sample company tells of its ties, besides what its people wrote.
type Staged struct {
	At      time.Time // when the lists were read
	Follows []StagedFollow
	Deeds   []StagedDeed
	Advice  []StagedAdvice
}

// StagedAccount is an account, by what makes two sightings of it the same.
type StagedAccount struct {
	Network network.Name
	Key     string
}

// StagedFollow is that an account follows another.
type StagedFollow struct{ Who, Whom StagedAccount }

// StagedDeed is that an account did something towards another.
type StagedDeed struct {
	Who, Whom StagedAccount
	Kind      network.ItemKind // "" is that it named the other
	At        time.Time
	Words     []string
}

// StagedAdvice is advice of the past.
type StagedAdvice struct {
	Who       StagedAccount
	Rank      int
	State     State
	Class     tie.Class
	Expected  tie.Interval
	At, Until time.Time
	DoneAt    time.Time
	DoneBy    team.MemberID
}

// Stage adds to the ties of the sample company what its story tells. In any other company it is refused.
func (r *Room) Stage(ctx context.Context, actor team.Actor, st Staged) error {
	company, err := r.rooms.Team.Company(ctx, actor.Company)
	if err != nil {
		return fmt.Errorf("reach.Stage: %w", err)
	}
	if !company.Sample {
		return fault.New(fault.Denied, "reach.stage.sample")
	}
	err = r.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		s, err := r.setting(ctx, tx, company.ID)
		if err != nil {
			return err
		}
		want := map[account]seen{}
		add := func(a StagedAccount) { want[account{a.Network, a.Key}] = seen{} }
		for _, f := range st.Follows {
			add(f.Who)
			add(f.Whom)
		}
		for _, d := range st.Deeds {
			add(d.Who)
			add(d.Whom)
		}
		for _, a := range st.Advice {
			add(a.Who)
		}
		ids, err := r.actors(ctx, tx, s, want)
		if err != nil {
			return err
		}
		id := func(a StagedAccount) ActorID { return ids[account{a.Network, a.Key}] }
		return r.stageRows(ctx, tx, company.ID, st, id)
	})
	if err != nil {
		return fmt.Errorf("reach.Stage: %w", err)
	}
	return nil
}

func (r *Room) stageRows(ctx context.Context, tx *store.Tx, c team.CompanyID, st Staged, id func(StagedAccount) ActorID) error {
	follows := make([]followRow, len(st.Follows))
	for i, f := range st.Follows {
		follows[i] = followRow{CompanyID: c, ActorID: id(f.Who), TargetID: id(f.Whom), FirstAt: st.At, SeenAt: st.At}
	}
	if err := r.addFollows(ctx, tx, follows); err != nil {
		return err
	}
	events := make([]eventRow, len(st.Deeds))
	for i, d := range st.Deeds {
		kind := string(d.Kind)
		if kind == "" {
			kind = named
		}
		events[i] = eventRow{
			CompanyID: c, SourceID: fmt.Sprintf("sample:%05d", i), ActorID: id(d.Who), TargetID: id(d.Whom), Kind: kind, Network: d.Who.Network, At: d.At, SeenAt: d.At,
			Words: strings.Join(d.Words, " "),
		}
	}
	if err := r.addEvents(ctx, tx, events); err != nil {
		return err
	}
	advice := make([]suggestionRow, len(st.Advice))
	for i, a := range st.Advice {
		high := a.Expected.High
		advice[i] = suggestionRow{
			ID: SuggestionID(suggestionKind.New(a.At)), CompanyID: c, ActorID: id(a.Who), Rank: a.Rank, State: a.State, Class: int(a.Class), Low: a.Expected.Low,
			Expected: a.Expected.Expected, High: &high, At: a.At, Until: a.Until, Why: json.RawMessage("{}"), DoneAt: a.DoneAt, DoneBy: a.DoneBy,
		}
	}
	return r.addSuggestions(ctx, tx, advice)
}
