package bluesky_test

import (
	"context"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/bluesky/blueskytest"
	"github.com/ponte-desk/ponte/internal/networktest"
)

// join makes a new account and gives it with an app password.
func join(t *testing.T, n blueskytest.Network, name string) (*blueskytest.Person, string) {
	t.Helper()
	p, err := n.Join(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	pw, err := p.AppPassword(t.Context(), "ponte")
	if err != nil {
		t.Fatal(err)
	}
	return p, pw
}

func withAppview(t *testing.T) blueskytest.Network {
	t.Helper()
	n := blueskytest.FromEnv(t)
	if n.Appview == "" {
		t.Skip("PONTE_TEST_APPVIEW names no index of the network; make test starts one")
	}
	return n
}

func TestConformance(t *testing.T) {
	t.Parallel()
	n := withAppview(t)
	us, pw := join(t, n, "ponte")
	other, _ := join(t, n, "carla")
	c := n.Connector()
	networktest.Run(t, networktest.Fixture{
		Connector: c, Address: n.PDS,
		Join: func(ctx context.Context) (network.Credentials, error) {
			s, err := c.Discover(ctx, us.Handle)
			if err != nil {
				return network.Credentials{}, err
			}
			return c.Login(ctx, s, us.Handle, pw)
		},
		Stranger: blueskytest.Stranger{Me: other, To: us},
		Patience: 30 * time.Second,
		Many:     60,
	})
}
