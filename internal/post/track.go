package post

import (
	"context"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/adapt"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Tracks makes and counts the links of the company's own address that posts go out with. The house has a room for them above this one.
type Tracks interface {
	// Plan gives the addresses that Make would make links under, in the same order; "" where an address stays as it is.
	Plan(ctx context.Context, c team.CompanyID, all []Tracked) ([]string, error)
	Make(ctx context.Context, tx *store.Tx, c team.CompanyID, all []Tracked) error
	// Visits counts what came by the links of a post: since, for each channel, gives the moment to count from and the moments to count up to.
	Visits(ctx context.Context, c team.CompanyID, id ID, since func(network.ChannelID) (time.Time, []time.Time)) ([]Visited, error)
	// Drop takes away the links of a post that never went out.
	Drop(ctx context.Context, tx *store.Tx, c team.CompanyID, id ID) error
	// Came gives when people followed links of posts, on a channel or, with "", on all, since a moment: the latest, at most so many.
	Came(ctx context.Context, c team.CompanyID, ch network.ChannelID, since time.Time, most int) ([]time.Time, error)
	// Reachable tells whether strangers can open such links.
	Reachable(ctx context.Context, c team.CompanyID) (bool, error)
}

// Tracked is an address in a post, on one channel.
type Tracked struct {
	Post     ID
	Channel  network.ChannelID
	Network  network.Name
	Campaign string
	Title    string
	Address  string
	Member   team.MemberID
}

// Visited is what came by one link of a post.
type Visited struct {
	Channel network.ChannelID
	Link    string // its id in the room of links
	Address string // under which it was followed
	Target  string
	Visits  int64 // of people, since it went out
	By      map[Age]int64
}

const mostTracked = 40 // addresses of one post

// Addresses gives the addresses in a content whose visits can be counted, each once; those of its signature are not among them.
func (w Written) Addresses() []string { return addresses(w, "") }

// addresses gives the addresses in a content that a tracked link can stand for, each once.
func addresses(w Written, footer string) (all []string) {
	texts := []string{w.Message.Text, w.Message.FirstComment, footer}
	for _, ch := range sortedKeys(w.Own) {
		texts = append(texts, w.Own[ch].Text, w.Own[ch].FirstComment)
	}
	seen := map[string]bool{}
	for _, t := range texts {
		for _, l := range adapt.Links(t) {
			if !seen[l.Address] && len(all) < mostTracked {
				seen[l.Address] = true
				all = append(all, l.Address)
			}
		}
	}
	return all
}

// tracked lists what the links of a content are made for. A link from a page of one's own site is no visit from elsewhere.
func (p *Posts) tracked(ctx context.Context, c team.CompanyID, id ID, w Written, footer string, channels map[network.ChannelID]network.Channel) (all []Tracked, err error) {
	if !w.Message.Track || p.rooms.Tracks == nil {
		return nil, nil
	}
	of, by := id, team.MemberID("")
	if id != "" {
		x, err := p.readPost(ctx, c, id)
		if err != nil {
			return nil, err
		}
		if by = x.SavedBy; x.Series != "" { // what comes again has the links of its first time: its bytes are the same
			s, err := p.series(ctx, c, x.Series)
			if err != nil {
				return nil, err
			}
			of = s.First
		}
	}
	for _, address := range addresses(w, footer) {
		for _, ch := range w.Channels {
			if n := channels[ch].Network; n != network.Name(adapt.Site) && n != "" {
				all = append(all, Tracked{Post: of, Channel: ch, Network: n, Campaign: w.Message.Campaign, Title: preview(w.Message), Address: address, Member: by})
			}
		}
	}
	return all, nil
}

// gatherTracks finds the addresses under which the links of a content are followed.
func (p *Posts) gatherTracks(ctx context.Context, c team.CompanyID, f *fitter, id ID, w Written) error {
	all, err := p.tracked(ctx, c, id, w, f.footer, f.channels)
	if err != nil || len(all) == 0 {
		return err
	}
	planned, err := p.rooms.Tracks.Plan(ctx, c, all)
	if err != nil {
		return err
	}
	f.short = map[network.ChannelID]map[string]string{}
	for i, x := range all {
		if f.short[x.Channel] == nil {
			f.short[x.Channel] = map[string]string{}
		}
		f.short[x.Channel][x.Address] = planned[i]
	}
	open, err := p.rooms.Tracks.Reachable(ctx, c)
	f.shut = !open && !f.company.Sample // of the sample company nothing leaves the house
	return err
}

// makeTracks makes the links that contents go out with.
func (p *Posts) makeTracks(ctx context.Context, tx *store.Tx, x Post, w Written, contents map[network.ChannelID][]Content) error {
	channels, err := p.rooms.Networks.ChannelsByID(ctx, x.Company)
	if err != nil {
		return err
	}
	footer, err := p.footer(ctx, x.Company, w.Message)
	if err != nil {
		return err
	}
	all, err := p.tracked(ctx, x.Company, x.ID, w, footer, channels)
	if err != nil || len(all) == 0 {
		return err
	}
	planned, err := p.rooms.Tracks.Plan(ctx, x.Company, all)
	if err != nil {
		return err
	}
	var used []Tracked
	for i, address := range planned {
		if address != "" && carries(contents[all[i].Channel], address) {
			used = append(used, all[i])
		}
	}
	return p.rooms.Tracks.Make(ctx, tx, x.Company, used)
}

// dropTracks takes away the links of a post that was dropped. Those of what comes again go with its last post.
func (p *Posts) dropTracks(ctx context.Context, tx *store.Tx, x Post) error {
	if p.rooms.Tracks == nil {
		return nil
	}
	of := x.ID
	if x.Series != "" {
		s, err := p.series(ctx, x.Company, x.Series)
		if err != nil {
			return err
		}
		if len(s.Posts) > 0 || !s.Ended {
			return nil
		}
		of = s.First
	}
	return p.rooms.Tracks.Drop(ctx, tx, x.Company, of)
}

// carries tells whether an address goes out with contents.
func carries(cs []Content, address string) bool {
	for _, c := range cs {
		if strings.Contains(c.Text, address) || strings.Contains(c.Markup, address) || c.Card == address {
			return true
		}
		for _, f := range c.Facets {
			if f.Value == address {
				return true
			}
		}
	}
	return false
}

// visited counts what came by the links of a post.
func (p *Posts) visited(ctx context.Context, x Post, vs []Variant) ([]Visited, error) {
	if p.rooms.Tracks == nil {
		return nil, nil
	}
	id := x.ID
	if x.Series != "" {
		s, err := p.series(ctx, x.Company, x.Series)
		if err != nil {
			return nil, err
		}
		id = s.First
	}
	sent := map[network.ChannelID]time.Time{}
	for _, v := range vs {
		if first := begun(v); !first.IsZero() {
			sent[v.Channel] = first
		}
	}
	if len(sent) == 0 {
		return nil, nil
	}
	now := p.rooms.Clock.Now()
	all, err := p.rooms.Tracks.Visits(ctx, x.Company, id, func(ch network.ChannelID) (time.Time, []time.Time) {
		at, out := sent[ch]
		if !out {
			return now, nil
		}
		until := []time.Time{now.Add(time.Second)}
		for _, a := range Ages {
			until = append(until, at.Add(ages[a]))
		}
		return at, until
	})
	if err != nil {
		return nil, err
	}
	var kept []Visited
	for _, v := range all {
		if at, out := sent[v.Channel]; out {
			for a := range v.By {
				if at.Add(ages[a]).After(now) {
					delete(v.By, a) // it is not that old yet
				}
			}
			kept = append(kept, v)
		}
	}
	return kept, nil
}

// begun is when the first message of a variant stood on its network.
func begun(v Variant) time.Time {
	first := v.SentAt
	for _, x := range v.Parts {
		if !x.SentAt.IsZero() && (first.IsZero() || x.SentAt.Before(first)) {
			first = x.SentAt
		}
	}
	return first
}
