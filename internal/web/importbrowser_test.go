package web_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/ponte-desk/ponte/internal/archive"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// packed is a zip with one file.
func packed(t *testing.T, name, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err == nil {
		_, err = w.Write([]byte(content))
	}
	if err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// reviews are n reviews as Google Takeout writes them, the first of them a criticism that nobody answered.
func reviews(n int, at time.Time) string {
	var all []map[string]any
	for i := range n {
		r := map[string]any{
			"name": fmt.Sprintf("accounts/1/locations/2/reviews/%d", i), "reviewer": map[string]any{"displayName": fmt.Sprintf("Ada %d", i)},
			"starRating": "FIVE", "comment": fmt.Sprintf("Il pane numero %d è molto buono, grazie a tutti.", i), "createTime": at.Add(-time.Duration(i) * time.Hour).Format(time.RFC3339),
		}
		if i == 0 {
			r["starRating"], r["comment"] = "ONE", "Il piatto è arrivato rotto e nessuno ha risposto alla mia lettera. Pessimo servizio."
		}
		all = append(all, r)
	}
	b, err := json.Marshal(map[string]any{"reviews": all})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// drop lets a file fall on the page, in parts of so many bytes.
func (v *viewer) drop(name string, content []byte, part int) {
	v.t.Helper()
	v.text(fmt.Sprintf(`(() => {
		const bytes = Uint8Array.from(atob(%q), (c) => c.charCodeAt(0));
		const form = document.querySelector("form[data-import]");
		form.dataset.chunk = "%d";
		const dataTransfer = new DataTransfer();
		dataTransfer.items.add(new File([bytes], %q));
		form.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
		return "";
	})()`, base64.StdEncoding.EncodeToString(content), part, name))
}

// says waits until the page says something; the page may change meanwhile.
func (v *viewer) says(words string) {
	v.t.Helper()
	said := ""
	for deadline := time.Now().Add(90 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		var err error
		if said, err = chromedp.Run(v.ctx, chromedp.Evaluate[string](`document.body.innerText`)); err == nil && strings.Contains(said, words) {
			return
		}
	}
	v.t.Fatalf("nothing says %q: %s", words, said)
}

// settled waits until nothing is on its way any more.
func settled(t *testing.T, h *house) {
	t.Helper()
	for deadline := time.Now().Add(90 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		all, err := h.Archives.Uploads(t.Context(), h.Actor(team.Owner))
		h.ok(err)
		if !slices.ContainsFunc(all, func(u archive.Upload) bool { return !u.State.Over() }) {
			return
		}
	}
	t.Fatal("an import does not come to an end")
}

// An archive that is dropped on the page comes in, in a real browser: with its questions, after a reload, and with what does not work.
func TestImportInABrowser(t *testing.T) {
	t.Parallel()
	ctx := chromium(t)
	h := newHouse(t, storetest.SQLite(t), housetest.Options{})
	h.ok(h.Queue.Start(t.Context()))
	t.Cleanup(func() { _ = h.Queue.Stop(t.Context()) })
	owner := h.Members[team.Owner]
	h.give(owner)
	v := &viewer{t: t, ctx: ctx}
	if b, err := os.ReadFile(filepath.Join("..", "..", "test", "servers", "node_modules", "axe-core", "axe.min.js")); err == nil {
		v.axe = string(b)
	} else if os.Getenv("PONTE_TEST_REQUIRE") == "1" {
		t.Fatal(err)
	}
	v.do(chromedp.Navigate(h.server.URL+"/sign-in?next=%2Fsettings%2Fimport"), chromedp.SendKeys("#email", owner.Email), chromedp.SendKeys("#password", secret), chromedp.Submit("#password"), chromedp.WaitVisible("form[data-import]"))
	v.look("import-empty")
	if strings.Contains(v.text(`document.title`), "Ponte") == false {
		t.Error("no title")
	}

	v.size(1440, "light")
	v.drop("takeout.zip", packed(t, "Takeout/Google Business Profile/reviews.json", reviews(300, h.Clock.Now())), 2000)
	v.says("È tutto dentro")
	v.look("import-done")
	v.do(chromedp.Navigate(h.server.URL + "/settings/import"))
	v.says("300 cose nuove")

	// Whose it is must be said.
	v.size(1440, "light")
	v.drop("Chat WhatsApp con Ada.zip", packed(t, "Chat WhatsApp con Ada.txt", "05/04/23, 09:31 - Ada Rossi: Siete aperti?\n05/04/23, 09:32 - Il Forno: Sì, fino alle otto\n"), 100)
	v.says("Chi di questi è la tua azienda?")
	v.look("import-whose")
	v.do(chromedp.Click(`input[name=name][value="Il Forno"]`), chromedp.Click(`.import .key.red`))
	settled(t, h)
	v.do(chromedp.Navigate(h.server.URL + "/settings/import"))
	v.says("2 cose nuove")

	// Which column is which.
	v.size(1440, "light")
	v.drop("sondaggio.csv", []byte("Data e ora;Nome;Messaggio;Voto\n05/04/2023 09:30;Ada Rossi;Il pane era freddo e nessuno ha chiesto scusa;2\n06/04/2023 10:00;Bruno;Buono;5\n"), 1000)
	v.says("servono la data e le parole")
	v.look("import-columns")
	v.do(chromedp.Click(`.import .key.red`))
	v.says("Un altro nome")
	v.do(chromedp.SendKeys(`.import input[name=me]`, "Il Forno"), chromedp.Click(`.import .key.red`))
	settled(t, h)
	v.do(chromedp.Navigate(h.server.URL + "/settings/import"))
	v.says("Tabella, Il Forno")

	// A file that was begun before the page was loaded again goes on where it was.
	b := packed(t, "reviews.json", reviews(40, h.Clock.Now().Add(-time.Hour)))
	u, err := h.Archives.Begin(t.Context(), h.Actor(team.Owner), archive.UploadIn{Name: "di nuovo.zip", Size: int64(len(b))})
	h.ok(err)
	_, err = h.Archives.Take(t.Context(), h.Actor(team.Owner), u.ID, 0, bytes.NewReader(b[:200]))
	h.ok(err)
	v.do(chromedp.Navigate(h.server.URL + "/settings/import"))
	v.look("import-arriving")
	v.size(1440, "light")
	v.drop("di nuovo.zip", b, 500)
	for range 600 {
		if u, err = h.Archives.Upload(t.Context(), h.Actor(team.Owner), u.ID); err != nil || u.State == archive.Done {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err != nil || u.State != archive.Done || u.Known != 39 && u.Known != 40 {
		t.Fatalf("%+v %v", u, err)
	}

	// Half a file, on a page that is not about to lead elsewhere.
	v.do(chromedp.Navigate(h.server.URL+"/settings/import"), chromedp.WaitVisible("form[data-import]"))
	v.drop("mezzo.zip", b[:len(b)/2], 10_000)
	v.says("è danneggiato o tagliato")
	v.look("import-failed")
	v.do(chromedp.Navigate(h.server.URL + "/settings/import"))
	v.look("import-past")
	v.do(chromedp.Navigate(h.server.URL + "/settings/import/" + string(u.ID)))
	v.look("import-one")

	h.ok(func() error {
		l, err := h.Inbox.List(t.Context(), h.Actor(team.Owner), inbox.Filter{View: inbox.ViewTodo})
		if err == nil && len(l.Conversations) > 0 {
			t.Error("the past asks for attention")
		}
		return err
	}())

	v.do(chromedp.Navigate(h.server.URL + "/settings/import?lang=en"))
	v.says("Drop the file here")
	v.look("import-english")
}
