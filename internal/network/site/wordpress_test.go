package site_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
)

// real gives the WordPress that script/servers started, or skips.
func real(t *testing.T) (address, password string) {
	t.Helper()
	address, password = os.Getenv("PONTE_TEST_WORDPRESS"), os.Getenv("PONTE_TEST_WORDPRESS_PASSWORD")
	if address == "" {
		if os.Getenv("PONTE_TEST_REQUIRE") != "" {
			t.Fatal("PONTE_TEST_WORDPRESS is not set")
		}
		t.Skip("no WordPress: script/servers run --only wordpress")
	}
	return address, password
}

// visitor is a guest of the real site. What a guest cannot do, the site's editor does for them.
type visitor struct {
	address, password string
	page              string // remote id of the article that mentions stand under
}

func (v *visitor) Handle() string { return "Vera Neri" }

func (v *visitor) call(ctx context.Context, method, path string, signed bool, in, out any) error {
	b, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, v.address+"/wp-json/wp/v2"+path, bytes.NewReader(b))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if signed {
		req.SetBasicAuth("ponte", v.password)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %d %.300s", method, path, res.StatusCode, said)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(said, out)
}

func (v *visitor) Reply(ctx context.Context, remoteID, text string) (string, error) {
	kind, id, _ := strings.Cut(remoteID, ":")
	n, err := strconv.Atoi(id)
	if err != nil {
		return "", err
	}
	in := map[string]any{"post": n, "content": text, "author_name": "Vera Neri", "author_email": "vera.neri@example.org"}
	if kind == "comment" {
		var parent struct{ Post int }
		if err := v.call(ctx, "GET", "/comments/"+id, true, nil, &parent); err != nil {
			return "", err
		}
		in["post"], in["parent"] = parent.Post, n
	}
	var made struct{ ID int }
	if err := v.call(ctx, "POST", "/comments", false, in, &made); err != nil {
		return "", err
	}
	return fmt.Sprintf("comment:%d", made.ID), nil
}

func (v *visitor) Mention(ctx context.Context, text string) (string, error) {
	return v.Reply(ctx, v.page, text)
}

func (v *visitor) Edit(ctx context.Context, remoteID, text string) error {
	return v.call(ctx, "POST", "/comments/"+strings.TrimPrefix(remoteID, "comment:"), true, map[string]any{"content": text}, nil)
}

func (v *visitor) Delete(ctx context.Context, remoteID string) error {
	return v.call(ctx, "DELETE", "/comments/"+strings.TrimPrefix(remoteID, "comment:")+"?force=true", true, nil, nil)
}

func (*visitor) Message(context.Context, string) (string, error) { return "", errors.ErrUnsupported }

func (*visitor) PostWithMedia(context.Context, string, string) (string, error) {
	return "", errors.ErrUnsupported
}
func (*visitor) Like(context.Context, string) error { return errors.ErrUnsupported }
func (*visitor) Follow(context.Context) error       { return errors.ErrUnsupported }

// joined connects the real site as its editor.
func joined(ctx context.Context, address, password string) (network.Credentials, error) {
	con := connector()
	found, err := con.Discover(ctx, address)
	if err != nil {
		return network.Credentials{}, err
	}
	return con.Login(ctx, found, "ponte", password)
}

// TestRealWordPress runs the suite of every connector on a real WordPress, and what is WordPress's own.
func TestRealWordPress(t *testing.T) {
	address, password := real(t)
	cred, err := joined(t.Context(), address, password)
	if err != nil {
		t.Fatal(err)
	}
	cl := connector().Open(cred, nil)
	standing, err := cl.Publish(t.Context(), message("dlv_standing"+strconv.FormatInt(time.Now().UnixNano(), 36), "Scriveteci qui sotto"))
	if err != nil {
		t.Fatal(err)
	}
	guest := &visitor{address: address, password: password, page: standing.RemoteID}
	t.Run("own", func(t *testing.T) { ownOfWordPress(t, cl, guest) })
	t.Run("suite", func(t *testing.T) {
		networktest.Run(t, networktest.Fixture{
			Connector: connector(), Address: address, Stranger: guest, Comments: true, Patience: 15 * time.Second, Many: 12,
			Join: func(ctx context.Context) (network.Credentials, error) { return joined(ctx, address, password) },
		})
	})
}

