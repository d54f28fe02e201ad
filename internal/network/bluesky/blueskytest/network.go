package blueskytest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fetch"
	"github.com/ponte-desk/ponte/internal/network/bluesky"
)

// Network is where a real network answers, as addresses without a slash at the end.
type Network struct {
	PDS     string
	PLC     string
	Appview string // "" when there is none
}

// FromEnv reads PONTE_TEST_PDS, PONTE_TEST_PLC and PONTE_TEST_APPVIEW. Without the first two the test is skipped, or
// fails when PONTE_TEST_REQUIRE is 1.
func FromEnv(t testing.TB) Network {
	t.Helper()
	n := Network{
		PDS:     strings.TrimRight(os.Getenv("PONTE_TEST_PDS"), "/"),
		PLC:     strings.TrimRight(os.Getenv("PONTE_TEST_PLC"), "/"),
		Appview: strings.TrimRight(os.Getenv("PONTE_TEST_APPVIEW"), "/"),
	}
	if n.PDS == "" || n.PLC == "" {
		const why = "PONTE_TEST_PDS and PONTE_TEST_PLC name no real AT Protocol network; make test starts one"
		if os.Getenv("PONTE_TEST_REQUIRE") == "1" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	return n
}

// Connector gives a connector that knows this network and no other.
func (n Network) Connector(more ...bluesky.Option) *bluesky.Connector {
	options := append([]bluesky.Option{bluesky.WithPLC(n.PLC), bluesky.WithService(n.PDS), bluesky.WithTXT(nil)}, more...)
	return bluesky.New(Client(), "Ponte tests", options...)
}

// Client gives an HTTP client that reaches this machine, no other network inside, and asks nobody for names.
func Client() *http.Client {
	return fetch.NewClient(fetch.Options{
		Timeout:       time.Minute,
		AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
		Resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
			return nil, errors.New("tests ask no name server")
		}},
	})
}

// Person is an account on the network.
type Person struct {
	Network  Network
	Handle   string
	DID      string
	Password string
	access   string
}

// Join makes a new account whose handle begins with name (letters and digits, at most 10).
func (n Network) Join(ctx context.Context, name string) (*Person, error) {
	p := &Person{Network: n, Handle: name + strings.ToLower(rand.Text()[:8]) + ".test", Password: "pw-" + rand.Text()}
	var told struct{ DID, AccessJWT string }
	err := p.post(ctx, "com.atproto.server.createAccount", map[string]any{
		"handle": p.Handle, "email": strings.TrimSuffix(p.Handle, ".test") + "@example.org", "password": p.Password,
	}, &told)
	p.DID, p.access = told.DID, told.AccessJWT
	return p, err
}

// AppPassword makes an app password, as a person does in the network's own settings.
func (p *Person) AppPassword(ctx context.Context, name string) (string, error) {
	var told struct{ Password string }
	err := p.post(ctx, "com.atproto.server.createAppPassword", map[string]any{"name": name}, &told)
	return told.Password, err
}

// RevokeAppPassword takes an app password back.
func (p *Person) RevokeAppPassword(ctx context.Context, name string) error {
	return p.post(ctx, "com.atproto.server.revokeAppPassword", map[string]any{"name": name}, nil)
}

// Name sets the name shown beside the handle.
func (p *Person) Name(ctx context.Context, name string) error {
	return p.put(ctx, "app.bsky.actor.profile", "self", map[string]any{"$type": "app.bsky.actor.profile", "displayName": name})
}

// Record is a record as it stands in a repository.
type Record struct {
	URI   string
	CID   string
	Value map[string]any
}

// Records lists what stands in the person's repository in a collection, newest first, at most 100.
func (p *Person) Records(ctx context.Context, collection string) ([]Record, error) {
	var told struct{ Records []Record }
	err := p.get(ctx, "com.atproto.repo.listRecords", url.Values{"repo": {p.DID}, "collection": {collection}, "limit": {"100"}}, &told)
	return told.Records, err
}

// Posts lists the texts of the posts that stand in the person's repository, newest first, at most 100.
func (p *Person) Posts(ctx context.Context) ([]string, error) {
	records, err := p.Records(ctx, "app.bsky.feed.post")
	texts := make([]string, 0, len(records))
	for _, r := range records {
		text, _ := r.Value["text"].(string)
		texts = append(texts, text)
	}
	return texts, err
}

// Unread counts the notifications that the index of the network has for the person.
func (p *Person) Unread(ctx context.Context) (int, error) {
	var told struct{ Count int }
	err := p.get(ctx, "app.bsky.notification.getUnreadCount", nil, &told)
	return told.Count, err
}

// Get reads any record.
func (p *Person) Get(ctx context.Context, uri string) (Record, error) {
	did, collection, key, err := split(uri)
	if err != nil {
		return Record{}, err
	}
	var r Record
	err = p.get(ctx, "com.atproto.repo.getRecord", url.Values{"repo": {did}, "collection": {collection}, "rkey": {key}}, &r)
	return r, err
}

func split(uri string) (did, collection, key string, err error) {
	parts := strings.Split(strings.TrimPrefix(uri, "at://"), "/")
	if !strings.HasPrefix(uri, "at://") || len(parts) != 3 {
		return "", "", "", fmt.Errorf("%q is no address of a record", uri)
	}
	return parts[0], parts[1], parts[2], nil
}

func (p *Person) get(ctx context.Context, nsid string, q url.Values, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.Network.PDS+"/xrpc/"+nsid+"?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	return p.do(req, nsid, out)
}

func (p *Person) post(ctx context.Context, nsid string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return p.send(ctx, nsid, "application/json", body, out)
}

func (p *Person) send(ctx context.Context, nsid, mime string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.Network.PDS+"/xrpc/"+nsid, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", mime)
	return p.do(req, nsid, out)
}

func (p *Person) do(req *http.Request, nsid string, out any) error {
	if p.access != "" {
		req.Header.Set("Authorization", "Bearer "+p.access)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %d %s", nsid, resp.StatusCode, body)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(body, out)
}
