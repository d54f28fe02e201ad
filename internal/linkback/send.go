package linkback

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/mention"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// SendingState is where word of a link stands. It is stored in the database.
type SendingState string

// The states of a sending.
const (
	Planned   SendingState = "planned"   // it will be told
	Told      SendingState = "told"      // they took it, or had it already
	Unwilling SendingState = "unwilling" // the page does not want to be told
	Failed    SendingState = "failed"    // they said no, or could not be reached for days
	Quiet     SendingState = "quiet"     // it is from before, or nobody needs to be told
)

// Sending is a page that one of ours links, and what came of telling it.
type Sending struct {
	ID        SendingID
	Company   team.CompanyID
	Channel   network.ChannelID
	Article   string // the address of our page
	Title     string
	Target    string
	Linked    bool // our page still links there
	State     SendingState
	Protocol  mention.Protocol // "" until they were told
	Endpoint  string
	Status    int
	Fault     mention.Code
	Says      string // in their words
	StatusURL string // where they tell what becomes of it
	Problem   string // why it did not work, as a key of the catalog
	Tries     int
	NextAt    time.Time // zero: it is not tried again
	FirstAt   time.Time
	DoneAt    time.Time // zero: not yet
}

// Article is a page of a site of ours.
type Article struct {
	RemoteID string // what the channel calls it
	URL      string
	Title    string
	HTML     string    // what it says: its links are told
	At       time.Time // when it was published
	Gone     bool      // it is not there any more: whoever was told of it is told again
}

// tellJob tells one page.
type tellJob struct {
	Company team.CompanyID `json:"company" river:"unique"`
	Sending SendingID      `json:"sending" river:"unique"`
}

func (tellJob) Kind() string { return "linkback.tell" }

// freshFor is how old an article may be when it is first seen and still be told of: what a site had before it was connected stays quiet.
const freshFor = 48 * time.Hour

// heard has the articles told of that a site's channel brought.
func (x *Linkbacks) heard(ctx context.Context, tx *store.Tx, ch network.Channel, items []network.Item) error {
	if ch.Network != network.Site {
		return nil
	}
	for _, it := range items {
		if IsRemoteID(it.RemoteID) || !it.Mine && !it.Deleted || it.Kind != network.KindPost && !it.Deleted {
			continue
		}
		title, _, _ := strings.Cut(it.Text, "\n")
		if err := x.SendFor(ctx, tx, ch, Article{RemoteID: it.RemoteID, URL: it.URL, Title: title, HTML: it.HTML, At: it.At, Gone: it.Deleted}); err != nil {
			return err
		}
	}
	return nil
}

// SendFor has the pages told that an article of a site links: new links, all of them again when what it says has changed, those that it linked
// before, and all when it is gone. The same article again tells nobody. It leaves as jobs, if and only if the transaction is committed.
func (x *Linkbacks) SendFor(ctx context.Context, tx *store.Tx, ch network.Channel, a Article) error {
	if err := x.sendFor(ctx, tx, ch, a); err != nil {
		return fmt.Errorf("linkback.SendFor: %w", err)
	}
	return nil
}

func (x *Linkbacks) sendFor(ctx context.Context, tx *store.Tx, ch network.Channel, a Article) error {
	now := x.rooms.Clock.Now()
	old, err := x.articleAt(ctx, ch, mention.Key(a.URL))
	if errors.Is(err, store.ErrMissing) && a.RemoteID != "" {
		old, err = x.articleOf(ctx, ch, a.RemoteID)
	}
	fresh := errors.Is(err, store.ErrMissing)
	switch {
	case err != nil && !fresh:
		return err
	case fresh && (a.Gone || mention.Key(a.URL) == ""):
		return nil
	case a.Gone:
		a.HTML = ""
	}
	row := old
	sum := sha256.Sum256([]byte(a.Title + "\n" + a.HTML))
	if fresh {
		row = articleRow{ID: articleID(articleKind.New(now)), CompanyID: ch.Company, ChannelID: ch.ID, URL: a.URL, URLKey: mention.Key(a.URL)}
	}
	row.RemoteID, row.Gone, row.Hash, row.ChangedAt = a.RemoteID, a.Gone, base64.RawURLEncoding.EncodeToString(sum[:12]), now
	if !a.Gone {
		row.Title, row.Excerpt = text.Cut(a.Title, 300), text.Cut(strings.Join(strings.Fields(text.PlainFromHTML(a.HTML)), " "), 250)
	}
	if !fresh && row.Hash == old.Hash && row.Gone == old.Gone {
		return nil
	}
	if fresh {
		err = x.insertArticle(ctx, tx, row)
	} else {
		err = x.saveArticle(ctx, tx, row)
	}
	if err != nil {
		return err
	}
	quiet := fresh && (a.At.Before(ch.ConnectedAt.Add(-freshFor)) && now.Sub(a.At) > freshFor)
	return x.plan(ctx, tx, ch, row, mention.Links(row.URL, a.HTML), quiet, now)
}

