package link

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// In is what a member says about a link.
type In struct {
	Target string
	Code   string // "": one is made
	Say    bool   // the code that is made can be said
	Title  string // "": the target's host and path

	Campaign, Channel             string
	Source, Medium, Term, Content string
	Tags                          []string
	Devices, Languages            Targets
	ExpiresAt                     time.Time
	Password                      string // a new one; "" leaves what is there
	Open                          bool   // takes the password away
	Post                          string
}

var languageName = regexp.MustCompile(`^[a-z]{2,3}$`)

// check gives a link as it is kept. All wrong fields come together.
func (l *Links) check(in In, x Link) (Link, error) {
	var wrong fields
	target, bad := cleanTarget(in.Target)
	if bad != "" {
		wrong.bad("target", bad, map[string]any{"max": maxTarget})
	}
	if target != x.Target {
		now := actionOf(target)
		if x.ID != "" && now != x.Action && bad == "" { // its openings would be told as what they were not
			wrong.bad("target", "link.target.action", nil)
		}
		x.Target, x.Action = target, now
	}
	for _, f := range []struct {
		name string
		into *string
		from string
		most int
	}{
		{"title", &x.Title, in.Title, maxTitle},
		{"campaign", &x.Campaign, in.Campaign, maxWord},
		{"channel", &x.Channel, in.Channel, maxWord},
		{"source", &x.Source, in.Source, maxWord},
		{"medium", &x.Medium, in.Medium, maxWord},
		{"term", &x.Term, in.Term, maxWord},
		{"content", &x.Content, in.Content, maxWord},
	} {
		s, ok := word(f.from, f.most)
		if !ok {
			wrong.bad(f.name, "link.word.long", map[string]any{"max": f.most})
		}
		*f.into = s
	}
	x.Channel = strings.ToLower(x.Channel)
	x.readTags()
	if x.Title == "" {
		x.Title = shortTarget(x.Target)
	}
	x.Tags = nil
	for _, t := range in.Tags {
		t, ok := word(strings.TrimPrefix(strings.TrimSpace(t), "#"), maxTag)
		if !ok {
			wrong.bad("tags", "link.word.long", map[string]any{"max": maxTag})
		}
		if t != "" && !slices.Contains(x.Tags, t) {
			x.Tags = append(x.Tags, t)
		}
	}
	if len(x.Tags) > mostTags {
		wrong.bad("tags", "link.tags.many", map[string]any{"max": mostTags})
	}
	x.Devices = l.others(&wrong, "devices", in.Devices, func(k string) bool { return slices.Contains(DeviceNames, k) })
	x.Languages = l.others(&wrong, "languages", in.Languages, languageName.MatchString)
	if len(x.Devices)+len(x.Languages) > 0 && x.Action != "" {
		name := "devices"
		if len(x.Devices) == 0 {
			name = "languages"
		}
		wrong.bad(name, "link.others.action", nil)
	}
	switch now := l.rooms.Clock.Now(); {
	case in.ExpiresAt.IsZero() || in.ExpiresAt.Equal(x.ExpiresAt):
	case !in.ExpiresAt.After(now):
		wrong.bad("expires", "link.expires.past", nil)
	}
	x.ExpiresAt = in.ExpiresAt
	if n := len(in.Password); n > 0 && (n < 4 || n > 200) {
		wrong.bad("password", "link.password.length", map[string]any{"min": 4})
	}
	return x, fault.InvalidFields(wrong...)
}

// others checks targets by device or language.
func (l *Links) others(wrong *fields, name string, in Targets, known func(string) bool) Targets {
	out := Targets{}
	for _, k := range slices.Sorted(maps.Keys(in)) {
		if strings.TrimSpace(in[k]) == "" {
			continue
		}
		key := strings.ToLower(strings.TrimSpace(k))
		target, bad := cleanTarget(in[k])
		switch {
		case !known(key):
			wrong.bad(name, "link.others.unknown", map[string]any{"key": k})
		case bad != "":
			wrong.bad(name, bad, map[string]any{"max": maxTarget})
		case actionOf(target) != "":
			wrong.bad(name, "link.others.action", nil)
		}
		out[key] = target
	}
	if len(out) > mostOthers {
		wrong.bad(name, "link.others.many", map[string]any{"max": mostOthers})
	}
	return out
}

// shortTarget is an address as a person reads it.
func shortTarget(s string) string {
	for _, p := range []string{"https://", "http://", "tel:", "mailto:"} {
		s = strings.TrimPrefix(s, p)
	}
	s, _, _ = strings.Cut(s, "?")
	s = strings.TrimSuffix(strings.TrimPrefix(s, "www."), "/")
	if len(s) > maxTitle {
		s = s[:maxTitle]
	}
	return strings.ToValidUTF8(s, "")
}

