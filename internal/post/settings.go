package post

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// Settings are what a company decides about its posts.
type Settings struct {
	Approval Mode
	First    team.Role // of ModeRole and ModeTwo: whose yes is asked; "" in ModeTwo: anybody's who may approve
	Second   team.Role // of ModeTwo: whose yes comes last; "" is Owner
	Late     int       // minutes after its time, beyond which a post asks before it goes out; 5 to 1440
	Quiet    schedule.Quiet
	Slots    map[network.ChannelID][]schedule.Slot
	Habits   map[network.ChannelID]Habit
	Own      []string // names of the company's brands and products, for the advice about talking of oneself
	Public   []string // telephone numbers, addresses and IBANs of the company that anybody may know
}

// Habit is what a company is used to on a channel.
type Habit struct {
	Tags string // where tags go: "" as the network is used to, inline, end, none
	// Of a web site: in which category its articles stand, whether they are pages, and whether somebody publishes them there.
	Category string `json:",omitempty"`
	Draft    bool   `json:",omitempty"`
	Page     bool   `json:",omitempty"`
}

// Bounds of what a company decides.
const (
	lateSelf  = 60 // minutes, when nobody has decided
	leastLate = 5
	mostLate  = 24 * 60
	mostSlots = 70 // of a channel
	mostOwn   = 50
	maxOwn    = 80 // characters
)

// Settings reads what the company decided. It needs PostsRead.
func (p *Posts) Settings(ctx context.Context, actor team.Actor) (Settings, error) {
	if err := actor.May(team.PostsRead); err != nil {
		return Settings{}, err
	}
	s, err := p.settingsOf(ctx, actor.Company)
	if err != nil {
		return Settings{}, fmt.Errorf("post.Settings: %w", err)
	}
	return s, nil
}

// settingsOf gives what a company decided, and what is sensible where it has not.
func (p *Posts) settingsOf(ctx context.Context, c team.CompanyID) (Settings, error) {
	s, _, err := p.readSettings(ctx, c)
	return s, err
}

func defaultSettings() Settings { return Settings{Approval: ModeNone, Late: lateSelf} }

// ChangeSettings changes it. What was asked for before stays asked for as it was. It needs PostsManage.
func (p *Posts) ChangeSettings(ctx context.Context, actor team.Actor, s Settings) error {
	if err := actor.May(team.PostsManage); err != nil {
		return err
	}
	for i := range s.Own {
		s.Own[i] = strings.Join(strings.Fields(s.Own[i]), " ")
	}
	for i := range s.Public {
		s.Public[i] = strings.Join(strings.Fields(s.Public[i]), " ")
	}
	empty := func(n string) bool { return n == "" }
	s.Own, s.Public = slices.DeleteFunc(s.Own, empty), slices.DeleteFunc(s.Public, empty)
	all, err := p.rooms.Networks.ChannelsByID(ctx, actor.Company)
	if err != nil {
		return fmt.Errorf("post.ChangeSettings: %w", err)
	}
	if err := fault.InvalidFields(s.wrong(all)...); err != nil {
		return err
	}
	if err := s.Quiet.Check(); err != nil {
		return err
	}
	err = p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := p.alone(ctx, tx, actor.Company); err != nil {
			return err
		}
		if err := p.saveSettings(ctx, tx, actor.Company, s); err != nil {
			return err
		}
		err := p.rooms.Team.Audit(ctx, tx, actor, team.Entry{
			Verb: "post.settings", ObjectKind: "company", ObjectID: string(actor.Company), Detail: map[string]string{"approval": string(s.Approval)},
		})
		if err != nil {
			return err
		}
		return p.tell(ctx, tx, actor, "")
	})
	if err != nil {
		return fmt.Errorf("post.ChangeSettings: %w", err)
	}
	return nil
}

