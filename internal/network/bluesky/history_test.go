package bluesky_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/ponte-desk/ponte/internal/archive"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/bluesky/blueskytest"
)

// TestHistory reads what an account has said in public, by its name and with no password, and reads it as an export.
func TestHistory(t *testing.T) {
	t.Parallel()
	n := blueskytest.FromEnv(t)
	c := n.Connector()
	us, _ := join(t, n, "storia")
	o := open(t, n, c)
	for _, words := range []string{"Il forno è acceso", "Il tornio gira", "Lo smalto è blu"} {
		if _, err := o.client.Publish(t.Context(), message(words)); err != nil {
			t.Fatal(err)
		}
	}
	for _, address := range []string{"@" + o.Handle, o.Handle, o.DID, "at://" + o.DID} {
		var b bytes.Buffer
		name, err := c.History(t.Context(), address, &b)
		if err != nil || name != o.Handle {
			t.Errorf("%q: %q, %v", address, name, err)
			continue
		}
		path := filepath.Join(t.TempDir(), "repo.car")
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := archive.Survey(t.Context(), []string{path}, archive.Options{Me: name})
		if err != nil || r.Format != archive.Bluesky || r.Mine != 3 || r.Account.Handle != o.Handle {
			t.Errorf("%q: %+v, %v", address, r, err)
		}
	}
	var empty bytes.Buffer
	if name, err := c.History(t.Context(), us.Handle, &empty); err != nil || name != us.Handle || empty.Len() == 0 {
		t.Errorf("an account that said nothing: %q, %d bytes, %v", name, empty.Len(), err)
	}
	for _, address := range []string{"", "not a name", "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", "nobody-there.test"} {
		_, err := c.History(t.Context(), address, &bytes.Buffer{})
		if p, ok := errors.AsType[*network.Problem](err); !ok || p.Key != network.ProblemAddress {
			t.Errorf("%q: %v", address, err)
		}
	}
}