func ownOfWordPress(t *testing.T, cl network.Client, guest *visitor) {
	ctx := t.Context()
	key := "dlv_" + strconv.FormatInt(time.Now().UnixNano(), 36)
	m := message(key, "Il forno è “acceso” -- da oggi... & per sempre")
	m.Article = &network.Article{Title: "Il forno & noi", HTML: `<p>Il forno è <strong>acceso</strong> -- <a href="https://example.org/forno">guarda</a></p>` + "\n<p>A presto</p>", Tags: []string{"forno", "#Firenze"}, Category: "Notizie"}
	m.Media = []network.Upload{networktest.Picture("forno acceso.png", "Il forno, acceso"), networktest.Picture("banco.png", "Il banco")}
	if _, p, err := cl.Find(ctx, m); err != nil || p != network.Absent {
		t.Fatalf("before: %q, %v", p, err)
	}
	r, err := cl.Publish(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	if f, p, err := cl.Find(ctx, m); err != nil || p != network.Present || f.RemoteID != r.RemoteID || f.Version != r.Version {
		t.Errorf("Find: %+v, %q, %v; want %+v", f, p, err, r)
	}
	items, err := cl.Refresh(ctx, []string{r.RemoteID})
	if err != nil || len(items) != 1 {
		t.Fatalf("Refresh: %+v, %v", items, err)
	}
	if it := items[0]; !strings.HasPrefix(it.Text, "Il forno & noi\n\nIl forno è acceso -- guarda") || len(it.Media) != 2 || it.Media[0].Alt != "Il forno, acceso" || it.Media[1].Alt != "Il banco" {
		t.Errorf("it stands as %+v", it)
	}
	res, err := http.Get(r.URL)
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil || !bytes.Contains(page, []byte("<strong>acceso</strong>")) || !bytes.Contains(page, []byte("Notizie")) || bytes.Contains(page, []byte("&lt;strong")) {
		t.Errorf("what readers see (%v): %.2000s", err, page)
	}

	// The same files once more are found, not brought again.
	second := m
	second.Text = "un altro testo"
	library := func() int {
		var all []json.RawMessage
		if err := guest.call(ctx, "GET", "/media?per_page=100", true, nil, &all); err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	before := library()
	if _, err := cl.Edit(ctx, r.RemoteID, second); err != nil {
		t.Errorf("Edit: %v", err)
	}
	if n := library(); n != before {
		t.Errorf("%d files after an edit, %d before", n, before)
	}

	// A comment's way: approved, held, spam, the bin; what WordPress calls an error is none.
	id, err := guest.Reply(ctx, r.RemoteID, "Complimenti "+key)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []network.Standing{network.Approved, network.Held, network.Held, network.Approved, network.Spam, network.Approved} {
		if err := cl.Moderate(ctx, id, s); err != nil {
			t.Fatalf("to %s: %v", s, err)
		}
		if got, err := cl.Refresh(ctx, []string{id}); err != nil || len(got) != 1 || got[0].Standing != s || got[0].Deleted {
			t.Fatalf("%s was read as %+v, %v", s, got, err)
		}
	}
	answer := message(key+"a", "Grazie, Vera!\nA presto & <ciao>")
	answer.ReplyTo = id
	got, err := cl.Publish(ctx, answer)
	if err != nil {
		t.Fatal(err)
	}
	again, err := cl.Publish(ctx, answer)
	if err != nil || again.RemoteID != got.RemoteID {
		t.Errorf("the same answer twice: %+v, %v; want %s", again, err, got.RemoteID)
	}
	if it, err := cl.Refresh(ctx, []string{got.RemoteID}); err != nil || len(it) != 1 || it[0].Text != answer.Text || !it[0].Mine {
		t.Errorf("the answer stands as %+v, %v", it, err)
	}
	if err := cl.Moderate(ctx, id, network.Trashed); err != nil {
		t.Errorf("to the bin: %v", err)
	}
	if it, err := cl.Refresh(ctx, []string{id}); err != nil || len(it) != 1 || !it[0].Deleted {
		t.Errorf("in the bin: %+v, %v", it, err)
	}
}

// TestRealWordPressByItsFeed: the same site without a password. An article that was a draft first, as the editor makes them, is the same one
// both ways; one that a program published at once is known by its address.
func TestRealWordPressByItsFeed(t *testing.T) {
	address, password := real(t)
	ctx := t.Context()
	editor := &visitor{address: address, password: password}
	type made struct {
		ID   int
		Link string
	}
	var written, sent made
	if err := editor.call(ctx, "POST", "/posts", true, map[string]any{"title": "Un articolo", "content": "<p>Dal feed</p>", "status": "draft"}, &written); err != nil {
		t.Fatal(err)
	}
	if err := editor.call(ctx, "POST", fmt.Sprintf("/posts/%d", written.ID), true, map[string]any{"status": "publish"}, &written); err != nil {
		t.Fatal(err)
	}
	if err := editor.call(ctx, "POST", "/posts", true, map[string]any{"title": "Un altro", "content": "<p>Subito</p>", "status": "publish"}, &sent); err != nil {
		t.Fatal(err)
	}
	con := connector()
	found, err := con.Discover(ctx, address)
	if err != nil || !found.Open || found.Software != "wordpress" {
		t.Fatalf("%+v, %v", found, err)
	}
	open, err := con.Login(ctx, found, "", "")
	if err != nil {
		t.Fatal(err)
	}
	p, err := con.Open(open, nil).Fetch(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	text := map[string]string{}
	for _, it := range p.Items {
		text[it.RemoteID] = it.Text
	}
	for id, want := range map[string]string{fmt.Sprintf("post:%d", written.ID): "Un articolo\n\nDal feed", sent.Link: "Un altro\n\nSubito"} {
		if text[id] != want {
			t.Errorf("%s says %q, want %q; there are %q", id, text[id], want, slices.Collect(maps.Keys(text)))
		}
	}
}

// TestRealWordPressOfAnAuthor: who may not moderate answers all the same, and finds the answer again.
func TestRealWordPressOfAnAuthor(t *testing.T) {
	address, password := real(t)
	con := connector()
	found, err := con.Discover(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	_, err = con.Login(t.Context(), found, "autrice", password)
	wants(t, err, network.Never, network.ProblemCredentials)
	cred, err := con.Login(t.Context(), found, "autrice", os.Getenv("PONTE_TEST_WORDPRESS_AUTHOR"))
	if err != nil {
		t.Fatal(err)
	}
	cl := con.Open(cred, nil)
	if tr := cl.Traits(); tr.Moderate || tr.ReadOnly {
		t.Errorf("traits %+v", tr)
	}
	key := strconv.FormatInt(time.Now().UnixNano(), 36)
	r, err := cl.Publish(t.Context(), message("dlv_own"+key, "Di mano mia"))
	if err != nil {
		t.Fatal(err)
	}
	guest := &visitor{address: address, password: password}
	id, err := guest.Reply(t.Context(), r.RemoteID, "Bello "+key)
	if err != nil {
		t.Fatal(err)
	}
	if it := fetchAll(t, cl, "")[id]; it.Text != "Bello "+key || it.Mine {
		t.Errorf("%+v", it)
	}
	m := message("dlv_ans"+key, "Grazie!")
	m.ReplyTo = id
	got, err := cl.Publish(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	if f, p, err := cl.Find(t.Context(), m); err != nil || p != network.Present || f.RemoteID != got.RemoteID {
		t.Errorf("Find: %+v, %q, %v", f, p, err)
	}
}
