package post

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// CorrectionKind is what was wanted of messages that stand. It is stored in the database.
type CorrectionKind string

// The kinds.
const (
	Edited CorrectionKind = "edit"
	Taken  CorrectionKind = "takedown"
)

// CorrectionState is where a correction stands. It is stored in the database.
type CorrectionState string

// The states of a correction.
const (
	CorrectionPending CorrectionState = "pending" // waits for the yes that the company wants
	CorrectionBack    CorrectionState = "back"    // was sent back
	CorrectionWorking CorrectionState = "working" // is being done
	CorrectionDone    CorrectionState = "done"
	CorrectionFailed  CorrectionState = "failed" // something of it did not get through, and nothing goes on by itself
)

// Correction is other words for messages that stand, or that they go.
type Correction struct {
	ID      CorrectionID
	Post    ID
	Kind    CorrectionKind
	State   CorrectionState
	Written Written            // of an edit: what the post says then
	Parts   map[PartID]Content // of an edit: what each message that changes says then
	Targets []PartID           // the messages it is about, in order
	Done    []PartID           // those that are done
	Hash    string             // of an edit: of the exact bytes that a yes is about
	Wanted  []Step
	By      team.MemberID
	At      time.Time
	DoneAt  time.Time
	Trouble *delivery.Trouble

	tries  int
	lookAt time.Time
}

// EditIn is what a member wants messages to say that stand.
type EditIn struct {
	Post     ID
	Version  int // of the post that the member has before them
	Message  Message
	Own      map[network.ChannelID]Own
	Channels []network.ChannelID // where; nil: wherever messages of it stand and can be edited
	Confirm  []string            // marks of what looks as if it should not go out and may, see Doubt
}

// EditSent changes what stands on networks. It goes out in the same number of messages; where the company wants somebody's yes
// before a post goes out it wants one here. Networks whose readers would not see the change are refused when they are named. It
// needs PostsPublish.
func (p *Posts) EditSent(ctx context.Context, actor team.Actor, in EditIn) (Correction, error) {
	if err := actor.May(team.PostsPublish); err != nil {
		return Correction{}, err
	}
	w := Written{Message: in.Message, Own: in.Own}
	var c Correction
	_, err := p.change(ctx, actor, in.Post, "post.edit", func(ctx context.Context, tx *store.Tx, x *Post) error {
		if x.Version != in.Version {
			return fault.New(fault.Conflict, "post.moved")
		}
		if err := p.unpaused(ctx, actor.Company); err != nil {
			return err
		}
		old, err := p.written(ctx, *x)
		if err != nil {
			return err
		}
		w.Channels = old.Channels
		w.tidy()
		if err := p.check(ctx, actor.Company, w); err != nil {
			return err
		}
		if err := p.idle(ctx, x); err != nil {
			return err
		}
		if c, err = p.edited(ctx, *x, w, in.Channels); err != nil {
			return err
		}
		if err := p.answerFor(ctx, tx, actor, *x, w, in.Confirm); err != nil {
			return err
		}
		s, err := p.settingsOf(ctx, actor.Company)
		if err != nil {
			return err
		}
		c.By, c.Wanted, c.State = actor.Member, s.steps(), CorrectionPending
		if len(c.Wanted) > 0 {
			return p.insertCorrection(ctx, tx, actor.Company, c)
		}
		if err := p.insertCorrection(ctx, tx, actor.Company, c); err != nil {
			return err
		}
		return p.startCorrection(ctx, tx, x, &c)
	})
	if err != nil {
		return Correction{}, err
	}
	return c, nil
}

