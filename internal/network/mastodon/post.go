package mastodon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/ponte-desk/ponte/internal/network"
)

// Counts implements network.Client. Servers do not tell how often a status was seen, and most not how often it was
// quoted.
func (c *client) Counts(ctx context.Context, ids []string) ([]network.Counts, error) {
	if len(ids) > network.MostCounts {
		return nil, c.srv.problem(network.Never, network.ProblemRefused, nil)
	}
	have, err := c.several(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []network.Counts
	for _, id := range ids {
		if !isStatus(id) {
			continue
		}
		s, err := c.one(ctx, have, id)
		switch {
		case err != nil:
			return nil, err
		case s == nil:
			out = append(out, network.Counts{RemoteID: id, Gone: true})
		default:
			out = append(out, network.Counts{
				RemoteID: id, Reactions: network.CountedOr(s.Favourites), Replies: network.CountedOr(s.Replies),
				Shares: network.CountedOr(s.Reblogs), Quotes: network.CountedOr(s.Quotes),
			})
		}
	}
	return out, nil
}

// mostTogether is how many statuses Mastodon gives at once; it refuses to be asked for more.
const mostTogether = 20

// several reads many statuses at once where the server can: Mastodon 4.3 and later. What it leaves out is not gone for
// that.
func (c *client) several(ctx context.Context, ids []string) (map[string]*status, error) {
	have := map[string]*status{}
	if !c.genuine() {
		return have, nil
	}
	var asked []string
	for _, id := range ids {
		if isStatus(id) && !slices.Contains(asked, id) {
			asked = append(asked, id)
		}
	}
	for part := range slices.Chunk(asked, mostTogether) {
		if len(part) < 2 {
			break // by itself it is asked for anyway
		}
		var some []status
		_, err := c.get(ctx, "/api/v1/statuses", url.Values{"id[]": part}, &some)
		if statusOf(err) == http.StatusNotFound {
			break
		}
		if err != nil {
			return nil, err
		}
		for i := range some {
			have[string(some[i].ID)] = &some[i]
		}
	}
	return have, nil
}

// one gives a status of those read together, or asks for it; nil when it is gone.
func (c *client) one(ctx context.Context, have map[string]*status, id string) (*status, error) {
	if s := have[id]; s != nil {
		return s, nil
	}
	s := &status{}
	_, err := c.get(ctx, "/api/v1/statuses/"+url.PathEscape(id), nil, s)
	if st := statusOf(err); st == http.StatusNotFound || st == http.StatusGone {
		return nil, nil
	}
	return s, err
}

// change is what an edit says. It is sent as JSON: in a form what belongs to one file and what to the next would only
// be told apart by the order of the fields.
type change struct {
	Status    string       `json:"status"`
	Warning   string       `json:"spoiler_text"`
	Sensitive bool         `json:"sensitive"`
	Language  string       `json:"language,omitempty"`
	MediaIDs  []string     `json:"media_ids"` // whoever is not named is taken off
	Media     []attributes `json:"media_attributes"`
}

// attributes change a file that is there already.
type attributes struct {
	ID          string `json:"id"`
	Description string `json:"description"`
	Focus       string `json:"focus"`
}

// Edit implements network.Client.
func (c *client) Edit(ctx context.Context, id string, m network.Outgoing) (network.Receipt, error) {
	if !isStatus(id) {
		return network.Receipt{}, c.srv.problem(network.Never, network.ProblemGone, nil)
	}
	if err := c.fewEnough(ctx, m.Media); err != nil {
		return network.Receipt{}, err
	}
	ch := change{
		Status: m.Text, Warning: m.Warning, Sensitive: m.Warning != "", Language: language(m.Language),
		MediaIDs: []string{}, Media: []attributes{},
	}
	for _, u := range m.Media {
		file := u.RemoteID
		if file == "" {
			var err error
			if file, err = c.upload(ctx, u); err != nil {
				return network.Receipt{}, err
			}
		} else {
			f := focus(u)
			if f == "" {
				f = "0.0,0.0"
			}
			ch.Media = append(ch.Media, attributes{ID: file, Description: u.Alt, Focus: f})
		}
		ch.MediaIDs = append(ch.MediaIDs, file)
	}
	body, err := json.Marshal(ch)
	if err != nil {
		return network.Receipt{}, c.srv.problem(network.Never, network.ProblemRefused, err)
	}
	var s status
	_, err = c.read(ctx, request{
		method: http.MethodPut, path: "/api/v1/statuses/" + url.PathEscape(id), body: bytes.NewReader(body),
		mime: "application/json", length: int64(len(body)), mutation: true,
	}, &s)
	if err != nil {
		return network.Receipt{}, c.unedited(ctx, id, err, m)
	}
	if string(s.ID) != id {
		p := c.srv.problem(network.Later, network.ProblemAnswer, errors.New("another status came back"))
		p.Uncertain = true
		return network.Receipt{}, p
	}
	for _, want := range ch.Media {
		for _, got := range s.Media {
			if string(got.ID) == want.ID && got.Description != want.Description {
				// The server changed the words and not what describes the file: Mastodon before 4.1 and some others.
				return receipt(&s), c.srv.problem(network.Never, network.ProblemUnsupported, errors.New("descriptions of files cannot be changed"))
			}
		}
	}
	return receipt(&s), nil
}

// unedited finds out why a status was not changed.
func (c *client) unedited(ctx context.Context, id string, err error, m network.Outgoing) error {
	switch statusOf(err) {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		var s status
		_, e := c.get(ctx, "/api/v1/statuses/"+url.PathEscape(id), nil, &s)
		if st := statusOf(e); st == http.StatusNotFound || st == http.StatusGone {
			return c.srv.problem(network.Never, network.ProblemGone, err)
		}
		me, e2 := c.me(ctx)
		if e != nil || e2 != nil {
			return err // as it was told
		}
		if s.Account.ID != me.ID {
			return c.srv.problem(network.Never, network.ProblemRefused, err)
		}
		return c.srv.problem(network.Never, network.ProblemUnsupported, err)
	}
	m.ReplyTo = "" // an edit does not move it
	return c.explain(ctx, err, m)
}

// Moderate implements network.Client. What people write there is theirs.
func (c *client) Moderate(context.Context, string, network.Standing) error {
	return c.srv.problem(network.Never, network.ProblemUnsupported, nil)
}
