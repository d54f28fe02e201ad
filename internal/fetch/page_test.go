package fetch_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/fetch"
)

func latin(s string) string {
	out, err := charmap.Windows1252.NewEncoder().String(s)
	if err != nil {
		panic(err)
	}
	return out
}

func TestReadPage(t *testing.T) {
	t.Parallel()
	const card = `<meta property="og:title" content="Il forno &egrave; aperto"><meta property="og:description" content=" Vieni
		sabato "><meta property="og:image" content="/vaso.jpg">`
	for _, c := range []struct {
		name, kind, body         string
		title, description, path string
	}{
		{"title alone", "text/html; charset=utf-8", "<!doctype html><title>Una bottega</title><p>Ciao", "Una bottega", "", ""},
		{"Open Graph", "text/html; charset=utf-8", "<html><head><title>Altro</title>" + card + "</head><body>", "Il forno è aperto", "Vieni sabato", "/vaso.jpg"},
		{"its order does not matter", "text/html", card + `<meta name="description" content="no"><title>Altro</title>`, "Il forno è aperto", "Vieni sabato", "/vaso.jpg"},
		{"in the body", "text/html", "<body>" + card + "<p>testo", "Il forno è aperto", "Vieni sabato", "/vaso.jpg"},
		{"a card of X", "text/html", `<meta name="twitter:title" content="X"><meta name="twitter:description" content="Y"><meta name="twitter:image" content="z.png">`, "X", "Y", "/z.png"},
		{"a description alone", "text/html", `<title>T</title><meta name=Description content="Piatti a mano">`, "T", "Piatti a mano", ""},
		{"the first of two", "text/html", `<meta property=og:title content=uno><meta property=og:title content=due>`, "uno", "", ""},
		{"empty ones", "text/html", `<meta property=og:title content=" "><meta property=og:image content=""><title> vera </title>`, "vera", "", ""},
		{"Latin-1 by its head", "text/html; charset=iso-8859-1", latin("<title>Perché sì</title>"), "Perché sì", "", ""},
		{"Latin-1 by itself", "text/html", latin(`<meta charset="windows-1252"><title>Caffè – tè</title>`), "Caffè – tè", "", ""},
		{"no known set", "text/html; charset=klingon", "<title>Perché</title>", "Perché", "", ""},
		{"not what it says", "text/html; charset=utf-8", latin("<title>Perché sì</title>"), "Perch\ufffd s\ufffd", "", ""},
		{"no set at all", "text/html", "<title>" + strings.Repeat("è", 800) + "</title>", strings.Repeat("è", 299) + "…", "", ""},
		{"writing turned around", "text/html; charset=utf-8", "<title>a\u202eb\x00c</title>", "ab\ufffdc", "", ""},
		{"a picture nobody should fetch", "text/html", `<title>t</title><meta property=og:image content="data:image/png;base64,AAAA">`, "t", "", ""},
		{"a script that looks like one", "text/html", `<script>var a = '<meta property="og:title" content="no">'</script><title>t</title>`, "t", "", ""},
		{"a base", "text/html", `<base href="/sotto/"><title>t</title><meta property=og:image content="v.jpg">`, "t", "", "/sotto/v.jpg"},
		{"XHTML", "application/xhtml+xml", `<title>t</title>`, "t", "", ""},
		{"a document", "application/pdf", "<title>no</title>", "", "", ""},
		{"a picture", "image/png", "\x89PNG", "", "", ""},
		{"nothing said", "", "<title>t</title>", "t", "", ""},
		{"nonsense said", ";;;", "<title>no</title>", "", "", ""},
		{"empty", "text/html", "", "", "", ""},
		{"cut off", "text/html", "<title>mezzo", "mezzo", "", ""},
		{"a tag without end", "text/html", "<title>t</title><meta content='" + strings.Repeat("a", 200_000), "t", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if c.kind != "" {
					w.Header().Set("Content-Type", c.kind)
				}
				fmt.Fprint(w, c.body)
			})
			p, err := fetch.ReadPage(t.Context(), fetch.NewClient(fetch.Options{AllowNetworks: loopback4}), s.URL+"/a/b")
			if err != nil {
				t.Fatal(err)
			}
			image := ""
			if c.path != "" {
				image = s.URL + c.path
				if c.path == "/z.png" {
					image = s.URL + "/a/z.png"
				}
			}
			if p.Title != c.title || p.Description != c.description || p.Image != image || p.Address != s.URL+"/a/b" {
				t.Errorf("%+v", p)
			}
		})
	}
}

