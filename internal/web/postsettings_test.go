package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/team"
)

// send posts a form with a file, as a browser does.
func (b *browser) send(path, field, name, content string, pairs ...string) answer {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := w.WriteField(pairs[i], pairs[i+1]); err != nil {
			b.t.Fatal(err)
		}
	}
	if field != "" {
		part, err := w.CreateFormFile(field, name)
		if err != nil {
			b.t.Fatal(err)
		}
		if _, err := part.Write([]byte(content)); err != nil {
			b.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.server.URL+path, &body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept-Language", b.lang)
	res, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var text bytes.Buffer
	if _, err := text.ReadFrom(res.Body); err != nil {
		b.t.Fatal(err)
	}
	return answer{status: res.StatusCode, header: res.Header, body: text.String(), to: res.Header.Get("Location")}
}

func TestWhoDecidesAboutPosts(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		for _, role := range team.Roles {
			who := h.as(role)
			for path, p := range map[string]team.Permission{"/settings/posts": team.PostsRead, "/posts/import": team.PostsWrite} {
				got := who.get(path)
				if ok := got.status == http.StatusOK; ok != role.Can(p) {
					t.Errorf("%s as %s: %d", path, role, got.status)
				}
				if found := marker.FindString(got.body); found != "" {
					t.Errorf("%s as %s shows %q", path, role, found)
				}
			}
			if got := who.get("/posts/export.csv"); got.status != http.StatusOK || !strings.HasPrefix(got.header.Get("Content-Type"), "text/csv") {
				t.Errorf("the table as %s: %d, %s", role, got.status, got.header.Get("Content-Type"))
			}
			for path, p := range map[string]team.Permission{
				"/settings/posts": team.PostsManage, "/settings/posts/snippets": team.PostsManage, "/settings/posts/snippets/psn_x/delete": team.PostsManage,
			} {
				got := who.post(path, "approval", "everything", "name", "x", "kind", "nothing")
				if refused := got.status == http.StatusForbidden; refused == role.Can(p) || got.status >= 500 {
					t.Errorf("POST %s as %s: %d %s", path, role, got.status, cut(got.body))
				}
			}
			got := who.send("/posts/import", "file", "x.csv", "")
			if refused := got.status == http.StatusForbidden; refused == role.Can(team.PostsWrite) || got.status >= 500 {
				t.Errorf("a table as %s: %d %s", role, got.status, cut(got.body))
			}
		}
	})
}

func TestWhatTheCompanyDecidesAboutPosts(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		who := h.as(team.Marketing)
		ch := string(h.Channel.ID)
		form := []string{
			"approval", "two", "first", "marketing", "second", "", "late", "30", "quiet1", "22-7", "quiet3", "12:00-15:00", "slots-" + ch + "-1", "9, 18.30", "slots-" + ch + "-4", "12:00",
			"tags-" + ch, "end", "own", "Lungarno\n\nIl Blu", "public", "055 123456", "window-from", "2026-08-10T00:00", "window-to", "2026-08-24T00:00", "window-name", "Ferie",
			"window-from", "", "window-to", "", "window-name", "",
		}
		who.post("/settings/posts", form...).is(t, "saving", http.StatusSeeOther, "/settings/posts")
		s, err := h.Posts.Settings(t.Context(), h.Actor(team.Owner))
		h.ok(err)
		if s.Approval != post.ModeTwo || s.First != team.Marketing || s.Second != "" || s.Late != 30 || len(s.Quiet.Weekly) != 2 || len(s.Quiet.Windows) != 1 || s.Quiet.Windows[0].Name != "Ferie" {
			t.Errorf("kept: %+v", s)
		}
		want := []schedule.Slot{{Weekday: time.Monday, Minute: 540}, {Weekday: time.Monday, Minute: 1110}, {Weekday: time.Thursday, Minute: 720}}
		if got := s.Slots[h.Channel.ID]; len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
			t.Errorf("slots: %v", got)
		}
		if s.Habits[h.Channel.ID].Tags != "end" || strings.Join(s.Own, "|") != "Lungarno|Il Blu" || s.Public[0] != "055 123456" {
			t.Errorf("kept: %+v", s)
		}
		page := who.get("/settings/posts")
		page.says(t, "the page", `value="22:00-7:00"`, `value="9:00, 18:30"`, "3 posti a settimana", `value="2026-08-10T00:00"`, "Ferie", `value="two" checked`)

		// What cannot be read stays as it was typed and is said where it stands; nothing changes.
		bad := who.post("/settings/posts", append([]string{"late", "1"}, append(form[:6:6], form[8:]...)...)...)
		bad.is(t, "too soon late", http.StatusUnprocessableEntity, "")
		for field, value := range map[string]string{"quiet2": "sera", "slots-" + ch + "-2": "25:00"} {
			got := who.post("/settings/posts", append([]string{field, value}, form...)...)
			got.is(t, field, http.StatusUnprocessableEntity, "")
			got.says(t, field, `value="`+value+`"`, `aria-invalid="true"`, "Qualcosa non va")
		}
		who.post("/settings/posts", append([]string{"window-from", "2026-09-02T00:00", "window-to", "2026-09-01T00:00", "window-name", "Al contrario"}, form...)...).says(t, "the wrong way round", "Al contrario", "la fine viene dopo")
		if again, err := h.Posts.Settings(t.Context(), h.Actor(team.Owner)); err != nil || again.Late != 30 || len(again.Quiet.Windows) != 1 {
			t.Errorf("after what was refused: %+v, %v", again, err)
		}

		// Words to be used again.
		made := who.post("/settings/posts/snippets", "kind", "template", "name", "Apertura", "text", "Apriamo il forno", "tags", "#ceramica, forno")
		made.is(t, "a template", http.StatusSeeOther, "/settings/posts#snippets-template")
		who.post("/settings/posts/snippets", "kind", "template", "name", "Apertura", "text", "Un altro").is(t, "the same name", http.StatusUnprocessableEntity, "")
		empty := who.post("/settings/posts/snippets", "kind", "signature", "name", "Vuota", "text", "")
		empty.is(t, "an empty one", http.StatusUnprocessableEntity, "")
		empty.says(t, "an empty one", `value="Vuota"`, "aria-invalid")
		all, err := h.Posts.Snippets(t.Context(), h.Actor(team.Owner), "")
		h.ok(err)
		if len(all) != 1 || strings.Join(all[0].Message.Tags, "|") != "ceramica|forno" {
			t.Fatalf("kept: %+v", all)
		}
		id := string(all[0].ID)
		who.get("/settings/posts?snippet="+id).says(t, "to change it", `name="id" value="`+id+`"`, "Apriamo il forno</textarea>")
		who.post("/settings/posts/snippets", "id", id, "kind", "template", "name", "Apertura", "text", "Riapriamo", "tags", "").is(t, "changed", http.StatusSeeOther, "/settings/posts#snippets-template")
		who.post("/settings/posts/snippets/"+id+"/delete").is(t, "dropped", http.StatusSeeOther, "/settings/posts#snippet")
		if all, _ = h.Posts.Snippets(t.Context(), h.Actor(team.Owner), ""); len(all) != 0 {
			t.Errorf("still there: %+v", all)
		}
	})
}