// plan compares what an article links with what it linked before.
func (x *Linkbacks) plan(ctx context.Context, tx *store.Tx, ch network.Channel, a articleRow, links []string, quiet bool, now time.Time) error {
	before, err := x.sendingsOf(ctx, tx, a)
	if err != nil {
		return err
	}
	linked := map[string]string{}
	var order []string
	for _, l := range links {
		if mention.Within(l, address(ch)) { // a site need not tell itself
			continue
		}
		linked[mention.Key(l)] = l
		order = append(order, mention.Key(l))
	}
	for _, s := range before {
		target, still := linked[s.TargetKey]
		delete(linked, s.TargetKey)
		if !still && !s.Linked && s.State != Planned {
			continue // it was taken out before, and they know
		}
		s.Linked, s.Tries, s.DoneAt, s.Problem = still, 0, time.Time{}, ""
		s.Revision++
		if s.State, s.NextAt = Planned, now; still {
			s.Target = target
		}
		if !still && !s.Taken { // they never heard of it
			s.State, s.NextAt, s.DoneAt = Quiet, time.Time{}, now
		}
		if err := x.saveSending(ctx, tx, s); err != nil {
			return err
		}
		if err := x.tellSoon(ctx, tx, s); err != nil {
			return err
		}
	}
	for _, k := range order {
		target, more := linked[k]
		if !more {
			continue
		}
		u, err := mention.Address(target)
		if err != nil {
			continue
		}
		s := sendingRow{
			ID: SendingID(sendingKind.New(now)), CompanyID: a.CompanyID, ChannelID: a.ChannelID, ArticleID: a.ID, Target: target, TargetKey: k, Host: host(u),
			Linked: true, State: Planned, NextAt: now, FirstAt: now, Revision: 1,
		}
		if quiet {
			s.State, s.NextAt, s.DoneAt = Quiet, time.Time{}, now
		}
		if err := x.insertSending(ctx, tx, s); err != nil {
			return err
		}
		if err := x.tellSoon(ctx, tx, s); err != nil {
			return err
		}
	}
	return nil
}

// tellSoon has a page told.
func (x *Linkbacks) tellSoon(ctx context.Context, tx *store.Tx, s sendingRow) error {
	if x.rooms.Queue == nil || s.State != Planned {
		return nil
	}
	return x.rooms.Queue.Add(ctx, tx, tellJob{Company: s.CompanyID, Sending: s.ID}, queue.Options{Line: queue.Hook, MaxAttempts: 25, Unique: true})
}

// tellPauses are those after an attempt that failed; after the last it is given up.
var tellPauses = []time.Duration{time.Minute, 10 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour, 48 * time.Hour}

// Step tells a page once, when it is time, and says after how long it wants the next step; 0: there is none.
func (x *Linkbacks) Step(ctx context.Context, c team.CompanyID, id SendingID) (time.Duration, error) {
	wait, err := x.step(ctx, c, id)
	if err != nil {
		return 0, fmt.Errorf("linkback.Step: %w", err)
	}
	return wait, nil
}

func (x *Linkbacks) step(ctx context.Context, c team.CompanyID, id SendingID) (time.Duration, error) {
	s, err := x.readSending(ctx, c, id)
	if errors.Is(err, ErrNoSending) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	now := x.rooms.Clock.Now()
	switch {
	case s.State != Planned || x.rooms.HTTP == nil:
		return 0, nil
	case s.NextAt.After(now):
		return s.NextAt.Sub(now), nil
	}
	a, err := x.readArticle(ctx, c, s.ArticleID)
	if err != nil {
		return 0, err
	}
	ch, err := x.rooms.Networks.ChannelAt(ctx, s.ChannelID)
	if err != nil || ch.State == network.Gone || ch.Sample {
		return 0, errors.Join(when(!errors.Is(err, network.ErrNoChannel), err))
	}
	if wait := x.pace.take(s.Host); wait > 0 {
		return wait, nil
	}
	answer, err := x.say(ctx, ch, a, s)
	if ctx.Err() != nil { // the house is shutting down: that says nothing of the page
		return 0, ctx.Err()
	}
	return x.said(context.WithoutCancel(ctx), s, answer, err)
}

