package linkback

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/mention"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
	"github.com/ponte-desk/ponte/internal/triage"
)

// Filter narrows the mentions of a company. Empty fields do not narrow.
type Filter struct {
	Channel network.ChannelID
	Target  string
	State   State
	Hidden  bool   // only those that are not shown on the site
	Cursor  string // Next of the page before
	Limit   int    // 1 to 200; 0 is 50
}

// List is a part of the mentions, newest first.
type List struct {
	Mentions []Mention
	Next     string // "" when this was the last
}

func limited(n int) int {
	if n <= 0 {
		return 50
	}
	return min(n, 200)
}

// Mentions lists what other people's pages say of the company's sites, refused ones too. It needs InboxRead.
func (x *Linkbacks) Mentions(ctx context.Context, a team.Actor, f Filter) (List, error) {
	if err := a.May(team.InboxRead); err != nil {
		return List{}, fmt.Errorf("linkback.Mentions: %w", err)
	}
	n := limited(f.Limit)
	all, err := x.listMentions(ctx, a.Company, f, n+1)
	if err != nil {
		return List{}, fmt.Errorf("linkback.Mentions: %w", err)
	}
	var out List
	if len(all) > n {
		all, out.Next = all[:n], string(all[n-1].ID)
	}
	out.Mentions = all
	return out, nil
}

// Hide keeps a mention from being shown on the company's site, for a reason; the conversation stays as it is. What was judged criticism
// is not hidden because it does not please: only as an insult, as spam, or because its author wishes it (ErrCriticism). "" shows it again. It
// needs InboxOrganise.
func (x *Linkbacks) Hide(ctx context.Context, a team.Actor, id MentionID, why Reason) (Mention, error) {
	if err := a.May(team.InboxOrganise); err != nil {
		return Mention{}, fmt.Errorf("linkback.Hide: %w", err)
	}
	if why != "" && !slices.Contains(Reasons, why) {
		return Mention{}, fmt.Errorf("linkback.Hide: %w", fault.InvalidFields(fault.Field{Name: "reason", Key: "linkback.reason"}))
	}
	var m Mention
	err := x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		if m, err = x.holdMention(ctx, tx, Mention{ID: id, Company: a.Company}); err != nil || m.Hidden == why {
			return err
		}
		if why == Other {
			criticism, err := x.isCriticism(ctx, m)
			if err != nil {
				return err
			}
			if criticism {
				return ErrCriticism
			}
		}
		verb := "linkback.show"
		m.Hidden, m.HiddenBy, m.HiddenAt = why, "", time.Time{}
		if why != "" {
			verb, m.HiddenBy, m.HiddenAt = "linkback.hide", a.Member, x.rooms.Clock.Now()
		}
		if err := x.saveMention(ctx, tx, m); err != nil {
			return err
		}
		return x.rooms.Team.Audit(ctx, tx, a, team.Entry{Verb: verb, ObjectKind: "mention", ObjectID: string(id), Detail: map[string]string{"reason": string(why)}})
	})
	if err != nil {
		return Mention{}, fmt.Errorf("linkback.Hide: %w", err)
	}
	return m, nil
}

// isCriticism tells whether what a mention says counts as criticism now.
func (x *Linkbacks) isCriticism(ctx context.Context, m Mention) (bool, error) {
	got, err := x.rooms.Inbox.InteractionsOn(ctx, m.Company, m.Channel, []string{m.RemoteID})
	if err != nil {
		return false, err
	}
	i, ok := got[m.RemoteID]
	if !ok {
		return false, nil
	}
	vs, err := x.rooms.Verdicts.Of(ctx, m.Company, []string{string(i.ID)})
	return vs[string(i.ID)].Criticism == triage.Yes, err
}

// LookAgain has the source of a mention read again. It needs InboxOrganise.
func (x *Linkbacks) LookAgain(ctx context.Context, a team.Actor, id MentionID) (Mention, error) {
	if err := a.May(team.InboxOrganise); err != nil {
		return Mention{}, fmt.Errorf("linkback.LookAgain: %w", err)
	}
	var m Mention
	err := x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		if m, err = x.holdMention(ctx, tx, Mention{ID: id, Company: a.Company}); err != nil || m.State == Waiting {
			return err
		}
		if sample, err := x.sample(ctx, m.Channel); err != nil {
			return err
		} else if sample { // nobody is asked: it says what it said
			m.Checked = x.rooms.Clock.Now()
			return x.saveMention(ctx, tx, m)
		}
		m.State, m.tries = Waiting, 0
		m.told++
		if err := x.saveMention(ctx, tx, m); err != nil {
			return err
		}
		return x.checkSoon(ctx, tx, m)
	})
	if err != nil {
		return Mention{}, fmt.Errorf("linkback.LookAgain: %w", err)
	}
	return m, nil
}

// Block is a host of which the company takes nothing, with all below it.
type Block struct {
	Host string
	By   team.MemberID
	At   time.Time
}

