package mastodon_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/mastodon"
	"github.com/ponte-desk/ponte/internal/network/mastodon/mastodontest"
	"github.com/ponte-desk/ponte/internal/networktest"
)

const agent = "Ponte/test (+https://ponte.example)"

func connector() *mastodon.Connector {
	return mastodon.New(&http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{}}, agent)
}

// credentials are what Exchange would give for an account of the server.
func credentials(s *mastodontest.Server, o mastodontest.Options, username string) network.Credentials {
	software := "mastodon"
	if o.GoToSocial {
		software = "gotosocial"
	}
	domain := strings.TrimPrefix(s.Handle(username), username+"@")
	return network.Credentials{
		ServerURL: s.URL(), AccessToken: s.Token(username, "read", "write:statuses", "write:media"),
		Scopes: []string{"read", "write:statuses", "write:media"}, Extra: map[string]string{"software": software, "domain": domain},
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]mastodontest.Options{
		"mastodon":             {},
		"gotosocial":           {GoToSocial: true},
		"files take a while":   {WorkingOn: 2},
		"files elsewhere too":  {GoToSocial: true, WorkingOn: 2},
		"rate in seconds":      {RateSeconds: true},
		"handles of a domain":  {Domain: "example.org"},
		"characters of a poet": {Characters: 100},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mastodontest.Start(t, o)
			s.AddAccount("ponte", "secret")
			networktest.Run(t, networktest.Fixture{
				Connector: connector(), Address: s.URL(), Many: 70,
				Join:     func(context.Context) (network.Credentials, error) { return credentials(s, o, "ponte"), nil },
				Stranger: s.Stranger("ada", "ponte"),
			})
		})
	}
}

// TestConformanceWithoutKnowingTheServer is an account whose credentials say nothing of the server's kind.
func TestConformanceWithoutKnowingTheServer(t *testing.T) {
	t.Parallel()
	s := mastodontest.Start(t, mastodontest.Options{})
	s.AddAccount("ponte", "secret")
	networktest.Run(t, networktest.Fixture{
		Connector: connector(), Address: s.URL() + "/@ponte", Many: 10,
		Join: func(context.Context) (network.Credentials, error) {
			return network.Credentials{ServerURL: s.URL(), AccessToken: s.Token("ponte")}, nil
		},
		Stranger: s.Stranger("ada", "ponte"),
	})
}

// TestConformanceOnARealServer runs where PONTE_TEST_MASTODON names a server (its URL), PONTE_TEST_MASTODON_TOKEN is an
// access token of our account there (scopes read write) and PONTE_TEST_MASTODON_STRANGER_TOKEN one of another account
// of the same server (scopes read write follow). Both accounts are written on; use accounts made for that.
func TestConformanceOnARealServer(t *testing.T) {
	base := os.Getenv("PONTE_TEST_MASTODON")
	if base == "" {
		t.Skip("PONTE_TEST_MASTODON names no server")
	}
	base = strings.TrimSuffix(base, "/")
	con := connector()
	found, err := con.Discover(t.Context(), base)
	if err != nil {
		t.Fatalf("Discover: %v", err)
	}
	cr := network.Credentials{
		ServerURL: found.URL, AccessToken: os.Getenv("PONTE_TEST_MASTODON_TOKEN"),
		Scopes: []string{"read", "write"}, Extra: map[string]string{"software": found.Software},
	}
	us, err := con.Open(cr, nil).Probe(t.Context())
	if err != nil {
		t.Fatalf("PONTE_TEST_MASTODON_TOKEN: %v", err)
	}
	other := cr
	other.AccessToken = os.Getenv("PONTE_TEST_MASTODON_STRANGER_TOKEN")
	them, err := con.Open(other, nil).Probe(t.Context())
	if err != nil {
		t.Fatalf("PONTE_TEST_MASTODON_STRANGER_TOKEN: %v", err)
	}
	networktest.Run(t, networktest.Fixture{
		Connector: con, Address: found.URL, Many: 8, Patience: 20 * time.Second,
		Join:     func(context.Context) (network.Credentials, error) { return cr, nil },
		Stranger: &realStranger{base: found.URL, token: other.AccessToken, me: them, us: us},
	})
}