// idle refuses a post of which a correction is under way or waits for a yes.
func (p *Posts) idle(ctx context.Context, x *Post) error {
	if x.State != Sent && x.State != Failed && x.State != Sending {
		return fault.New(fault.Conflict, "post.edit.state")
	}
	cs, err := p.corrections(ctx, x.Company, x.ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(cs, func(c Correction) bool { return c.State == CorrectionPending || c.State == CorrectionWorking }) {
		return fault.New(fault.Conflict, "post.edit.under")
	}
	return nil
}

// unpaused refuses while everything is paused.
func (p *Posts) unpaused(ctx context.Context, c team.CompanyID) error {
	_, stop, err := p.readSettings(ctx, c)
	if err == nil && stop != nil {
		err = fault.New(fault.Conflict, "post.paused")
	}
	return err
}

// edited finds what a post would say in other words, message by message, and which messages change.
func (p *Posts) edited(ctx context.Context, x Post, w Written, only []network.ChannelID) (Correction, error) {
	now := p.rooms.Clock.Now()
	c := Correction{ID: CorrectionID(correctionKind.New(now)), Post: x.ID, Kind: Edited, Written: w, Parts: map[PartID]Content{}, At: now}
	f, err := p.fitter(ctx, x.Company, x.ID, w)
	if err != nil {
		return c, err
	}
	vs, err := p.readVariants(ctx, x.Company, x.ID)
	if err != nil {
		return c, err
	}
	var wrong []fault.Field
	bad := func(key string, ch network.ChannelID) {
		wrong = append(wrong, fault.Field{Name: "channels", Key: key, Args: map[string]any{"channel": f.channels[ch].Name}})
	}
	hashed := map[network.ChannelID][]Content{}
	for _, v := range vs {
		named := slices.Contains(only, v.Channel)
		if only != nil && !named || !slices.ContainsFunc(v.Parts, func(y Part) bool { return y.State == PartSent }) {
			continue
		}
		if !f.channels[v.Channel].Traits.Edit {
			if named {
				bad("post.edit.unsupported", v.Channel)
			}
			continue
		}
		fitted, cs := f.fit(w.Message, ownOf(w, v.Channel), v.Channel)
		switch {
		case fitted.Refused():
			bad("post.refused", v.Channel)
			continue
		case len(cs) != len(v.Parts):
			bad("post.edit.parts", v.Channel)
			continue
		}
		for i, y := range v.Parts {
			cs[i].Visibility = y.Content.Visibility
			if y.State == PartSent && hashOf(map[network.ChannelID][]Content{"": {cs[i]}}) != hashOf(map[network.ChannelID][]Content{"": {y.Content}}) {
				c.Parts[y.ID] = cs[i]
				c.Targets = append(c.Targets, y.ID)
			}
		}
		hashed[v.Channel] = cs
	}
	if err := fault.InvalidFields(wrong...); err != nil {
		return c, err
	}
	if len(c.Targets) == 0 {
		return c, fault.New(fault.Conflict, "post.edit.same")
	}
	c.Hash = hashOf(hashed)
	return c, nil
}

// answerFor keeps what a member confirms, and refuses what nobody does.
func (p *Posts) answerFor(ctx context.Context, tx *store.Tx, actor team.Actor, x Post, w Written, marks []string) error {
	_, ds, err := p.look(ctx, x.Company, x.ID, w)
	if err != nil {
		return err
	}
	n := 0
	for _, d := range open(ds) {
		if actor.Member == "" || !slices.Contains(marks, d.Mark) {
			n++
			continue
		}
		if err := p.insertConfirmation(ctx, tx, actor, x.ID, d, p.rooms.Clock.Now()); err != nil {
			return err
		}
	}
	if n > 0 {
		return fault.InvalidFields(fault.Field{Name: "confirm", Key: "post.confirm.missing", Args: map[string]any{"n": n}})
	}
	return nil
}

// startCorrection has a correction done. The post says what it will say; what it said goes into the history.
func (p *Posts) startCorrection(ctx context.Context, tx *store.Tx, x *Post, c *Correction) error {
	now := p.rooms.Clock.Now()
	c.State, c.lookAt = CorrectionWorking, now
	if err := p.saveCorrection(ctx, tx, x.Company, *c); err != nil {
		return err
	}
	if c.Kind == Edited {
		old, err := p.written(ctx, *x)
		if err != nil {
			return err
		}
		if _, err := p.insertPast(ctx, tx, Past{Version: x.Version, Written: old, Member: x.SavedBy, At: x.SavedAt}, *x); err != nil {
			return err
		}
		x.Message, x.SavedBy, x.SavedAt = c.Written.Message, c.By, now
		x.Version++
		if err := p.setOwn(ctx, tx, *x, c.Written); err != nil {
			return err
		}
		vs, err := p.readVariants(ctx, x.Company, x.ID)
		if err != nil {
			return err
		}
		contents := map[network.ChannelID][]Content{}
		for _, v := range vs {
			for _, y := range v.Parts {
				if to, changes := c.Parts[y.ID]; changes {
					contents[v.Channel] = append(contents[v.Channel], to)
				}
			}
		}
		if err := p.makeTracks(ctx, tx, *x, c.Written, contents); err != nil {
			return err
		}
	}
	return p.ringCorrection(ctx, tx, x.Company, c.ID, now)
}

// TakeDown takes messages of a post down, on some channels or, with nil, on all; those that are on their way are stopped. Nobody's yes
// is waited for. It needs PostsPublish.
func (p *Posts) TakeDown(ctx context.Context, actor team.Actor, id ID, channels []network.ChannelID) (Correction, error) {
	if err := actor.May(team.PostsPublish); err != nil {
		return Correction{}, err
	}
	var c Correction
	_, err := p.change(ctx, actor, id, "post.takedown", func(ctx context.Context, tx *store.Tx, x *Post) error {
		if err := p.idle(ctx, x); err != nil {
			return err
		}
		if x.State == Sending {
			if _, err := p.stop(ctx, tx, x); err != nil {
				return err
			}
		}
		all, err := p.rooms.Networks.ChannelsByID(ctx, actor.Company)
		if err != nil {
			return err
		}
		vs, err := p.readVariants(ctx, actor.Company, id)
		if err != nil {
			return err
		}
		now := p.rooms.Clock.Now()
		c = Correction{ID: CorrectionID(correctionKind.New(now)), Post: id, Kind: Taken, By: actor.Member, At: now}
		for _, v := range vs {
			if channels != nil && !slices.Contains(channels, v.Channel) {
				continue
			}
			for _, y := range slices.Backward(v.Parts) { // what answers before what is answered
				if y.State != PartSent {
					continue
				}
				if !all[v.Channel].Traits.Delete {
					return fault.InvalidFields(fault.Field{Name: "channels", Key: "post.takedown.unsupported", Args: map[string]any{"channel": all[v.Channel].Name}})
				}
				c.Targets = append(c.Targets, y.ID)
			}
		}
		if len(c.Targets) == 0 {
			return fault.New(fault.Conflict, "post.takedown.none")
		}
		if err := p.insertCorrection(ctx, tx, actor.Company, c); err != nil {
			return err
		}
		return p.startCorrection(ctx, tx, x, &c)
	})
	if err != nil {
		return Correction{}, err
	}
	return c, nil
}

// ApproveCorrection says yes to the exact bytes of an edit of what stands. It needs PostsApprove.
func (p *Posts) ApproveCorrection(ctx context.Context, actor team.Actor, id CorrectionID, hash string) (Correction, error) {
	return p.decideCorrection(ctx, actor, id, "post.correction.approve", func(ctx context.Context, tx *store.Tx, x *Post, c *Correction, who decider) error {
		if c.Hash != hash {
			return fault.New(fault.Conflict, "post.approve.moved")
		}
		ds, err := p.decisionsOn(ctx, *x, *c)
		if err != nil {
			return err
		}
		if _, err := p.counts(ctx, *x, who, c.Wanted, ds, c.By); err != nil {
			return err
		}
		d := Decision{
			Hash: hash, Correction: c.ID, Yes: true, Member: who.member.ID, Role: who.member.Role, Counts: true, At: p.rooms.Clock.Now(), Valid: true,
		}
		if err := p.insertDecision(ctx, tx, *x, d); err != nil {
			return err
		}
		if given(c.Wanted, append(ds, d)) < len(c.Wanted) {
			return nil
		}
		return p.startCorrection(ctx, tx, x, c)
	})
}

// SendBackCorrection says no to an edit of what stands. It needs PostsApprove.
func (p *Posts) SendBackCorrection(ctx context.Context, actor team.Actor, id CorrectionID, why string) (Correction, error) {
	why = strings.TrimSpace(body(why))
	return p.decideCorrection(ctx, actor, id, "post.correction.back", func(ctx context.Context, tx *store.Tx, x *Post, c *Correction, who decider) error {
		if n := text.Graphemes(why); n == 0 || n > maxComment {
			return fault.InvalidFields(fault.Field{Name: "why", Key: "post.back.why", Args: map[string]any{"max": maxComment}})
		}
		c.State = CorrectionBack
		err := p.insertDecision(ctx, tx, *x, Decision{
			Hash: c.Hash, Correction: c.ID, Member: who.member.ID, Role: who.member.Role, Counts: true, Words: why, At: p.rooms.Clock.Now(),
		})
		if err != nil {
			return err
		}
		return p.saveCorrection(ctx, tx, actor.Company, *c)
	})
}

func (p *Posts) decideCorrection(ctx context.Context, actor team.Actor, id CorrectionID, verb string, f func(context.Context, *store.Tx, *Post, *Correction, decider) error) (Correction, error) {
	if err := actor.May(team.PostsApprove); err != nil {
		return Correction{}, err
	}
	c, err := p.correction(ctx, actor.Company, id)
	if err != nil {
		return Correction{}, fmt.Errorf("%s: %w", verb, err)
	}
	_, err = p.change(ctx, actor, c.Post, verb, func(ctx context.Context, tx *store.Tx, x *Post) error {
		if c, err = p.correction(ctx, actor.Company, id); err != nil { // again, with nobody else at it
			return err
		}
		if c.State != CorrectionPending {
			return fault.New(fault.Conflict, "post.approve.state")
		}
		who, err := p.deciderOf(ctx, actor, c.Post)
		if err != nil {
			return err
		}
		return f(ctx, tx, x, &c, who)
	})
	return c, err
}

// RetryCorrection tries a correction again that did not get through. It needs PostsPublish.
func (p *Posts) RetryCorrection(ctx context.Context, actor team.Actor, id CorrectionID) error {
	if err := actor.May(team.PostsPublish); err != nil {
		return err
	}
	c, err := p.correction(ctx, actor.Company, id)
	if err != nil {
		return fmt.Errorf("post.RetryCorrection: %w", err)
	}
	_, err = p.change(ctx, actor, c.Post, "post.correction.retry", func(ctx context.Context, tx *store.Tx, x *Post) error {
		if c, err = p.correction(ctx, actor.Company, id); err != nil {
			return err
		}
		if c.State != CorrectionFailed {
			return fault.New(fault.Conflict, "post.correction.state")
		}
		now := p.rooms.Clock.Now()
		c.State, c.tries, c.Trouble, c.lookAt = CorrectionWorking, 0, nil, now
		if err := p.saveCorrection(ctx, tx, actor.Company, c); err != nil {
			return err
		}
		return p.ringCorrection(ctx, tx, actor.Company, id, now)
	})
	return err
}

// correctionJob takes a correction further.
type correctionJob struct {
	Company    team.CompanyID `json:"company"`
	Correction CorrectionID   `json:"correction"`
}

func (correctionJob) Kind() string { return "post.correct" }

func (p *Posts) ringCorrection(ctx context.Context, tx *store.Tx, c team.CompanyID, id CorrectionID, at time.Time) error {
	if p.rooms.Queue == nil {
		return nil
	}
	o := queue.Options{Line: queue.Send, MaxAttempts: 10}
	if at.After(p.rooms.Clock.Now()) {
		o.At = at
	}
	return p.rooms.Queue.Add(ctx, tx, correctionJob{Company: c, Correction: id}, o)
}