func TestReadPageFollows(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/vecchia":
			http.Redirect(w, r, "/nuova/pagina", http.StatusMovedPermanently)
		case "/giro":
			http.Redirect(w, r, "/giro", http.StatusFound)
		case "/dentro":
			http.Redirect(w, r, "http://10.0.0.1/", http.StatusFound)
		case "/non-c-e":
			http.NotFound(w, r)
		default:
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, `<title>qui</title><meta property="og:image" content="vaso.jpg">`)
		}
	})
	client := fetch.NewClient(fetch.Options{AllowNetworks: loopback4})
	p, err := fetch.ReadPage(t.Context(), client, s.URL+"/vecchia")
	if err != nil || p.Address != s.URL+"/nuova/pagina" || p.Image != s.URL+"/nuova/vaso.jpg" {
		t.Errorf("%+v %v", p, err)
	}
	if _, err := fetch.ReadPage(t.Context(), client, s.URL+"/giro"); !errors.Is(err, fetch.ErrRedirects) {
		t.Errorf("round and round: %v", err)
	}
	_, err = fetch.ReadPage(t.Context(), client, s.URL+"/dentro")
	wantInside(t, err)
	var status *fetch.StatusError
	if _, err = fetch.ReadPage(t.Context(), client, s.URL+"/non-c-e"); !errors.As(err, &status) || status.Status != http.StatusNotFound || fault.KindOf(err) != fault.Upstream {
		t.Errorf("not found: %v", err)
	}
	for _, bad := range []string{"", "ftp://example.org/", "http://", "::", "javascript:alert(1)"} {
		if _, err := fetch.ReadPage(t.Context(), client, bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

// Of what never ends, and of what is packed to burst, only the beginning is read; what comes drop by drop ends with the caller's patience.
func TestReadPageOfHostileServers(t *testing.T) {
	t.Parallel()
	sent := make(chan int, 2)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		junk := []byte(strings.Repeat("<p>piatti ", 1000))
		switch r.URL.Path {
		case "/endless":
			fmt.Fprint(w, "<title>t</title>")
			n := 0
			for r.Context().Err() == nil && n < 200<<20 {
				m, err := w.Write(junk)
				if n += m; err != nil {
					break
				}
			}
			sent <- n
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write([]byte("<title>t</title>"))
			for n := 0; r.Context().Err() == nil && n < 200<<20; n += len(junk) {
				if _, err := z.Write(junk); err != nil {
					break
				}
			}
			_ = z.Close()
		case "/late":
			fmt.Fprint(w, strings.Repeat("<!-- -->", 200_000), "<title>too late</title>")
		case "/drops":
			for r.Context().Err() == nil {
				fmt.Fprint(w, "<p>")
				w.(http.Flusher).Flush()
				time.Sleep(10 * time.Millisecond)
			}
		}
	})
	client := fetch.NewClient(fetch.Options{AllowNetworks: loopback4})
	for path, title := range map[string]string{"/endless": "t", "/bomb": "t", "/late": ""} {
		if p, err := fetch.ReadPage(t.Context(), client, s.URL+path); err != nil || p.Title != title {
			t.Errorf("%s: %+v %v", path, p, err)
		}
	}
	select {
	case n := <-sent:
		if n >= 200<<20 {
			t.Error("all of it was read")
		}
	case <-time.After(time.Minute):
		t.Error("the server is still being read")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := fetch.ReadPage(ctx, client, s.URL+"/drops"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("drop by drop: %v", err)
	}
}
