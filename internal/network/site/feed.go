package site

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/feed"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/text"
)

const feedTypes = "application/rss+xml,application/atom+xml,application/feed+json,application/xml;q=0.9,text/xml;q=0.8,*/*;q=0.5"

// feedEvery is how long a feed is left alone between two readings, unless it asks for more.
const feedEvery = 10 * time.Minute

// maxFeed is how large a feed may be, maxArticles how many of it are taken, the newest of them.
const (
	maxFeed     = 32 << 20
	maxArticles = 5000
)

// feedClient reads the feed of a site. Nothing can be written there.
type feedClient struct {
	c    *Connector
	cred network.Credentials
}

var _ network.Client = (*feedClient)(nil)

// feedCursor is what is remembered of the last reading (RFC 9110 section 13).
type feedCursor struct {
	Mode     string `json:"m"`
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"`
	Hash     string `json:"hash,omitempty"` // of the whole, for sites that tell neither
	// Hub is what the feed said of its hub; nil: nobody looked, and the feed is read anew.
	Hub *hubForm `json:"hub,omitempty"`
}

// hubForm is network.HubAd as a cursor keeps it.
type hubForm struct {
	Hub   string `json:"h,omitempty"`
	Topic string `json:"t,omitempty"`
}

// modeOf tells which way of reading a cursor belongs to; false when it is none of ours.
func modeOf(cursor string) (string, bool) {
	if cursor == "" {
		return "", true
	}
	var m struct {
		Mode string `json:"m"`
	}
	if json.Unmarshal([]byte(cursor), &m) != nil || m.Mode != modeFeed && m.Mode != modeWordPress {
		return "", false
	}
	return m.Mode, true
}

// Probe implements network.Client. A feed that answers is all there is to ask.
func (cl *feedClient) Probe(ctx context.Context) (network.Account, error) {
	_, told, err := cl.read(ctx, feedCursor{}, nil)
	if err != nil {
		return network.Account{}, err
	}
	a := account(cl.cred)
	if t := plainTitle(told.Title); t != "" {
		a.Name = t
	}
	a.Scopes = []string{}
	return a, nil
}

// Limits implements network.Client. Nothing goes out there.
func (*feedClient) Limits(context.Context) (network.Limits, error) { return network.Limits{}, nil }

// Fetch implements network.Client. A feed is read as a whole, or not at all when nothing has changed in it.
func (cl *feedClient) Fetch(ctx context.Context, from string) (network.Page, error) {
	mode, ok := modeOf(from)
	if !ok {
		return network.Page{}, problem(network.Never, network.ProblemAnswer, cl.cred.ServerURL, errors.New("no cursor of ours"))
	}
	cur := feedCursor{Mode: modeFeed}
	if mode == modeFeed {
		_ = json.Unmarshal([]byte(from), &cur)
	}
	if cur.Hub == nil {
		cur = feedCursor{Mode: modeFeed}
	}
	page := network.Page{Rate: network.Rate{Remaining: -1}, Wait: feedEvery}
	next, told, err := cl.read(ctx, cur, func(it *feed.Item) {
		if len(page.Items) < maxArticles {
			page.Items = append(page.Items, cl.item(it))
		}
	})
	if err != nil {
		return network.Page{}, err
	}
	for i := range page.Items {
		if page.Items[i].Language == "" {
			page.Items[i].Language = cut(told.Language, 40)
		}
	}
	// Feeds begin with the newest; the room wants what is oldest first.
	for i, j := 0, len(page.Items)-1; i < j; i, j = i+1, j-1 {
		page.Items[i], page.Items[j] = page.Items[j], page.Items[i]
	}
	b, err := json.Marshal(next)
	if err != nil {
		return network.Page{}, problem(network.Later, network.ProblemAnswer, cl.cred.ServerURL, err)
	}
	page.Cursor = string(b)
	if next.Hub != nil {
		page.Hub = &network.HubAd{Hub: next.Hub.Hub, Topic: next.Hub.Topic}
	}
	return page, nil
}

