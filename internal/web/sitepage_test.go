package web_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/linkback"
	"github.com/ponte-desk/ponte/internal/mention"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/team"
)

// otherPages are the rest of the web: pages by address.
type otherPages map[string]string

// Do implements mention.Doer.
func (p otherPages) Do(r *http.Request) (*http.Response, error) {
	res := &http.Response{StatusCode: http.StatusNotFound, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, Request: r, Body: io.NopCloser(strings.NewReader(""))}
	if body, ok := p[r.URL.String()]; ok {
		res.StatusCode, res.Body = http.StatusOK, io.NopCloser(strings.NewReader(body))
	}
	return res, nil
}

const (
	ownSite  = "https://arno.example"
	ownVases = ownSite + "/vasi"
)

// TestThePagesOfASite walks the pages of a site's channel: articles, what others say of them, whom they told, and what connects them.
func TestThePagesOfASite(t *testing.T) {
	t.Parallel()
	pages := otherPages{
		ownVases:                "<h1>Vasi</h1>",
		"https://ada.example/1": `<div class="h-entry"><a class="u-in-reply-to" href="` + ownVases + `"></a><p class="p-author h-card">Ada Neri</p><p class="e-content">Questi vasi sono fragili, il mio si è rotto e nessuno risponde.</p></div>`,
		"https://bad.example/2": `<p class="h-entry"><span class="p-author h-card">Offerte</span> <a href="` + ownVases + `">x</a></p>`,
		"https://deaf.example/": "niente",
	}
	eachHouse(t, housetest.Options{Fake: networktest.FakeOptions{Network: network.Site, URL: ownSite}, Pages: pages}, func(t *testing.T, h *house) {
		ctx := t.Context()
		at := "/channels/" + string(h.Channel.ID)
		owner := h.as(team.Owner)
		owner.get(at+"/articles").says(t, "no articles", "Ancora nessun articolo")
		owner.get(at+"/mentions").says(t, "no mentions", "Nessuno ha ancora avvisato il sito", "Collega le pagine")
		owner.get(at+"/told").says(t, "nobody told", "Nessun articolo porta ancora ad altri siti")
		owner.get(at+"/setup").says(t, "the line", "rel=&#34;webmention&#34;", "/m/"+string(h.Channel.ID)+"/webmention", "/embed?page=", "Nessuno, per ora")

		h.Clock.Advance(time.Minute)
		text := "I vasi nuovi\n\nAbbiamo fatto dei vasi nuovi, i nostri più belli.\n\nVieni a vederli?"
		item := network.Item{RemoteID: "1", Kind: network.KindPost, Mine: true, URL: ownVases, Text: text, HTML: `<p>Vedi <a href="https://deaf.example/">qui</a></p>`, At: h.Clock.Now(), Version: "1", Visibility: network.Public}
		_, err := h.Networks.Ingest(ctx, h.Channel, network.Page{Items: []network.Item{item}})
		h.ok(err)
		ids := map[string]linkback.MentionID{}
		for _, source := range []string{"https://ada.example/1", "https://bad.example/2", "https://gone.example/3"} {
			m, err := h.Linkbacks.Tell(ctx, linkback.ToldIn{Channel: h.Channel.ID, Source: source, Target: ownVases, Protocol: mention.Webmention})
			h.ok(err)
			_, err = h.Linkbacks.Check(ctx, m.Company, m.ID)
			h.ok(err)
			ids[source] = m.ID
		}
		sent, err := h.Linkbacks.Sendings(ctx, h.Actor(team.Owner), linkback.SendingFilter{})
		h.ok(err)
		if len(sent.Sendings) != 1 {
			t.Fatalf("%+v", sent.Sendings)
		}
		owner.get(at+"/told").says(t, "to be told", "I vasi nuovi", "deaf.example", "Ponte la avvisa tra poco")
		_, err = h.Linkbacks.Step(ctx, h.Company.ID, sent.Sendings[0].ID)
		h.ok(err)

		articles, err := h.Inbox.Articles(ctx, h.Actor(team.Owner), h.Channel.ID, 5)
		h.ok(err)
		article := at + "/articles/" + string(articles[0].ID)
		owner.get(at+"/articles").says(t, "the articles", "I vasi nuovi", "2 menzioni", "0 avvisati su 1 link", article)
		owner.get(article).says(t, "an article", "Ada Neri", "Questi vasi sono fragili", "Non riceve avvisi", "1 frase su", "Abbiamo fatto dei vasi nuovi", "Fai un collegamento", "/posts/new?article=")
		owner.get("/channels").says(t, "the channel", at+"/mentions", "Menzioni: 3", article)
		if got := owner.get("/"); strings.Contains(got.body, "Dal sito, da raccontare") {
			t.Error("there is nowhere to tell of an article, and it is offered")
		}
		body := owner.get(at + "/mentions")
		body.says(t, "the mentions", "Ada Neri", "risponde", "ada.example", "I vasi nuovi", "Si vede sul sito", "Rifiutata", "La pagina che contiene il link non c", "Non ricevere più da ada.example")
		if got := owner.get(at + "/mentions?state=refused"); strings.Contains(got.body, "Ada Neri") || !strings.Contains(got.body, "gone.example") {
			t.Error("the list is not narrowed")
		}

		// Criticism is not hidden because it does not please, and what stands in the way is said on the page.
		desk := h.as(team.Community)
		hide := func(source, why string) answer {
			return desk.post(at+"/mentions/hide", "mention", string(ids[source]), "reason", why)
		}
		got := hide("https://ada.example/1", "other")
		if got.status != http.StatusConflict {
			t.Errorf("criticism: %d", got.status)
		}
		got.says(t, "criticism", "non si nasconde perché non piace", "Ada Neri")
		if got := hide("https://ada.example/1", "whim"); got.status != http.StatusUnprocessableEntity {
			t.Errorf("nonsense: %d", got.status)
		}
		hide("https://bad.example/2", "spam").is(t, "hiding", http.StatusSeeOther, at+"/mentions")
		desk.get(at+"/mentions?state=hidden").says(t, "hidden", "Non si vede sul sito: spam", "Mostrala di nuovo")
		hide("https://bad.example/2", "").is(t, "showing", http.StatusSeeOther, at+"/mentions")
		desk.post(at+"/mentions/look", "mention", string(ids["https://gone.example/3"])).is(t, "looking again", http.StatusSeeOther, at+"/mentions")
		desk.get(at+"/mentions").says(t, "to be read", "Da leggere")
		if got := desk.post(at+"/mentions/block", "host", "bad.example"); got.status != http.StatusForbidden {
			t.Errorf("blocking: %d", got.status)
		}
		if got := owner.post(at+"/mentions/block", "host", "no host", "back", "setup"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, `value="no host"`) {
			t.Errorf("no host: %d", got.status)
		}
		owner.post(at+"/mentions/block", "host", "bad.example", "back", "setup").is(t, "blocking", http.StatusSeeOther, at+"/setup")
		owner.get(at+"/setup").says(t, "blocked", "bad.example", "Riammetti")
		owner.post(at+"/mentions/unblock", "host", "bad.example").is(t, "letting in", http.StatusSeeOther, at+"/setup")

		h.as(team.Marketing).post(at+"/told/again", "sending", string(sent.Sendings[0].ID), "back", article).is(t, "telling again", http.StatusSeeOther, article)
		if got := h.as(team.Guest).post(at+"/told/again", "sending", string(sent.Sendings[0].ID)); got.status != http.StatusForbidden {
			t.Errorf("a guest tells: %d", got.status)
		}

		// Every role sees what it may, in both languages; whoever may not read what people write sees none of it.
		for _, role := range team.Roles {
			who := h.as(role)
			for _, lang := range []string{"it", "en"} {
				who.post("/language", "lang", lang, "back", "/").is(t, "the language", http.StatusSeeOther, "/")
				for _, path := range []string{"/articles", "/mentions", "/told", "/setup", strings.TrimPrefix(article, at)} {
					got := who.get(at + path)
					want := http.StatusOK
					if !role.Can(team.InboxRead) || path == "/told" && !role.Can(team.PostsRead) {
						want = http.StatusForbidden
					}
					if got.status != want || marker.MatchString(got.body) {
						t.Errorf("%s as %s in %s: %d, want %d %s", path, role, lang, got.status, want, marker.FindString(got.body))
					}
				}
			}
		}
		owner = h.as(team.Owner)
		for _, path := range []string{"/articles", "/mentions", "/told", "/setup"} {
			if got := owner.get("/channels/chn_01kjpzx2p0000000000000000f" + path); got.status != http.StatusNotFound {
				t.Errorf("%s of nobody: %d", path, got.status)
			}
		}
	})
}
