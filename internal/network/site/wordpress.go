package site

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/text"
)

// Limits of what goes to a WordPress. It sets none for articles and tells none for files: what a server takes depends on its
// PHP, and a file that is too large is refused.
const (
	maxCharacters = 100_000
	maxComment    = 65_525 // bytes (wp_get_comment_fields_max_lengths)
	maxFiles      = 20
	maxImage      = 20 << 20
	maxVideo      = 100 << 20
	maxAlt        = 1000
)

// wordPress acts as a user of a WordPress (developer.wordpress.org/rest-api/reference).
type wordPress struct {
	c    *Connector
	cred network.Credentials

	mu      sync.Mutex
	user    *wpUser
	authors map[int64]bool // users who write for the site; nil: not asked yet
}

var _ network.Client = (*wordPress)(nil)

func (c *Connector) openWordPress(cred network.Credentials) *wordPress {
	return &wordPress{c: c, cred: cred}
}

// wpUser is a user as /wp/v2/users tells.
type wpUser struct {
	ID           int64             `json:"id"`
	Name         string            `json:"name"`
	Slug         string            `json:"slug"`
	Capabilities json.RawMessage   `json:"capabilities"`
	AvatarURLs   map[string]string `json:"-"`
}

func (u *wpUser) may(capability string) bool {
	var all map[string]any // an empty one is written as a list
	if json.Unmarshal(u.Capabilities, &all) != nil {
		return false
	}
	switch v := all[capability].(type) {
	case bool:
		return v
	case float64:
		return v != 0
	case string:
		return v == "1" || v == "true"
	}
	return false
}

func (u *wpUser) scopes() []string {
	out := []string{}
	for _, k := range capabilities {
		if u.may(k) {
			out = append(out, k)
		}
	}
	return out
}

// address is where something of the interface stands. The root is a folder, or a query on sites without readable addresses.
func (w *wordPress) address(path string, q url.Values) string {
	root := w.cred.Extra[extraAPI]
	if before, query, ok := strings.Cut(root, "?"); ok {
		all, err := url.ParseQuery(query)
		if err == nil && all.Has("rest_route") {
			all.Set("rest_route", strings.TrimSuffix(all.Get("rest_route"), "/")+path)
			for k, v := range q {
				all[k] = v
			}
			return before + "?" + all.Encode()
		}
	}
	at := strings.TrimSuffix(root, "/") + path
	if len(q) > 0 {
		at += "?" + q.Encode()
	}
	return at
}

// do makes one call as the user and reads the JSON that came back into out, which may be nil.
func (w *wordPress) do(ctx context.Context, r request, out any) (http.Header, error) {
	r.user, r.pass, r.accept = w.cred.Extra[extraUser], w.cred.AccessToken, "application/json"
	if r.pass == "" {
		return nil, problem(network.Reconnect, network.ProblemRevoked, r.url, nil)
	}
	a, err := w.c.call(ctx, r)
	if err != nil {
		p := network.ProblemOf(err)
		if statusOf(p) == http.StatusForbidden {
			// WordPress says 401 to whom it does not know and 403 to whom it knows: the connection is whole, this is not allowed.
			p.Verdict = network.Never
			if e, ok := errors.AsType[*serverError](err); ok && strings.HasPrefix(e.Code, "rest_comment_") {
				p.Key, p.Args["reason"] = network.ProblemRefused, reason(e.Message)
			}
		}
		return a.header, p
	}
	if out == nil {
		return a.header, nil
	}
	if err := json.Unmarshal(unspoilt(a.body), out); err != nil {
		p := problem(network.Later, network.ProblemAnswer, r.url, fmt.Errorf("%s: %T", pathOf(r.url), err))
		p.Uncertain = r.mutation
		return a.header, p
	}
	return a.header, nil
}