// read reads the feed if it has changed since a cursor, and hands on its articles.
func (cl *feedClient) read(ctx context.Context, cur feedCursor, got func(*feed.Item)) (feedCursor, feed.Feed, error) {
	at := cl.cred.Extra[extraFeed]
	r := request{url: at, accept: feedTypes, most: maxFeed, header: map[string]string{}}
	if got != nil && cur.ETag != "" {
		r.header["If-None-Match"] = cur.ETag
	}
	if got != nil && cur.Modified != "" {
		r.header["If-Modified-Since"] = cur.Modified
	}
	a, err := cl.c.call(ctx, r)
	if a.status == http.StatusNotModified && len(r.header) > 0 {
		return cur, feed.Feed{}, nil
	}
	if err != nil {
		p := network.ProblemOf(err)
		switch p.Key {
		case network.ProblemRevoked, network.ProblemScope, network.ProblemRefused, network.ProblemGone:
			// Nobody has a key to lose there: the feed is gone, or closed for now.
			p.Verdict, p.Key = network.Later, network.ProblemNoFeed
		}
		return cur, feed.Feed{}, p
	}
	next := feedCursor{Mode: modeFeed, ETag: cut(a.header.Get("ETag"), 500), Modified: cut(a.header.Get("Last-Modified"), 100)}
	sum := sha256.Sum256(a.body)
	next.Hash = hex.EncodeToString(sum[:8])
	if got != nil && next.Hash == cur.Hash {
		next.Hub = cur.Hub
		return next, feed.Feed{}, nil
	}
	told, err := feed.Read(bytes.NewReader(a.body), feed.Options{Base: a.url.String()}, func(it *feed.Item) error {
		if got != nil {
			got(it)
		}
		return nil
	})
	if errors.Is(err, feed.ErrUnknown) {
		return cur, feed.Feed{}, problem(network.Later, network.ProblemNoFeed, at, err)
	}
	if err != nil { // half a feed is no feed: what is behind the damage would count as missing
		return cur, feed.Feed{}, problem(network.Later, network.ProblemAnswer, at, fmt.Errorf("feed: %w", err))
	}
	hub := hubForm(hubOf(a, told))
	next.Hub = &hub
	return next, told, nil
}

// item makes an item of an article.
func (cl *feedClient) item(f *feed.Item) network.Item {
	body := cmp.Or(f.Text, f.Summary)
	if f.HTML != "" {
		body = plainBody(f.HTML)
	}
	it := network.Item{
		RemoteID: articleID(f, cl.cred.Extra[extraSoftware]), Kind: network.KindPost, Mine: true, Author: author(cl.cred),
		Text: articleText(f.Title, body), HTML: f.HTML, Language: cut(f.Language, 40), Visibility: network.Public,
		Media: pictures(f.HTML, f.URL), URL: f.URL, At: f.Published, EditedAt: f.Updated,
	}
	it.RootID = it.RemoteID
	for _, file := range f.Files {
		if strings.HasPrefix(file.Type, "image/") && !shows(it.Media, file.URL) {
			it.Media = append(it.Media, network.Media{Kind: network.Image, URL: file.URL})
		}
	}
	if it.At.IsZero() {
		it.At = f.Updated
	}
	if now := cl.c.now(); it.At.IsZero() || it.At.After(now) {
		it.At = now
	}
	if !it.EditedAt.After(it.At) {
		it.EditedAt = time.Time{}
	}
	it.Version = version(it)
	return it
}

func shows(media []network.Media, address string) bool {
	for _, m := range media {
		if m.URL == address {
			return true
		}
	}
	return false
}

// articleText is an article for people to read: its title, a blank line, its words.
func articleText(title, body string) string {
	title, body = plainTitle(title), strings.TrimSpace(body)
	switch {
	case title == "" || strings.HasPrefix(body, title+"\n"):
		return body
	case body == "":
		return title
	}
	return title + "\n\n" + body
}

