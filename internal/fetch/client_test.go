package fetch_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/fetch"
)

var loopback4 = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func get(t *testing.T, c *http.Client, url string) (*http.Response, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.Do(r)
	if err == nil {
		t.Cleanup(func() { res.Body.Close() })
	}
	return res, err
}

func wantInside(t *testing.T, err error) *fetch.InsideError {
	t.Helper()
	var inside *fetch.InsideError
	if !errors.As(err, &inside) {
		t.Fatalf("not refused: %v", err)
	}
	if f := fault.Of(err); f.Key != "fetch.inside" || f.Kind != fault.Invalid {
		t.Fatalf("fault %v", f)
	}
	return inside
}

// names is a name server that answers every question for an IPv4 address with the next of its addresses.
func names(t *testing.T, answers ...string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		next := 0
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) == 0 {
				continue
			}
			m.Response, m.Authoritative, m.Additionals = true, true, nil
			if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
				m.Answers = append(m.Answers, dnsmessage.Resource{
					Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
					Body:   &dnsmessage.AResource{A: netip.MustParseAddr(answers[min(next, len(answers)-1)]).As4()},
				})
				next++
			}
			if out, err := m.Pack(); err == nil {
				conn.WriteTo(out, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func TestAddressesInsideAreRefused(t *testing.T) {
	t.Parallel()
	var hits atomic.Int32
	s := serve(t, func(http.ResponseWriter, *http.Request) { hits.Add(1) })
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	c := fetch.NewClient(fetch.Options{Resolver: names(t, "127.0.0.1")})
	for _, host := range []string{
		"127.0.0.1", "127.1", "0", "0.0.0.0", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x", "0177.0.0.1", "017700000001", "127.0.0.1.",
		"127.000.000.001", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[0:0:0:0:0:ffff:7f00:1]", "[::127.0.0.1]", "[fe80::1%25lo]",
		"[64:ff9b::7f00:1]", "[2002:7f00:1::]", "10.0.0.1", "169.254.169.254", "inside.example.org", "INSIDE.example.org.",
	} {
		_, err := get(t, c, "http://"+host+":"+port+"/")
		wantInside(t, err)
	}
	if hits.Load() != 0 {
		t.Fatalf("%d requests came through", hits.Load())
	}
}

func TestANameThatChangesItsAddressIsRefused(t *testing.T) {
	t.Parallel()
	var hits atomic.Int32
	s := serve(t, func(http.ResponseWriter, *http.Request) { hits.Add(1) })
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	r := names(t, "93.184.216.34", "127.0.0.1")
	first, err := r.LookupNetIP(t.Context(), "ip4", "rebind.example.org")
	if err != nil || len(first) != 1 || fetch.Inside(first[0]) {
		t.Fatalf("the first answer should be open: %v %v", first, err)
	}
	_, err = get(t, fetch.NewClient(fetch.Options{Resolver: r}), "http://rebind.example.org:"+port+"/")
	inside := wantInside(t, err)
	if inside.Host != "rebind.example.org" || inside.Addr != netip.MustParseAddr("127.0.0.1") || hits.Load() != 0 {
		t.Fatalf("%+v, %d requests", inside, hits.Load())
	}
}

func TestAllowedNetworksOpen(t *testing.T) {
	t.Parallel()
	var agent atomic.Value
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		agent.Store(r.UserAgent())
		io.WriteString(w, "ok")
	})
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	c := fetch.NewClient(fetch.Options{AllowNetworks: loopback4, UserAgent: "Ponte/1", Resolver: names(t, "127.0.0.1")})
	for _, host := range []string{"127.0.0.1", "inside.example.org", "[::ffff:127.0.0.1]"} {
		res, err := get(t, c, "http://"+host+":"+port+"/")
		if err != nil {
			t.Fatal(err)
		}
		b, err := fetch.Body(res, 2)
		if err != nil || string(b) != "ok" || agent.Load() != "Ponte/1" {
			t.Fatalf("%q %v %v", b, err, agent.Load())
		}
	}
	_, err := get(t, c, "http://[::1]:"+port+"/")
	wantInside(t, err)
}

func TestRedirectsInsideAreRefused(t *testing.T) {
	t.Parallel()
	for _, to := range []string{
		"http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://[::1]/", "https://192.168.0.1/", "http://2130706433/",
		"//10.1.2.3/x",
	} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusFound)
		})
		_, err := get(t, fetch.NewClient(fetch.Options{AllowNetworks: loopback4}), s.URL)
		wantInside(t, err)
	}
}

func TestOnlyTheWebIsRead(t *testing.T) {
	t.Parallel()
	c := fetch.NewClient(fetch.Options{AllowNetworks: loopback4})
	for _, url := range []string{"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/"} {
		if _, err := get(t, c, url); !errors.Is(err, fetch.ErrScheme) {
			t.Errorf("%s: %v", url, err)
		}
	}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "file:///etc/passwd")
		w.WriteHeader(302)
	})
	if _, err := get(t, c, s.URL); !errors.Is(err, fetch.ErrScheme) {
		t.Errorf("redirect: %v", err)
	}
}

