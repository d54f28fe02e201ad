package site_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/site"
	"github.com/ponte-desk/ponte/internal/network/site/sitetest"
	"github.com/ponte-desk/ponte/internal/networktest"
)

func connector() *site.Connector {
	return site.New(&http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{}}, "Ponte tests")
}

// login connects as the company's user.
func login(t testing.TB, s *sitetest.Server) network.Credentials {
	t.Helper()
	c := connector()
	found, err := c.Discover(t.Context(), s.URL)
	if err != nil {
		t.Fatalf("Discover: %v", err)
	}
	cred, err := c.Login(t.Context(), found, sitetest.User, "abcd EFGH 1234 ijkl MNOP 5678")
	if err != nil {
		t.Fatalf("Login: %v", err)
	}
	return cred
}

func open(t testing.TB, s *sitetest.Server) network.Client {
	return connector().Open(login(t, s), func(context.Context, network.Credentials) error {
		t.Error("credentials were saved, and they never change")
		return nil
	})
}

// TestConformance runs the suite of every connector on the site in memory.
func TestConformance(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, sitetest.Options{})
	networktest.Run(t, networktest.Fixture{
		Connector: connector(), Address: s.URL, Stranger: s.Guest("Vera Neri"), Comments: true,
		Join: func(context.Context) (network.Credentials, error) { return login(t, s), nil },
	})
}