// version differs whenever something that people see differs.
func version(it network.Item) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q %v %s", it.Text, it.URL, it.Author.Name, it.Deleted, it.Standing)
	for _, m := range it.Media {
		fmt.Fprintf(h, " %q %q", m.URL, m.Alt)
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// maxID bounds a remote id, in bytes.
const maxID = 400

var guidPattern = regexp.MustCompile(`^(p|page_id)=([1-9][0-9]{0,17})$`)

// articleID is how an article is known: as its feed names it. What WordPress names by its number is known by that, so that it
// stays the same when the company connects the site with a password later.
func articleID(f *feed.Item, software string) string {
	if software == softwareWordPress {
		if u, err := url.Parse(f.ID); err == nil {
			if m := guidPattern.FindStringSubmatch(u.RawQuery); m != nil {
				return map[string]string{"p": kindPost, "page_id": kindPage}[m[1]] + ":" + m[2]
			}
		}
	}
	id := f.ID
	if id == "" {
		id = f.URL
	}
	if len(id) > maxID {
		sum := sha256.Sum256([]byte(id))
		id = "sha256:" + hex.EncodeToString(sum[:])
	}
	if _, _, ours := parseID(id); ours {
		id = "feed:" + id // nobody passes a name of theirs off as one of ours
	}
	return id
}

// Kinds of things on a WordPress, as remote ids begin.
const (
	kindPost    = "post"
	kindPage    = "page"
	kindComment = "comment"
)

// parseID reads a remote id of something on a WordPress: "post:12", "page:3", "comment:44".
func parseID(id string) (kind string, n int64, ok bool) {
	kind, rest, _ := strings.Cut(id, ":")
	if kind != kindPost && kind != kindPage && kind != kindComment {
		return "", 0, false
	}
	n, err := strconv.ParseInt(rest, 10, 64)
	return kind, n, err == nil && n > 0 && strconv.FormatInt(n, 10) == rest
}

func makeID(kind string, n int64) string { return kind + ":" + strconv.FormatInt(n, 10) }

// Refresh implements network.Client. A feed says nothing about one article alone: Fetch sees what changes in it.
func (*feedClient) Refresh(context.Context, []string) ([]network.Item, error) { return nil, nil }

// Thread implements network.Client. A feed has no conversations.
func (*feedClient) Thread(context.Context, string) ([]network.Item, error) { return nil, nil }

// Listen implements network.Client.
func (cl *feedClient) Listen(context.Context, func(network.Bell)) error {
	return unsupported(cl.cred.ServerURL)
}

// Publish implements network.Client.
func (cl *feedClient) Publish(context.Context, network.Outgoing) (network.Receipt, error) {
	return network.Receipt{}, unsupported(cl.cred.ServerURL)
}

// Find implements network.Client.
func (cl *feedClient) Find(context.Context, network.Outgoing) (network.Receipt, network.Presence, error) {
	return network.Receipt{}, network.Unsure, unsupported(cl.cred.ServerURL)
}

// Counts implements network.Client. A feed tells no numbers.
func (*feedClient) Counts(context.Context, []string) ([]network.Counts, error) { return nil, nil }

// People implements network.Client.
func (cl *feedClient) People(context.Context, network.ListOf) (network.PeoplePage, error) {
	return network.PeoplePage{Rate: network.Rate{Remaining: -1}}, unsupported(cl.cred.ServerURL)
}

// Edit implements network.Client.
func (cl *feedClient) Edit(context.Context, string, network.Outgoing) (network.Receipt, error) {
	return network.Receipt{}, unsupported(cl.cred.ServerURL)
}

// Delete implements network.Client.
func (cl *feedClient) Delete(context.Context, string) error { return unsupported(cl.cred.ServerURL) }

// Moderate implements network.Client.
func (cl *feedClient) Moderate(context.Context, string, network.Standing) error {
	return unsupported(cl.cred.ServerURL)
}

// Measure implements network.Client.
func (*feedClient) Measure(s string, l network.Limits) network.Length {
	return network.Length{Used: text.Graphemes(s), Max: l.Characters}
}

// Address implements network.Client.
func (*feedClient) Address(network.Item, network.Account) string { return "" }

// Traits implements network.Client.
func (*feedClient) Traits() network.Traits {
	return network.Traits{ReadOnly: true, Safe: network.SafeByReadBack}
}
