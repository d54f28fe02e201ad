package post

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Age is how old a message was when it was counted. It is stored in the database.
type Age string

// Ages lists when what a message brought is read, in their order.
var Ages = []Age{"1h", "1d", "7d", "30d"}

// ages says how long each is.
var ages = map[Age]time.Duration{"1h": time.Hour, "1d": 24 * time.Hour, "7d": 7 * 24 * time.Hour, "30d": 30 * 24 * time.Hour}

// Result is what a variant had brought at an age, all its messages together.
type Result struct {
	Variant VariantID
	Channel network.ChannelID
	Age     Age
	Parts   int       // messages that were counted
	ReadAt  time.Time // when the last of them was read
	Counted Counted
}

// Counted are numbers of a network. One that it does not tell is not among them, which is not the same as none.
type Counted struct {
	Reactions *int
	Replies   *int
	Shares    *int
	Quotes    *int
	Views     *int
}

// add adds the numbers of another message; what is told of one only counts for that one.
func (c *Counted) add(o Counted) {
	sum := func(to **int, n *int) {
		if n == nil {
			return
		}
		all := *n
		if *to != nil {
			all += **to
		}
		*to = &all
	}
	sum(&c.Reactions, o.Reactions)
	sum(&c.Replies, o.Replies)
	sum(&c.Shares, o.Shares)
	sum(&c.Quotes, o.Quotes)
	sum(&c.Views, o.Views)
}

// answers is how many people did something, as far as it is told.
func (c Counted) answers() (n int) {
	for _, x := range []*int{c.Reactions, c.Replies, c.Shares, c.Quotes} {
		if x != nil {
			n += *x
		}
	}
	return n
}

// Said is what people said under a post, with the conversations in which it stands.
type Said struct {
	Interactions int // what they wrote
	Talks        []inbox.Under
}

// mostTalks is how many conversations the page of a post lists.
const mostTalks = 50

// said gathers what people said under the messages of a post.
func (p *Posts) said(ctx context.Context, x Post, vs []Variant) (Said, error) {
	var out Said
	for _, v := range vs {
		var ids []string
		for _, part := range v.Parts {
			if part.RemoteID != "" {
				ids = append(ids, part.RemoteID)
			}
		}
		under, err := p.rooms.Inbox.UnderOurs(ctx, x.Company, v.Channel, ids)
		if err != nil {
			return out, err
		}
		for _, u := range under {
			out.Interactions += u.Said
		}
		out.Talks = append(out.Talks, under...)
	}
	slices.SortFunc(out.Talks, func(a, b inbox.Under) int { return b.Last.Compare(a.Last) })
	if len(out.Talks) > mostTalks {
		out.Talks = out.Talks[:mostTalks]
	}
	return out, nil
}

// countJob reads what messages have brought.
type countJob struct{}

func (countJob) Kind() string { return "post.count" }

const (
	countEvery = 5 * time.Minute
	countMost  = 500 // messages of one run
)

func (p *Posts) registerAfter(q *queue.Queue) {
	queue.Handle(q, 5*time.Minute, func(ctx context.Context, _ countJob) error { return p.Count(ctx) })
	q.Every(countEvery, queue.Options{Line: queue.Slow, MaxAttempts: 1, Unique: true}, countJob{})
	queue.Handle(q, 10*time.Minute, func(ctx context.Context, j correctionJob) error { return p.workCorrection(ctx, j) })
}

// beginCounts has what a message brings read at each age. Of the sample company nothing is read.
func (p *Posts) beginCounts(ctx context.Context, tx *store.Tx, c team.CompanyID, x Part) error {
	chs, err := p.rooms.Networks.ChannelsByID(ctx, c)
	if err != nil || chs[x.Channel].Sample || x.RemoteID == "" {
		return err
	}
	return p.insertCounts(ctx, tx, c, x)
}

// Count reads what is due, in every company: many messages of a channel with one call. A channel that cannot be read now is
// read later.
func (p *Posts) Count(ctx context.Context) error {
	rows, err := p.dueCounts(ctx, p.rooms.Clock.Now(), countMost)
	if err != nil {
		return fmt.Errorf("post.Count: %w", err)
	}
	type lane struct {
		company team.CompanyID
		channel network.ChannelID
	}
	lanes := map[lane][]countRow{}
	var order []lane
	for _, r := range rows {
		l := lane{r.CompanyID, r.ChannelID}
		if lanes[l] == nil {
			order = append(order, l)
		}
		lanes[l] = append(lanes[l], r)
	}
	for _, l := range order {
		if err := p.countLane(ctx, l.company, l.channel, lanes[l]); err != nil {
			return fmt.Errorf("post.Count: %w", err)
		}
	}
	return nil
}