// wrong lists everything that cannot be.
func (s Settings) wrong(all map[network.ChannelID]network.Channel) (fields []fault.Field) {
	bad := func(name, key string, args map[string]any) {
		fields = append(fields, fault.Field{Name: name, Key: key, Args: args})
	}
	if !slices.Contains(Modes, s.Approval) {
		bad("approval", "post.settings.approval", nil)
	}
	role := func(name string, r team.Role, must bool) {
		if r == "" && !must {
			return
		}
		if !slices.Contains(team.Roles, r) || !r.Can(team.PostsApprove) {
			bad(name, "post.settings.role", nil)
		}
	}
	switch s.Approval {
	case ModeRole:
		role("first", s.First, true)
	case ModeTwo:
		role("first", s.First, false)
		role("second", s.Second, false)
	}
	if s.Late < leastLate || s.Late > mostLate {
		bad("late", "post.settings.late", map[string]any{"min": leastLate, "max": mostLate})
	}
	for _, ch := range sortedKeys(s.Slots) {
		if _, ok := all[ch]; !ok {
			bad("slots", "post.settings.channel", nil)
			continue
		}
		sane := len(s.Slots[ch]) <= mostSlots
		for _, x := range s.Slots[ch] {
			sane = sane && x.Weekday >= time.Sunday && x.Weekday <= time.Saturday && x.Minute >= 0 && x.Minute < 24*60
		}
		if !sane {
			bad("slots", "post.settings.slots", map[string]any{"max": mostSlots})
		}
	}
	for _, ch := range sortedKeys(s.Habits) {
		if _, ok := all[ch]; !ok {
			bad("habits", "post.settings.channel", nil)
		} else if !slices.Contains([]string{"", "inline", "end", "none"}, s.Habits[ch].Tags) {
			bad("habits", "post.settings.tags", nil)
		} else if text.Graphemes(s.Habits[ch].Category) > maxOwn {
			bad("habits", "post.settings.own", map[string]any{"max": mostOwn, "chars": maxOwn})
		}
	}
	list := func(name string, ns []string) {
		if len(ns) > mostOwn || slices.ContainsFunc(ns, func(n string) bool { return text.Graphemes(n) > maxOwn }) {
			bad(name, "post.settings.own", map[string]any{"max": mostOwn, "chars": maxOwn})
		}
	}
	list("own", s.Own)
	list("public", s.Public)
	return fields
}

// Stop says that everything is paused.
type Stop struct {
	By  team.MemberID
	At  time.Time
	Why string
}

// maxWhy bounds a reason, in characters.
const maxWhy = 500

// Pause stops everything: nothing of any post goes out until somebody resumes. What falls due meanwhile asks before it goes
// out. It needs PostsPublish.
func (p *Posts) Pause(ctx context.Context, actor team.Actor, why string) error {
	why = strings.TrimSpace(why)
	if n := text.Graphemes(why); n == 0 || n > maxWhy {
		if err := actor.May(team.PostsPublish); err != nil {
			return err
		}
		return fault.InvalidFields(fault.Field{Name: "why", Key: "post.pause.why", Args: map[string]any{"max": maxWhy}})
	}
	return p.setPause(ctx, actor, "post.pause", &Stop{By: actor.Member, At: p.rooms.Clock.Now(), Why: why})
}

// Resume lets posts go out again. What was held stays held until somebody releases it. It needs PostsPublish.
func (p *Posts) Resume(ctx context.Context, actor team.Actor) error {
	return p.setPause(ctx, actor, "post.resume", nil)
}

func (p *Posts) setPause(ctx context.Context, actor team.Actor, verb string, to *Stop) error {
	if err := actor.May(team.PostsPublish); err != nil {
		return err
	}
	err := p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := p.alone(ctx, tx, actor.Company); err != nil {
			return err
		}
		_, now, err := p.readSettings(ctx, actor.Company)
		if err != nil {
			return err
		}
		if (now == nil) == (to == nil) {
			return fault.New(fault.Conflict, "post.pause.already")
		}
		if err := p.savePause(ctx, tx, actor.Company, to); err != nil {
			return err
		}
		if err := p.rooms.Team.Audit(ctx, tx, actor, team.Entry{Verb: verb, ObjectKind: "company", ObjectID: string(actor.Company)}); err != nil {
			return err
		}
		return p.tell(ctx, tx, actor, "")
	})
	if err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	return nil
}

// Paused tells who paused everything, nil when nothing is paused. It needs PostsRead.
func (p *Posts) Paused(ctx context.Context, actor team.Actor) (*Stop, error) {
	if err := actor.May(team.PostsRead); err != nil {
		return nil, err
	}
	_, s, err := p.readSettings(ctx, actor.Company)
	if err != nil {
		return nil, fmt.Errorf("post.Paused: %w", err)
	}
	return s, nil
}

// tell says to open browsers that a post, or what concerns all of them, has changed.
func (p *Posts) tell(ctx context.Context, tx *store.Tx, actor team.Actor, id ID) error {
	return p.rooms.Live.Tell(ctx, tx, live.Event{Company: string(actor.Company), Topic: live.Posts, Ref: string(id), By: string(actor.Member)})
}