func TestPostsComeInAsATable(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		who := h.as(team.Editor)
		count := func() int {
			l, err := h.Posts.List(t.Context(), h.Actor(team.Owner), post.Filter{})
			h.ok(err)
			return len(l.Entries)
		}
		ch := string(h.Channel.ID)
		day := h.wall(4, "")[:10]
		good := "data,ora,canali,testo\n" + day + ",18:30," + ch + ",Sabato apriamo il forno\n,," + ch + ",\"Una bozza, con virgola\"\n"
		look := who.send("/posts/import", "file", "aprile.csv", good, "plan", "on")
		look.is(t, "looking", http.StatusOK, "")
		look.says(t, "looking", "Ne verrebbero 2 messaggi", "aprile.csv", "Sabato apriamo il forno", "Porta dentro 2 messaggi", `<textarea name="table" hidden>`)
		if n := count(); n != 0 {
			t.Fatalf("looking brought in %d", n)
		}
		wrong := who.send("/posts/import", "file", "x.csv", "data,ora,canali,testo\n2026-02-30,18:30,"+ch+",Uno\n"+day+",9:00,nessuno,Due\n")
		wrong.is(t, "what is wrong", http.StatusUnprocessableEntity, "")
		wrong.says(t, "what is wrong", "cose da correggere", "<th scope=\"row\">2</th>", "<th scope=\"row\">3</th>", "Non è entrato niente")
		if strings.Contains(wrong.body, `name="do"`) {
			t.Error("what is wrong can be brought in")
		}
		who.send("/posts/import", "file", "x.csv", "\xff\xfe\x00").is(t, "no text", http.StatusUnprocessableEntity, "")
		who.send("/posts/import", "", "", "").is(t, "no file", http.StatusUnprocessableEntity, "")
		who.send("/posts/import", "", "", "", "table", good, "name", "aprile.csv", "plan", "on", "do", "1").is(t, "doing it", http.StatusSeeOther, "/posts?mine=1")
		if n := count(); n != 2 {
			t.Fatalf("%d came in", n)
		}
		who.get("/posts?state=planned").says(t, "planned", "Sabato apriamo il forno")
		who.get("/posts?state=draft").says(t, "a draft", "Una bozza, con virgola")
		out := who.get("/posts/export.csv?" + url.Values{"state": {"planned"}}.Encode())
		out.says(t, "the table", "\ufeffdata;ora;canali;", "Sabato apriamo il forno", day, ";Programmato;", "\r\n")
		if strings.Contains(out.body, "Una bozza") || !strings.Contains(out.header.Get("Content-Disposition"), "attachment") {
			t.Errorf("the table is %s", out.body)
		}
		who.get("/posts/export.csv?state=nothing").is(t, "no such state", http.StatusUnprocessableEntity, "")
	})
}