// Create makes a link. It needs LinksManage.
func (l *Links) Create(ctx context.Context, actor team.Actor, in In) (x Link, err error) {
	if err := actor.May(team.LinksManage); err != nil {
		return x, err
	}
	err = l.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if x, err = l.create(ctx, tx, actor, in); err != nil {
			return err
		}
		return l.audit(ctx, tx, actor, "link.create", x)
	})
	if err != nil {
		return Link{}, fmt.Errorf("link.Create: %w", err)
	}
	return x, nil
}

// tries is how many codes are made before one is taken for granted to be free.
const tries = 12

// create makes a link and its row; its code is the one asked for, or one that is free.
func (l *Links) create(ctx context.Context, tx *store.Tx, actor team.Actor, in In) (Link, error) {
	now := l.rooms.Clock.Now()
	x, err := l.check(in, Link{Company: actor.Company, State: Active, CreatedBy: actor.Member, CreatedAt: now, ChangedAt: now, Post: in.Post})
	code := cleanCode(in.Code)
	if code != "" && !own.MatchString(code) {
		e := fault.Of(errOr(err))
		return x, &fault.Error{Kind: fault.Invalid, Key: "fault.fields", Fields: append(e.Fields, fault.Field{Name: "code", Key: "link.code.wrong"})}
	}
	if err != nil {
		return x, err
	}
	if x.password, err = l.hash(in.Password); err != nil {
		return x, err
	}
	x.ID = ID(kind.New(now))
	for i := range tries {
		x.mark = newMark()
		switch {
		case code != "":
			x.Code = code
		case in.Say:
			x.Code = sayable(3 + i/4)
		default:
			x.Code = newCode()
		}
		var free bool
		if free, err = l.insert(ctx, tx, x); err != nil {
			return x, err
		}
		if free {
			tx.AfterCommit(func() { l.ways.drop(x.Code) })
			return x, nil
		}
		if code != "" {
			return x, fault.InvalidFields(fault.Field{Name: "code", Key: "link.code.taken", Args: map[string]any{"code": code}})
		}
	}
	return x, errors.New("link: no code is free")
}

func newMark() int64 { return rand.Int64N(1<<53-1) + 1 } // JSON keeps it whole, too

// errOr makes an error of none, for its fields.
func errOr(err error) error {
	if err == nil {
		return fault.New(fault.Invalid, "fault.fields")
	}
	return err
}

// Change changes a link; its code stays, because it stands on paper. What it led to before is kept. It needs LinksManage.
func (l *Links) Change(ctx context.Context, actor team.Actor, id ID, in In) (Link, error) {
	return l.change(ctx, actor, id, "link.change", func(x *Link) error {
		before := *x
		y, err := l.check(in, before)
		if err != nil {
			return err
		}
		switch {
		case in.Open:
			y.password = ""
		case in.Password != "":
			if y.password, err = l.hash(in.Password); err != nil {
				return err
			}
		}
		if y.Target != before.Target {
			y.CheckedAt, y.Trouble, y.DeadSince = time.Time{}, "", time.Time{}
		}
		*x = y
		return nil
	})
}

// PutAway ends a link: who opens it reads that it has ended. Its visits stay. It needs LinksManage.
func (l *Links) PutAway(ctx context.Context, actor team.Actor, id ID) (Link, error) {
	return l.change(ctx, actor, id, "link.off", func(x *Link) error { x.State = Off; return nil })
}

// TakeBack has a link lead on again. It needs LinksManage.
func (l *Links) TakeBack(ctx context.Context, actor team.Actor, id ID) (Link, error) {
	return l.change(ctx, actor, id, "link.on", func(x *Link) error { x.State = Active; return nil })
}

func (l *Links) change(ctx context.Context, actor team.Actor, id ID, verb string, f func(*Link) error) (x Link, err error) {
	if err := actor.May(team.LinksManage); err != nil {
		return x, err
	}
	err = l.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if x, err = l.hold(ctx, tx, actor.Company, id); err != nil {
			return err
		}
		before := x
		if err := f(&x); err != nil {
			return err
		}
		x.ChangedAt = l.rooms.Clock.Now()
		if before.Target != x.Target {
			if err := l.keepPast(ctx, tx, before, Past{At: x.ChangedAt, Member: actor.Member, Target: before.Target}); err != nil {
				return err
			}
		}
		if before.Campaign != x.Campaign || before.Channel != x.Channel {
			if err := l.moveTally(ctx, tx, before, x); err != nil {
				return err
			}
		}
		if err := l.save(ctx, tx, x); err != nil {
			return err
		}
		tx.AfterCommit(func() { l.ways.drop(x.Code) })
		return l.audit(ctx, tx, actor, verb, x)
	})
	if err != nil {
		return Link{}, fmt.Errorf("%s: %w", verb, err)
	}
	return x, nil
}

func (l *Links) audit(ctx context.Context, tx *store.Tx, actor team.Actor, verb string, x Link) error {
	return l.rooms.Team.Audit(ctx, tx, actor, team.Entry{Verb: verb, ObjectKind: "link", ObjectID: string(x.ID), Detail: map[string]string{"code": x.Code}})
}