// say finds out how a page wants to be told and tells it, by the best way that it has. A way that is refused leaves room for the next.
func (x *Linkbacks) say(ctx context.Context, ch network.Channel, a articleRow, s sendingRow) (mention.Answer, error) {
	call, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	e, err := mention.Look(call, x.rooms.HTTP, s.Target)
	if err != nil || !e.Any() {
		return mention.Answer{}, err
	}
	if e.Webmention != "" {
		answer, err := mention.SendWebmention(call, x.rooms.HTTP, e.Webmention, a.URL, s.Target)
		if err != nil || answer.Outcome != mention.Refused || e.Pingback == "" && e.Trackback == "" {
			return answer, err
		}
	}
	// The old ways cannot take anything back.
	if !s.Linked {
		return mention.Answer{}, nil
	}
	if e.Pingback != "" {
		answer, err := mention.SendPingback(call, x.rooms.HTTP, e.Pingback, a.URL, s.Target)
		if err != nil || answer.Outcome != mention.Refused || e.Trackback == "" {
			return answer, err
		}
	}
	if e.Trackback == "" {
		return mention.Answer{}, nil
	}
	if s.Taken && s.Protocol == mention.TrackBack { // told again it would stand there twice
		return mention.Answer{Protocol: mention.TrackBack, Endpoint: e.Trackback, Outcome: mention.Known}, nil
	}
	return mention.SendTrackback(call, x.rooms.HTTP, e.Trackback, mention.Trackback{URL: a.URL, Title: a.Title, Excerpt: a.Excerpt, BlogName: ch.Name})
}

// said writes down what came of telling.
func (x *Linkbacks) said(ctx context.Context, s sendingRow, a mention.Answer, failed error) (wait time.Duration, err error) {
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		cur, err := x.holdSending(ctx, tx, s.CompanyID, s.ID)
		if err != nil || cur.Revision != s.Revision || cur.State != Planned { // it changed meanwhile: that step tells
			if cur.State == Planned && cur.Revision != s.Revision {
				wait = time.Second
			}
			return err
		}
		now := x.rooms.Clock.Now()
		cur.Tries++
		cur.Protocol, cur.Endpoint, cur.Status, cur.Fault, cur.Says, cur.StatusURL = a.Protocol, a.Endpoint, a.Status, int(a.Fault), a.Says, a.StatusURL
		cur.Problem, cur.NextAt, cur.DoneAt = "", time.Time{}, now
		later := a.Outcome == mention.Later
		switch {
		case failed != nil:
			cur.Problem, later = trouble(failed)
			cur.State = Failed
		case a.Protocol == "":
			cur.State, cur.Problem = Unwilling, ProblemUnwilling
		case a.Outcome == mention.Taken, a.Outcome == mention.Known:
			cur.State, cur.Taken = Told, cur.Linked
		default:
			cur.State, cur.Problem = Failed, ProblemRefused
			if !cur.Linked { // that the page is not taken any more is what was to be said
				cur.State, cur.Taken = Told, false
			}
		}
		if later && cur.Tries <= len(tellPauses) {
			wait = max(tellPauses[cur.Tries-1], a.After)
			cur.State, cur.NextAt, cur.DoneAt = Planned, now.Add(wait), time.Time{}
		}
		return x.saveSending(ctx, tx, cur)
	})
	if errors.Is(err, ErrNoSending) {
		return 0, nil
	}
	return wait, err
}

// SendingFilter narrows the sendings of a company. Empty fields do not narrow.
type SendingFilter struct {
	Channel network.ChannelID
	Article string
	State   SendingState
	Cursor  string
	Limit   int // 1 to 200; 0 is 50
}

// SendingList is a part of the sendings, newest first.
type SendingList struct {
	Sendings []Sending
	Next     string
}

// Sendings lists what the company's pages link and what came of telling it. It needs PostsRead.
func (x *Linkbacks) Sendings(ctx context.Context, a team.Actor, f SendingFilter) (SendingList, error) {
	if err := a.May(team.PostsRead); err != nil {
		return SendingList{}, fmt.Errorf("linkback.Sendings: %w", err)
	}
	n := limited(f.Limit)
	all, err := x.listSendings(ctx, a.Company, f, n+1)
	if err != nil {
		return SendingList{}, fmt.Errorf("linkback.Sendings: %w", err)
	}
	var out SendingList
	if len(all) > n {
		all, out.Next = all[:n], string(all[n-1].ID)
	}
	out.Sendings = all
	return out, nil
}

// TellAgain tells a page again that said no, did not want to be told, or was left quiet. It needs PostsPublish.
func (x *Linkbacks) TellAgain(ctx context.Context, a team.Actor, id SendingID) error {
	if err := a.May(team.PostsPublish); err != nil {
		return fmt.Errorf("linkback.TellAgain: %w", err)
	}
	err := x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		s, err := x.holdSending(ctx, tx, a.Company, id)
		if err != nil || s.State == Planned {
			return err
		}
		if sample, err := x.sample(ctx, s.ChannelID); err != nil {
			return err
		} else if sample { // nobody is told: they say what they said
			s.DoneAt = x.rooms.Clock.Now()
			return x.saveSending(ctx, tx, s)
		}
		s.State, s.Tries, s.NextAt, s.DoneAt = Planned, 0, x.rooms.Clock.Now(), time.Time{}
		s.Revision++
		if err := x.saveSending(ctx, tx, s); err != nil {
			return err
		}
		return x.tellSoon(ctx, tx, s)
	})
	if err != nil {
		return fmt.Errorf("linkback.TellAgain: %w", err)
	}
	return nil
}
