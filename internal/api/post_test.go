package api_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// tryPosts takes posts all the way through the operations: written, previewed, asked about, approved, planned, moved, held, brought out,
// counted, edited, taken down.
func tryPosts(t *testing.T, b *bench, vars map[string]string, send func(id, body string, status int, query ...string) map[string]any, want func(got any, what string)) {
	t.Helper()
	items := func(m map[string]any) []any { return m["items"].([]any) }
	count := func(m map[string]any, n int, what string) {
		t.Helper()
		if got := len(items(m)); got != n {
			t.Errorf("%d %s, want %d", got, what, n)
		}
	}
	number := func(m map[string]any, key string) string { return strconv.Itoa(int(m[key].(float64))) }
	channel := string(b.Channel.ID)
	write := func(text string) string { return `"message":{"text":"` + text + `"},"channels":["` + channel + `"]` }
	begin := func(text string) map[string]any {
		t.Helper()
		p := send("create-post", `{`+write(text)+`}`, 201)
		vars["post"] = p["id"].(string)
		return p
	}
	work := func() {
		t.Helper()
		for range 20 {
			b.must(b.Posts.Due(t.Context()))
			ids, err := b.Deliveries.Waiting(t.Context(), b.Company.ID)
			b.must(err)
			for _, id := range ids {
				b.Deliver(id, time.Minute)
			}
		}
	}

	// What the company decides.
	settings := send("get-post-settings", "", 200)
	want(settings["approval"], "none")
	decide := func(approval string) {
		t.Helper()
		send("change-post-settings", `{"approval":"`+approval+`","late":60,"quiet":[{"from":"2026-12-24T00:00","to":"2026-12-27T00:00","name":"Natale"}],"quiet_weekly":[{"weekday":0,"from":0,"to":480}],`+
			`"slots":{"`+channel+`":[{"weekday":2,"minute":600}]},"tags":{},"own":["Arno"],"public":[]}`, 204)
	}
	decide("one")
	want(send("get-post-settings", "", 200)["quiet"].([]any)[0].(map[string]any)["from"], "2026-12-24T00:00")
	vars["snippet"] = send("save-snippet", `{"kind":"tags","name":"Forno","message":{"tags":["ceramica"]}}`, 200)["id"].(string)
	count(send("list-snippets", "", 200, "?kind=tags"), 1, "sets of tags")
	send("delete-snippet", "", 204)

	// Written, seen, saved, too late, brought back.
	look := send("preview-post", `{`+write("Scrivi a IT60X0542811101000000123456")+`}`, 200)
	if len(look["variants"].([]any)) != 1 || len(look["doubts"].([]any)) != 1 {
		t.Errorf("previewed %v", look)
	}
	p := begin("Sabato apriamo il forno: vieni?")
	b.Clock.Advance(time.Hour) // what a member saves at once is one state of the history
	p = send("save-post", `{`+write("Sabato alle 10 apriamo il forno: vieni?")+`,"version":`+number(p, "version")+`}`, 200)
	send("save-post", `{`+write("Troppo tardi")+`,"version":1}`, 409)
	past := items(send("list-post-history", "", 200))
	if len(past) < 2 {
		t.Fatalf("history %v", past)
	}
	for _, x := range past {
		if one := x.(map[string]any); one["aside"] == false {
			p = send("restore-post", `{"past":"`+one["id"].(string)+`","version":`+number(p, "version")+`}`, 200)
			break
		}
	}
	want(p["message"].(map[string]any)["text"], "Sabato apriamo il forno: vieni?")
	send("follow-message", `{"channel":"`+channel+`"}`, 200)
	vars["comment"] = send("comment-post", `{"text":"Alle dieci?"}`, 201)["id"].(string)
	whole := send("get-post", "", 200)
	if len(whole["comments"].([]any)) != 1 || len(whole["variants"].([]any)) != 1 {
		t.Errorf("the post %v", whole)
	}
	p = whole["post"].(map[string]any)
	send("delete-post-comment", "", 204)
	send("share-post", `{"members":["`+string(b.Members[team.Contributor].ID)+`"]}`, 204)

	count(send("list-post-files", "", 200, "?search=forno"), 0, "files of earlier posts")

	// A yes: asked, taken back, sent back, given. Whoever asked does not say it, so a colleague's post is approved.
	send("ask-post", `{"version":`+number(p, "version")+`}`, 200)
	send("unask-post", "", 200)
	theirs, err := b.Posts.Create(t.Context(), b.Actor(team.Marketing), post.CreateIn{Message: post.Message{Text: "Venerdì si smalta: chi viene?"}, Channels: []network.ChannelID{b.Channel.ID}})
	b.must(err)
	vars["post"] = string(theirs.ID)
	ask := func() post.Post {
		t.Helper()
		x, err := b.Posts.Open(t.Context(), b.Actor(team.Marketing), theirs.ID)
		b.must(err)
		y, err := b.Posts.Ask(t.Context(), b.Actor(team.Marketing), theirs.ID, post.AskIn{Version: x.Post.Version})
		b.must(err)
		return y
	}
	ask()
	count(send("list-posts-to-approve", "", 200), 1, "posts to approve")
	want(send("return-post", `{"reason":"Di che giorno?"}`, 200)["state"], "draft")
	asked := ask()
	guest := send("invite-guest", `{"name":"Studio Neri","days":3}`, 201)
	if guest["token"] == "" {
		t.Error("a link without its token")
	}
	vars["guest"] = guest["id"].(string)
	send("withdraw-guest", "", 204)
	send("approve-post", `{"hash":"something else"}`, 409)
	want(send("approve-post", `{"hash":"`+asked.Hash+`"}`, 200)["state"], "approved")
	decide("none")

	// Its time.
	want(send("read-post-clock", "", 200, "?at=2026-03-29T02:30")["kind"], "missing")
	send("read-post-clock", "", 422, "?at=tomorrow")
	count(send("list-free-slots", "", 200, "?channel="+channel+"&count=3"), 3, "free slots")
	send("list-best-hours", "", 200)
	now := b.Clock.Now()
	day := now.AddDate(0, 0, 3).Format(time.DateOnly)
	p = send("schedule-post", `{"version":`+strconv.Itoa(asked.Version)+`,"when":{"kind":"at","at":"`+day+`T18:30"}}`, 200)
	want(p["state"], "planned")
	moved := send("move-post", `{"at":"`+day+`T19:00"}`, 200)
	want(moved["when"].(map[string]any)["at"], day+"T19:00")
	span := "?from=" + now.Format(time.RFC3339) + "&to=" + now.AddDate(0, 0, 30).Format(time.RFC3339)
	span = strings.ReplaceAll(span, "+", "%2B")
	count(send("get-post-calendar", "", 200, span), 1, "posts in the calendar")
	want(send("cancel-post", "", 200)["post"].(map[string]any)["state"], "approved")
	send("delete-post", "", 204)

	// Again and again.
	p = begin("Ogni martedì: domande sul forno?")
	p = send("schedule-post", `{"version":`+number(p, "version")+`,"when":{"kind":"at","at":"`+day+`T10:00","repeat":{"every":"week","count":3}}}`, 200)
	vars["series"] = p["series"].(string)
	if s := send("get-series", "", 200); len(s["posts"].([]any)) == 0 {
		t.Errorf("series %v", s)
	}
	send("end-series", "", 204)
	send("cancel-post", "", 200)

	// Paused, held, let go, out.
	p = begin("Adesso apriamo: chi c’è?")
	send("pause-posts", `{"why":"Un incidente in città"}`, 204)
	if send("get-pause", "", 200)["paused"] != true {
		t.Error("it is not paused")
	}
	send("schedule-post", `{"version":`+number(p, "version")+`,"when":{"kind":"now"}}`, 200)
	work()
	want(send("get-post", "", 200)["post"].(map[string]any)["state"], "held")
	count(send("list-post-troubles", "", 200), 1, "troubles")
	send("resume-posts", "", 204)
	send("release-post", "", 200)
	work()
	whole = send("get-post", "", 200)
	want(whole["post"].(map[string]any)["state"], "sent")
	p = whole["post"].(map[string]any)
	part := whole["variants"].([]any)[0].(map[string]any)["parts"].([]any)[0].(map[string]any)
	vars["part"] = part["id"].(string)
	want(part["state"], "sent")
	if by := send("get-post-ties", "", 200); by["counted"] != false || len(by["credits"].([]any)) != 0 {
		t.Errorf("before its ties are counted: %v", by)
	}
	send("retry-part", "", 409)
	send("send-part-again", "", 409)
	send("give-part-up", "", 409)
	count(send("list-posts", "", 200, "?state=sent"), 1, "sent posts")
	if n := send("count-posts", "", 200)["states"].(map[string]any)["sent"]; n != 1.0 {
		t.Errorf("%v sent", n)
	}

	// Other words for what stands, with a yes; then down.
	decide("one")
	edit := send("edit-sent-post", `{`+write("Adesso apriamo il forno: chi c’è?")+`,"version":`+number(p, "version")+`}`, 200)
	vars["correction"] = edit["id"].(string)
	want(edit["state"], "pending")
	send("retry-correction", "", 409)
	send("approve-correction", `{"hash":"something else"}`, 409)
	want(send("return-correction", `{"reason":"Era meglio prima."}`, 200)["state"], "back")
	want(send("take-post-down", `{}`, 200)["kind"], "takedown")
	send("copy-post", `{}`, 201)

	// Tables.
	table := `date,time,channels,text\n2027-03-29,18:30,` + channel + `,Ciao\n`
	tried := send("import-posts", `{"table":"`+table+`","dry":true}`, 200)
	if len(tried["rows"].([]any)) != 1 || len(tried["errors"].([]any)) != 0 {
		t.Errorf("a table %v", tried)
	}
	if bad := send("import-posts", `{"table":"date,text\nsoon,Ciao\n"}`, 200); len(bad["errors"].([]any)) == 0 {
		t.Error("a date that is none was taken")
	}
	send("export-posts", "", 200, "?state=draft")
}

// A contributor's token sees the posts that are shared with them through nothing but the screen; a stranger's company sees nothing.
func TestPostsStayInTheirCompany(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		x, err := b.Posts.Create(t.Context(), b.Actor(team.Owner), post.CreateIn{Message: post.Message{Text: "Ciao?"}, Channels: []network.ChannelID{b.Channel.ID}})
		b.must(err)
		for _, id := range []string{"nonsense", "pst_01kjpzx2p0000000000000000z"} {
			if g := b.ask(b.token(team.Owner), http.MethodGet, "/api/v1/posts/"+id, ""); g.status != 404 {
				t.Errorf("%s: %d %s", id, g.status, g.body)
			}
		}
		if g := b.ask(b.token(team.Contributor), http.MethodGet, "/api/v1/posts/"+string(x.ID), ""); g.status != 403 {
			t.Errorf("a contributor: %d", g.status)
		}
	})
}
