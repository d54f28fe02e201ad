package mastodon

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/text"
)

const (
	// mostFindPages is how far back Find reads: 400 statuses.
	mostFindPages = 10
	// slip is how wrong our idea of the server's clock may be where its answers tell the time, which they do to the
	// second; doubt is how much before the moment an equal status leaves a doubt.
	slip  = 1500 * time.Millisecond
	doubt = 3 * time.Second
	// wideDoubt is the same where they do not.
	wideDoubt = 2 * time.Minute
	// mostSources limits how many texts are asked for as they were typed.
	mostSources = 10
)

// Find implements network.Client. It reads our own statuses back to the moment the message was prepared; a status is
// the message when text, warning, place, visibility and number of files are the same. Of several equal ones it is the
// oldest since that moment: who sends the same words twice gets two receipts.
func (c *client) Find(ctx context.Context, m network.Outgoing) (network.Receipt, network.Presence, error) {
	me, err := c.me(ctx)
	if err != nil {
		return network.Receipt{}, network.Unsure, err
	}
	f := &finding{c: c, me: me, m: m, want: plain(m.Text)}
	reached, err := f.own(ctx)
	if err != nil {
		return network.Receipt{}, network.Unsure, err
	}
	if f.found == nil && m.ReplyTo != "" && isStatus(m.ReplyTo) {
		// Some servers leave private answers out of the list; the thread has them.
		if err := f.thread(ctx); err != nil {
			return network.Receipt{}, network.Unsure, err
		}
	}
	switch {
	case f.found != nil:
		return receipt(f.found), network.Present, nil
	case !reached, f.near:
		return network.Receipt{}, network.Unsure, nil
	default:
		return network.Receipt{}, network.Absent, nil
	}
}

type finding struct {
	c       *client
	me      *self
	m       network.Outgoing
	want    string
	since   time.Time // PreparedAt by the server's clock
	margin  time.Duration
	sources int
	found   *status
	near    bool // an equal one stands so little before that moment that it may be this one or another
}

// own reads our statuses, newest first, until they are older than the message; false when it did not get so far.
func (f *finding) own(ctx context.Context) (bool, error) {
	older := ""
	for range mostFindPages {
		q := url.Values{"limit": {strconv.Itoa(pageSize)}, "exclude_reblogs": {"true"}}
		if older != "" {
			q.Set("max_id", older)
		}
		var page []status
		a, err := f.c.get(ctx, "/api/v1/accounts/"+url.PathEscape(string(f.me.ID))+"/statuses", q, &page)
		if err != nil {
			return false, err
		}
		if f.since.IsZero() {
			f.clock(a)
		}
		var es []entry
		past := false
		for i := range page {
			s := &page[i]
			es = append(es, entry{s.ID, s.CreatedAt.time()})
			past = past || s.CreatedAt.time().Before(f.since.Add(-f.margin))
			if err := f.consider(ctx, s); err != nil {
				return false, err
			}
		}
		_, next := bounds(a, es)
		if past || len(page) == 0 || next == "" || next == older {
			return true, nil
		}
		older = next
	}
	return false, nil
}

// clock learns from an answer how the server's clock stands to ours.
func (f *finding) clock(a answer) {
	f.since, f.margin = f.m.PreparedAt, wideDoubt
	if skew, ok := f.c.srv.skew(a); ok {
		f.since, f.margin = f.since.Add(skew), doubt
	}
}

func (f *finding) thread(ctx context.Context) error {
	t, err := f.c.context(ctx, ident(f.m.ReplyTo))
	if statusOf(err) == http.StatusNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	for i := range t.Descendants {
		if err := f.consider(ctx, &t.Descendants[i]); err != nil {
			return err
		}
	}
	return nil
}

// consider keeps a status that may be the message.
func (f *finding) consider(ctx context.Context, s *status) error {
	at := s.CreatedAt.time()
	switch {
	case s.Account.ID != f.me.ID, s.Reblog != nil,
		at.Before(f.since.Add(-f.margin)),
		string(s.InReplyToID) != f.m.ReplyTo,
		f.m.Visibility != "" && visibility(s.Visibility) != f.m.Visibility,
		len(s.Media) != len(f.m.Media),
		strings.TrimSpace(s.SpoilerText) != strings.TrimSpace(f.m.Warning):
		return nil
	}
	same, err := f.same(ctx, s)
	if err != nil || !same {
		return err
	}
	if at.Before(f.since.Add(-slip)) {
		f.near = true
		return nil
	}
	// Of those that come with the same time, the order of the list tells; it is read from the newest on.
	if f.found == nil || !at.After(f.found.CreatedAt.time()) {
		f.found = s
	}
	return nil
}

// same compares the words, if need be those that were typed.
func (f *finding) same(ctx context.Context, s *status) (bool, error) {
	if s.Text != nil && *s.Text != "" {
		return plain(*s.Text) == f.want, nil
	}
	if plain(text.PlainFromHTML(s.Content)) == f.want {
		return true, nil
	}
	if f.sources >= mostSources {
		return false, nil
	}
	f.sources++
	var source struct {
		Text string `json:"text"`
	}
	_, err := f.c.get(ctx, "/api/v1/statuses/"+url.PathEscape(string(s.ID))+"/source", nil, &source)
	switch statusOf(err) {
	case 0:
		return err == nil && plain(source.Text) == f.want, err
	case http.StatusNotFound, http.StatusForbidden:
		return false, nil
	default:
		return false, err
	}
}

// plain makes texts comparable: what servers do to white space and to the servers in mentions is taken away.
func plain(s string) string {
	return strings.Join(strings.Fields(shortMentions(s)), " ")
}

var mentionPattern = regexp.MustCompile(`(?i)@([a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)(?:@[\pL\pN\pM_.-]+[\pL\pN\pM_])?`)

func shortMentions(s string) string {
	return mentionPattern.ReplaceAllString(s, "@$1")
}