// BlockHost takes nothing of a host any more, and hides as spam what came from there. It needs ChannelsManage.
func (x *Linkbacks) BlockHost(ctx context.Context, a team.Actor, name string) (Block, error) {
	if err := a.May(team.ChannelsManage); err != nil {
		return Block{}, fmt.Errorf("linkback.BlockHost: %w", err)
	}
	h, err := hostOf(name)
	if err != nil {
		return Block{}, fmt.Errorf("linkback.BlockHost: %w", fault.InvalidFields(fault.Field{Name: "host", Key: "linkback.host"}))
	}
	b := Block{Host: h, By: a.Member, At: x.rooms.Clock.Now()}
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := x.insertBlock(ctx, tx, blockRow{CompanyID: a.Company, Host: h, ByMember: a.Member, At: b.At}); err != nil {
			return err
		}
		all, err := x.takenOf(ctx, a.Company, h, 1000)
		if err != nil {
			return err
		}
		for _, m := range all {
			if m.Hidden != "" {
				continue
			}
			m.Hidden, m.HiddenBy, m.HiddenAt = Spam, a.Member, b.At
			if err := x.saveMention(ctx, tx, m); err != nil {
				return err
			}
		}
		return x.rooms.Team.Audit(ctx, tx, a, team.Entry{Verb: "linkback.block", ObjectKind: "host", ObjectID: h})
	})
	if err != nil {
		return Block{}, fmt.Errorf("linkback.BlockHost: %w", err)
	}
	return b, nil
}

// UnblockHost lets a host tell again; what was hidden stays hidden. It needs ChannelsManage.
func (x *Linkbacks) UnblockHost(ctx context.Context, a team.Actor, name string) error {
	if err := a.May(team.ChannelsManage); err != nil {
		return fmt.Errorf("linkback.UnblockHost: %w", err)
	}
	err := x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := x.deleteBlock(ctx, tx, a.Company, name); err != nil {
			return err
		}
		return x.rooms.Team.Audit(ctx, tx, a, team.Entry{Verb: "linkback.unblock", ObjectKind: "host", ObjectID: name})
	})
	if err != nil {
		return fmt.Errorf("linkback.UnblockHost: %w", err)
	}
	return nil
}

// Blocks lists the hosts of which nothing is taken. It needs ChannelsRead.
func (x *Linkbacks) Blocks(ctx context.Context, a team.Actor) ([]Block, error) {
	if err := a.May(team.ChannelsRead); err != nil {
		return nil, fmt.Errorf("linkback.Blocks: %w", err)
	}
	rows, err := x.listBlocks(ctx, a.Company)
	if err != nil {
		return nil, fmt.Errorf("linkback.Blocks: %w", err)
	}
	out := make([]Block, len(rows))
	for i, r := range rows {
		out[i] = Block{Host: r.Host, By: r.ByMember, At: r.At.UTC()}
	}
	return out, nil
}

// Shown is a mention as strangers see it: plain text, nothing that loads anything from elsewhere.
type Shown struct {
	Kind      mention.Kind
	Author    string
	AuthorURL string
	URL       string // of what they wrote
	Text      string
	At        time.Time
}

// Wall is what a page of the company's site shows of what others say of it.
type Wall struct {
	Channel network.Channel
	Target  string
	Shown   []Shown              // newest first
	Counts  map[mention.Kind]int // of all that are shown
	Hidden  map[Reason]int       // how many are not shown, and why: nothing is hidden without a trace
	More    int                  // how many older ones there are
}

// Bounds of a wall.
const (
	mostRead  = 500
	mostShown = 100
	mostWords = 600 // characters
)

// Wall gives what is said of a page of a site, for strangers.
func (x *Linkbacks) Wall(ctx context.Context, id network.ChannelID, target string) (Wall, error) {
	w, err := x.wall(ctx, id, target)
	if err != nil {
		return Wall{}, fmt.Errorf("linkback.Wall: %w", err)
	}
	return w, nil
}

func (x *Linkbacks) wall(ctx context.Context, id network.ChannelID, target string) (Wall, error) {
	ch, err := x.Site(ctx, id)
	if err != nil {
		return Wall{}, err
	}
	if !mention.Within(target, address(ch)) {
		return Wall{}, ErrTarget
	}
	w := Wall{Channel: ch, Target: target, Counts: map[mention.Kind]int{}, Hidden: map[Reason]int{}}
	all, err := x.taken(ctx, ch, mention.Key(target), mostRead)
	if err != nil {
		return Wall{}, err
	}
	var remote, keys []string
	for _, m := range all {
		remote, keys = append(remote, m.RemoteID), append(keys, m.authorKey)
	}
	said, err := x.rooms.Inbox.InteractionsOn(ctx, ch.Company, ch.ID, remote)
	if err != nil {
		return Wall{}, err
	}
	people, err := x.rooms.Audience.IdentitiesByKey(ctx, ch.Company, network.Site, keys)
	if err != nil {
		return Wall{}, err
	}
	for _, m := range all {
		i, ok := said[m.RemoteID]
		switch {
		case !ok || !i.DeletedAt.IsZero():
			continue
		case m.Hidden != "":
			w.Hidden[m.Hidden]++
			continue
		}
		w.Counts[m.Kind]++
		if len(w.Shown) == mostShown {
			w.More++
			continue
		}
		w.Shown = append(w.Shown, shown(m, i, people[m.authorKey]))
	}
	slices.SortStableFunc(w.Shown, func(a, b Shown) int { return b.At.Compare(a.At) })
	return w, nil
}

func shown(m Mention, i inbox.Interaction, by audience.Identity) Shown {
	s := Shown{Kind: m.Kind, Author: text.Cut(by.Label(), 100), AuthorURL: by.URL, URL: i.URL, Text: text.Cut(i.Text, mostWords), At: i.At}
	for _, u := range []*string{&s.AuthorURL, &s.URL} {
		if _, err := mention.Address(*u); err != nil {
			*u = ""
		}
	}
	return s
}
