package post

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/writing"
)

// Doubt is something in a post that looks as if it should not go out: a secret, an IBAN, somebody's personal data. A member must
// say that it may.
type Doubt struct {
	Mark    string // names what it is; the same words in another place are the same
	Kind    writing.Kind
	Key     string // of the sentence that says what it is
	Args    map[string]any
	Shown   string // its ends, for people to recognise it by
	Channel network.ChannelID
	Start   int // bytes of the text, when it is in the text of the message or of a channel's own
	End     int
	By      team.MemberID // who said that it may go out; "" nobody
	At      time.Time
}

// Advice is what is to be said about how a text reads.
type Advice struct {
	writing.Advice
	Channel network.ChannelID // whose own text it is about; "" the message
}

// recentPosts is how many of the last posts are read beside a new one.
const recentPosts = 20

// look reads a content: what is to be said about it, and what must be confirmed.
func (p *Posts) look(ctx context.Context, c team.CompanyID, id ID, w Written) ([]Advice, []Doubt, error) {
	s, err := p.settingsOf(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	company, err := p.rooms.Team.Company(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	ms, err := p.rooms.Team.MembersByID(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	recent, err := p.recentTexts(ctx, c, id)
	if err != nil {
		return nil, nil, err
	}
	in := writing.Text{
		Body: w.Message.Text, Language: w.Message.Language, Own: append([]string{company.Name}, s.Own...), Public: s.Public, Media: len(w.Message.Media),
		Tags: len(w.Message.Tags), Recent: recent,
	}
	if in.Language == "" {
		in.Language = company.Locale
	}
	for _, m := range sortedKeys(ms) {
		if ms[m].State == team.MemberActive {
			in.Colleagues = append(in.Colleagues, ms[m].Name)
		}
	}
	for _, x := range w.Message.Media {
		in.Alts = append(in.Alts, x.Alt)
	}
	var advice []Advice
	var doubts []Doubt
	take := func(in writing.Text, ch network.ChannelID, all bool) {
		for _, a := range writing.Look(in) {
			if a.Level != writing.Confirm {
				if all {
					advice = append(advice, Advice{a, ch})
				}
				continue
			}
			d := doubt(a, in.Body, ch)
			if !all {
				d.Start, d.End = 0, 0
			}
			if !slices.ContainsFunc(doubts, func(x Doubt) bool { return x.Mark == d.Mark }) {
				doubts = append(doubts, d)
			}
		}
	}
	known, err := p.links(ctx, c, linksOf(w, ""))
	if err != nil {
		return nil, nil, err
	}
	warn := func(text string, ch network.ChannelID) {
		for _, a := range linkWarnings(text, known) {
			advice = append(advice, Advice{a, ch})
		}
	}
	take(in, "", true)
	warn(in.Body, "")
	for _, ch := range sortedKeys(w.Own) {
		own := in
		own.Body = w.Own[ch].Text
		take(own, ch, true)
		warn(own.Body, ch)
	}
	// What stands beside the text may hold the same; how it reads is of no matter there.
	for _, t := range words(w.Message, w.Own) {
		if t != "" && t != w.Message.Text {
			take(writing.Text{Body: t, Language: in.Language, Own: in.Own, Public: in.Public, Colleagues: in.Colleagues}, "", false)
		}
	}
	said, err := p.confirmations(ctx, c, id)
	if err != nil {
		return nil, nil, err
	}
	for i := range doubts {
		if x, ok := said[doubts[i].Mark]; ok {
			doubts[i].By, doubts[i].At = x.MemberID, x.At
		}
	}
	return advice, doubts, nil
}

func doubt(a writing.Advice, body string, ch network.ChannelID) Doubt {
	what := body
	if a.End > a.Start && a.End <= len(body) {
		what = body[a.Start:a.End]
	}
	return Doubt{Mark: a.Mark(body), Kind: a.Kind, Key: a.Key, Args: a.Args, Shown: ends(what), Channel: ch, Start: a.Start, End: a.End}
}

// ends shows the ends of something that should not be written anywhere again.
func ends(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	rs := []rune(s)
	if n := utf8.RuneCountInString(s); n > 8 {
		return string(rs[:3]) + "…" + string(rs[n-2:])
	}
	if len(rs) == 0 {
		return ""
	}
	return string(rs[:1]) + "…"
}

// open are the doubts that nobody has answered for.
func open(ds []Doubt) []Doubt {
	return slices.DeleteFunc(slices.Clone(ds), func(d Doubt) bool { return d.By != "" })
}

// Confirm says, in a member's name, that things in a post which look as if they should not go out may go out. It needs
// PostsWrite, and a member in person.
func (p *Posts) Confirm(ctx context.Context, actor team.Actor, id ID, marks []string) error {
	if err := actor.May(team.PostsWrite); err != nil {
		return err
	}
	if actor.Member == "" {
		return fault.New(fault.Denied, "team.denied.self")
	}
	err := p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := p.alone(ctx, tx, actor.Company); err != nil {
			return err
		}
		x, err := p.readPost(ctx, actor.Company, id)
		if err != nil {
			return err
		}
		w, err := p.written(ctx, x)
		if err != nil {
			return err
		}
		_, ds, err := p.look(ctx, actor.Company, id, w)
		if err != nil {
			return err
		}
		now := p.rooms.Clock.Now()
		for _, mark := range marks {
			i := slices.IndexFunc(ds, func(d Doubt) bool { return d.Mark == mark })
			if i < 0 {
				return fault.New(fault.Conflict, "post.confirm.moved")
			}
			if ds[i].By != "" {
				continue
			}
			if err := p.insertConfirmation(ctx, tx, actor, id, ds[i], now); err != nil {
				return err
			}
			err := p.rooms.Team.Audit(ctx, tx, actor, team.Entry{
				Verb: "post.confirm", ObjectKind: "post", ObjectID: string(id), Detail: map[string]string{"kind": string(ds[i].Kind)},
			})
			if err != nil {
				return err
			}
		}
		return p.tell(ctx, tx, actor, id)
	})
	if err != nil {
		return fmt.Errorf("post.Confirm: %w", err)
	}
	return nil
}