// realStranger acts over the API of a real server, by means of its own.
type realStranger struct {
	base, token string
	me, us      network.Account
}

func (x *realStranger) Handle() string { return x.me.Handle }

func (x *realStranger) call(ctx context.Context, method, path string, form url.Values, into any) error {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	return x.send(ctx, method, path, body, "application/x-www-form-urlencoded", into)
}

func (x *realStranger) send(ctx context.Context, method, path string, body io.Reader, mime string, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, x.base+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+x.token)
	req.Header.Set("User-Agent", agent)
	if body != nil {
		req.Header.Set("Content-Type", mime)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s", method, path, res.Status)
	}
	return json.NewDecoder(res.Body).Decode(into)
}

func (x *realStranger) post(ctx context.Context, form url.Values) (string, error) {
	name, _, _ := strings.Cut(x.us.Handle, "@")
	form.Set("status", "@"+name+" "+form.Get("status"))
	var s struct{ ID string }
	err := x.call(ctx, http.MethodPost, "/api/v1/statuses", form, &s)
	return s.ID, err
}

func (x *realStranger) Reply(ctx context.Context, to, text string) (string, error) {
	var s struct{ Visibility string }
	if err := x.call(ctx, http.MethodGet, "/api/v1/statuses/"+to, nil, &s); err != nil {
		return "", err
	}
	return x.post(ctx, url.Values{"status": {text}, "in_reply_to_id": {to}, "visibility": {s.Visibility}})
}

func (x *realStranger) Mention(ctx context.Context, text string) (string, error) {
	return x.post(ctx, url.Values{"status": {text}, "visibility": {"public"}})
}

func (x *realStranger) Message(ctx context.Context, text string) (string, error) {
	return x.post(ctx, url.Values{"status": {text}, "visibility": {"direct"}})
}

func (x *realStranger) PostWithMedia(ctx context.Context, text, alt string) (string, error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.WriteField("description", alt); err != nil {
		return "", err
	}
	part, err := w.CreateFormFile("file", "loaf.png")
	if err != nil {
		return "", err
	}
	if err := png.Encode(part, image.NewRGBA(image.Rect(0, 0, 64, 48))); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	var m struct{ ID string }
	if err := x.send(ctx, http.MethodPost, "/api/v2/media", &b, w.FormDataContentType(), &m); err != nil {
		return "", err
	}
	return x.post(ctx, url.Values{"status": {text}, "media_ids[]": {m.ID}, "visibility": {"public"}})
}

func (x *realStranger) Like(ctx context.Context, id string) error {
	return x.call(ctx, http.MethodPost, "/api/v1/statuses/"+id+"/favourite", url.Values{}, &struct{}{})
}

func (x *realStranger) Follow(ctx context.Context) error {
	// An earlier run may have left it following, and that is told once only.
	err := x.call(ctx, http.MethodPost, "/api/v1/accounts/"+x.us.RemoteID+"/unfollow", url.Values{}, &struct{}{})
	return errors.Join(err, x.call(ctx, http.MethodPost, "/api/v1/accounts/"+x.us.RemoteID+"/follow", url.Values{}, &struct{}{}))
}

func (x *realStranger) Edit(ctx context.Context, id, text string) error {
	name, _, _ := strings.Cut(x.us.Handle, "@")
	return x.call(ctx, http.MethodPut, "/api/v1/statuses/"+id, url.Values{"status": {"@" + name + " " + text}}, &struct{}{})
}

func (x *realStranger) Delete(ctx context.Context, id string) error {
	return x.call(ctx, http.MethodDelete, "/api/v1/statuses/"+id, nil, &struct{}{})
}