// unspoilt cuts off what a plugin printed in front of the answer: warnings of PHP, a byte order mark.
func unspoilt(body []byte) []byte {
	body = bytes.TrimPrefix(bytes.TrimSpace(body), []byte("\xef\xbb\xbf"))
	if len(body) > 0 && body[0] != '{' && body[0] != '[' {
		for _, mark := range []string{"\n{", "\n["} {
			if i := bytes.Index(body, []byte(mark)); i >= 0 && json.Valid(body[i+1:]) {
				return body[i+1:]
			}
		}
	}
	return body
}

func (w *wordPress) get(ctx context.Context, path string, q url.Values, out any) (http.Header, error) {
	return w.do(ctx, request{url: w.address(path, q)}, out)
}

// send makes a mutation.
func (w *wordPress) send(ctx context.Context, method, path string, q url.Values, body any, out any) error {
	r := request{method: method, url: w.address(path, q), mutation: true}
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return problem(network.Never, network.ProblemRefused, w.cred.ServerURL, err)
		}
		r.body, r.mime, r.length = bytes.NewReader(b), "application/json", int64(len(b))
	}
	_, err := w.do(ctx, r, out)
	return err
}

// whoAmI asks who the user is and what they may do.
func (w *wordPress) whoAmI(ctx context.Context) (*wpUser, error) {
	var u wpUser
	if _, err := w.get(ctx, "/wp/v2/users/me", url.Values{"context": {"edit"}}, &u); err != nil {
		return nil, err
	}
	if u.ID <= 0 {
		return nil, problem(network.Later, network.ProblemAnswer, w.cred.ServerURL, errors.New("users/me: no id"))
	}
	w.mu.Lock()
	w.user = &u
	w.mu.Unlock()
	return &u, nil
}

// me gives the user, asked for once.
func (w *wordPress) me(ctx context.Context) (*wpUser, error) {
	w.mu.Lock()
	u := w.user
	w.mu.Unlock()
	if u != nil {
		return u, nil
	}
	return w.whoAmI(ctx)
}

// Probe implements network.Client.
func (w *wordPress) Probe(ctx context.Context) (network.Account, error) {
	u, err := w.whoAmI(ctx)
	if err != nil {
		return network.Account{}, err
	}
	a := account(w.cred)
	a.Scopes = u.scopes()
	return a, nil
}

// Limits implements network.Client.
func (*wordPress) Limits(context.Context) (network.Limits, error) {
	return network.Limits{
		Characters: maxCharacters, Attach: maxFiles, ImageBytes: maxImage, VideoBytes: maxVideo, AltText: maxAlt,
		MIMETypes: []string{"image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4", "video/webm"},
	}, nil
}

// Traits implements network.Client. What the user may do was told when the company connected and at each look since.
func (w *wordPress) Traits() network.Traits {
	w.mu.Lock()
	may := w.cred.Scopes
	if w.user != nil {
		may = w.user.scopes()
	}
	w.mu.Unlock()
	writes := slices.Contains(may, mayWrite)
	t := network.Traits{
		Reply: true, Edit: writes, Delete: true, AltText: true, Safe: network.SafeByReadBack, ReadOnly: !writes,
		Moderate: slices.Contains(may, mayModerate),
	}
	if slices.Contains(may, mayUpload) {
		t.Media = []network.MediaKind{network.Image, network.Video}
	}
	return t
}

// Measure implements network.Client.
func (*wordPress) Measure(s string, l network.Limits) network.Length {
	return network.Length{Used: text.Graphemes(s), Max: l.Characters}
}

// Address implements network.Client. An answer stands below what it answers.
func (*wordPress) Address(network.Item, network.Account) string { return "" }

// Listen implements network.Client.
func (w *wordPress) Listen(context.Context, func(network.Bell)) error {
	return unsupported(w.cred.ServerURL)
}

// People implements network.Client. A site shows no lists of people.
func (w *wordPress) People(context.Context, network.ListOf) (network.PeoplePage, error) {
	return network.PeoplePage{Rate: network.Rate{Remaining: -1}}, unsupported(w.cred.ServerURL)
}

// wpTime reads a moment of the *_gmt fields, which carry no zone.
func wpTime(s string) time.Time {
	t, err := time.Parse("2006-01-02T15:04:05", s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