func TestRedirectsEnd(t *testing.T) {
	t.Parallel()
	var hits atomic.Int32
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		http.Redirect(w, r, "/", http.StatusFound)
	})
	if _, err := get(t, fetch.NewClient(fetch.Options{AllowNetworks: loopback4, MaxRedirects: 3}), s.URL); !errors.Is(err, fetch.ErrRedirects) || hits.Load() != 4 {
		t.Fatalf("%v after %d requests", err, hits.Load())
	}
	res, err := get(t, fetch.NewClient(fetch.Options{AllowNetworks: loopback4, MaxRedirects: -1}), s.URL)
	if err != nil || res.StatusCode != http.StatusFound {
		t.Fatalf("%v %v", res, err)
	}
}

func TestRedirectsDoNotCarryCredentialsAway(t *testing.T) {
	t.Parallel()
	var seen atomic.Value
	away := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen.Store(r.Header.Get("Authorization") + r.Header.Get("Cookie"))
	})
	status := http.StatusFound
	home := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/here" {
			seen.Store(r.Header.Get("Authorization"))
			return
		}
		if r.URL.Path == "/stay" {
			http.Redirect(w, r, "/here", status)
			return
		}
		w.Header().Set("Location", away.URL)
		w.WriteHeader(status)
	})
	c := fetch.NewClient(fetch.Options{AllowNetworks: loopback4})
	do := func(method, path string) error {
		r, err := http.NewRequestWithContext(t.Context(), method, home.URL+path, strings.NewReader("secret"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer x")
		r.Header.Set("Cookie", "a=b")
		res, err := c.Do(r)
		if err == nil {
			res.Body.Close()
		}
		return err
	}
	if err := do(http.MethodGet, "/away"); err != nil || seen.Load() != "" {
		t.Fatalf("another port of the host got %q, %v", seen.Load(), err)
	}
	if err := do(http.MethodGet, "/stay"); err != nil || seen.Load() != "Bearer x" {
		t.Fatalf("the same server got %q, %v", seen.Load(), err)
	}
	status = http.StatusTemporaryRedirect
	seen.Store("nothing")
	if err := do(http.MethodPost, "/away"); !errors.Is(err, fetch.ErrMovedBody) || seen.Load() != "nothing" {
		t.Fatalf("a body was taken away: %v", err)
	}
	if err := do(http.MethodPost, "/stay"); err != nil || seen.Load() != "Bearer x" {
		t.Fatalf("a body may move on its own server: %v", err)
	}
}

func TestHTTPSDoesNotLeadToHTTP(t *testing.T) {
	t.Parallel()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "http://"+r.Host+"/")
		w.WriteHeader(http.StatusFound)
	}))
	t.Cleanup(s.Close)
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	c := fetch.NewClient(fetch.Options{AllowNetworks: loopback4, TLS: &tls.Config{RootCAs: pool}})
	if _, err := get(t, c, s.URL); !errors.Is(err, fetch.ErrDowngrade) {
		t.Fatalf("%v", err)
	}
}

func TestTheEnvironmentsProxyIsNotUsed(t *testing.T) {
	proxy := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the proxy was asked") })
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("http_proxy", proxy.URL)
	_, err := get(t, fetch.NewClient(fetch.Options{Resolver: names(t, "10.0.0.1")}), "http://inside.example.org/")
	wantInside(t, err)
}

func TestASlowServerIsGivenUp(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	res, err := get(t, fetch.NewClient(fetch.Options{AllowNetworks: loopback4, Timeout: 300 * time.Millisecond}), s.URL)
	if err != nil {
		t.Fatal(err)
	}
	_, err = fetch.Body(res, 10)
	var timeout interface{ Timeout() bool }
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Fatalf("%v", err)
	}
}

func TestBodyEnds(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	z.Write(make([]byte, 1<<20))
	z.Close()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb.Bytes())
		case "/endless":
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1024)); err != nil {
					return
				}
			}
		default:
			io.WriteString(w, "12345")
		}
	})
	c := fetch.NewClient(fetch.Options{AllowNetworks: loopback4})
	for path, max := range map[string]int64{"/bomb": 100_000, "/endless": 100_000, "/five": 4} {
		res, err := get(t, c, s.URL+path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fetch.Body(res, max); !errors.Is(err, fetch.ErrTooBig) {
			t.Errorf("%s: %v", path, err)
		}
	}
	res, err := get(t, c, s.URL+"/five")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := fetch.Body(res, 5); err != nil || string(b) != "12345" {
		t.Errorf("%q %v", b, err)
	}
}
