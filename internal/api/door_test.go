package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/api"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// listen opens the stream of events and gives its lines.
func listen(t *testing.T, server *httptest.Server, token string) (<-chan string, func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", server.URL+"/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := server.Client().Do(r)
	if err != nil || res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatal(res, err)
	}
	lines := make(chan string, 100)
	go func() {
		for s := bufio.NewScanner(res.Body); s.Scan(); {
			select {
			case lines <- s.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines, func() {
		cancel()
		_ = res.Body.Close()
	}
}

// The description is one that a stranger can build a program on.
func TestDescription(t *testing.T) {
	t.Parallel()
	b := setup(t, storetest.SQLite(t))
	doc, ops := operations(t, b.api)
	if doc["openapi"] != "3.1.0" || len(ops) < 60 {
		t.Fatalf("%v, %d operations", doc["openapi"], len(ops))
	}
	known := map[string]bool{}
	for _, tag := range doc["tags"].([]any) {
		known[tag.(map[string]any)["name"].(string)] = true
	}
	for id, op := range ops {
		if op.Summary == "" || op.Description == "" || len(op.Tags) != 1 || !known[op.Tags[0]] || len(op.Security) != 1 {
			t.Errorf("%s is not described: %+v", id, op)
		}
		for _, status := range []string{"400", "401", "422", "429", "500"} {
			if op.Responses[status] == nil {
				t.Errorf("%s does not tell of %s", id, status)
			}
		}
		if p := op.needs(); p != "" && (!slices.Contains(team.Permissions, p) || op.Responses["403"] == nil) {
			t.Errorf("%s needs %q", id, p)
		}
		if op.method == "POST" && op.Responses["409"] == nil {
			t.Errorf("%s does not tell of 409", id)
		}
		if strings.Contains(op.path, "{") && op.Responses["404"] == nil {
			t.Errorf("%s does not tell of 404", id)
		}
		var named []string
		for _, p := range op.Parameters {
			if p["description"] == nil || p["description"] == "" {
				t.Errorf("%s: %v has no description", id, p["name"])
			}
			if p["in"] == "path" {
				named = append(named, p["name"].(string))
			}
		}
		for _, v := range inPath.FindAllStringSubmatch(op.path, -1) {
			if !slices.Contains(named, v[1]) {
				t.Errorf("%s does not describe {%s}", id, v[1])
			}
		}
	}
	for name, s := range doc["components"].(map[string]any)["schemas"].(map[string]any) {
		properties := s.(map[string]any)["properties"].(map[string]any)
		if len(properties) == 0 {
			t.Errorf("%s is empty", name)
		}
		for field, p := range properties {
			m := p.(map[string]any)
			if m["description"] == nil {
				t.Errorf("%s.%s has no description", name, field)
			}
			plain := m["$ref"] == nil && m["type"] != "boolean" && m["type"] != "object"
			if items, ok := m["items"].(map[string]any); ok && items["$ref"] != nil {
				plain = false
			}
			if plain && m["examples"] == nil {
				t.Errorf("%s.%s has no example", name, field)
			}
			if ty, ok := m["type"].([]any); ok {
				t.Errorf("%s.%s may be %v", name, field, ty)
			}
		}
	}
	// Every reference leads somewhere.
	for _, m := range regexp.MustCompile(`"\$ref": "([^"]+)"`).FindAllStringSubmatch(string(b.api.OpenAPI()), -1) {
		name, ok := strings.CutPrefix(m[1], "#/components/schemas/")
		if _, there := doc["components"].(map[string]any)["schemas"].(map[string]any)[name]; !ok || !there {
			t.Errorf("%s leads nowhere", m[1])
		}
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		token := b.token(team.Owner)
		conversation := "/api/v1/conversations/" + b.talk("ada@example.org", "Hello?")
		type field struct{ name, code string }
		for _, tc := range []struct {
			what, method, path, body string
			status                   int
			code                     string
			field                    field
		}{
			{"no address", "GET", "/api/v1/nothing", "", 404, "api.nowhere", field{}},
			{"a wrong method", "DELETE", "/api/v1/company", "", 405, "api.method", field{}},
			{"not JSON", "POST", conversation + "/notes", "{", 400, "api.body", field{}},
			{"no body", "POST", conversation + "/notes", "", 400, "api.body", field{}},
			{"an unknown field", "POST", conversation + "/notes", `{"text":"a","colour":"red"}`, 422, "fault.fields", field{"colour", "api.field.unknown"}},
			{"a missing field", "POST", conversation + "/notes", `{}`, 422, "fault.fields", field{"text", "api.field.missing"}},
			{"a wrong type", "POST", conversation + "/notes", `{"text":1}`, 422, "fault.fields", field{"text", "api.field.string"}},
			{"a list", "POST", conversation + "/notes", `[]`, 422, "fault.fields", field{"body", "api.field.object"}},
			{"a wrong time", "POST", conversation + "/snooze", `{"until":"tomorrow"}`, 422, "fault.fields", field{"until", "api.field.time"}},
			{"a time of the past", "POST", conversation + "/snooze", `{"until":"2001-01-01T00:00:00Z"}`, 422, "fault.fields", field{"until", "inbox.snooze.when"}},
			{"a wrong choice", "GET", "/api/v1/conversations?view=some", "", 422, "fault.fields", field{"view", "api.field.choice"}},
			{"a wrong number", "GET", "/api/v1/conversations?limit=many", "", 422, "fault.fields", field{"limit", "api.field.integer"}},
			{"a large number", "GET", "/api/v1/conversations?limit=101", "", 422, "fault.fields", field{"limit", "api.field.range"}},
			{"an unknown query", "GET", "/api/v1/conversations?sort=up", "", 422, "fault.fields", field{"sort", "api.field.unknown"}},
			{"a wrong cursor", "GET", "/api/v1/conversations?cursor=zzz", "", 422, "store.cursor", field{}},
			{"a wrong span", "PATCH", "/api/v1/company", `{"hours":{"monday":[{"from":"9","to":"18:00"}]}}`, 422, "fault.fields", field{"hours.monday[0].from", "api.field.pattern"}},
			{"a rule of the room", "PATCH", "/api/v1/company", `{"target_minutes":1}`, 422, "fault.fields", field{"target_minutes", "team.target.wrong"}},
			{"an unknown member", "GET", "/api/v1/members/mbr_01kjpwd6m01e86jx24xtefrjkt", "", 404, "store.missing", field{}},
			{"an unknown conversation", "GET", "/api/v1/conversations/cnv_01kjpwd6m01e86jx24xtefrjkt", "", 404, "inbox.conversation.missing", field{}},
			{"a file that is not there", "POST", conversation + "/replies", `{"text":"a","media":[{"media":"med_01kjpwd6m01e86jx24xtefrjkt"}]}`, 422, "fault.fields", field{"media[0].media", "media.gone"}},
			{"a long reply", "POST", conversation + "/replies", `{"text":"` + strings.Repeat("a", 400) + `"}`, 422, "fault.fields", field{"text", "inbox.reply.long"}},
			{"a zero", "POST", conversation + "/notes", `{"text":"a\u0000"}`, 400, "api.text", field{}},
			{"a zero in the address", "GET", "/api/v1/members/%00", "", 400, "api.text", field{}},
			{"a query that is not UTF-8", "GET", "/api/v1/people?q=%ff", "", 400, "api.text", field{}},
			{"a zero in a query", "GET", "/api/v1/people?q=a%00", "", 400, "api.text", field{}},
			{"text that is not UTF-8", "POST", conversation + "/notes", "{\"text\":\"\xff\"}", 400, "api.text", field{}},
			{"too much", "POST", conversation + "/notes", `{"text":"` + strings.Repeat("a", 300<<10) + `"}`, 413, "api.too_big", field{}},
			{"no form", "POST", "/api/v1/media", `{}`, 415, "api.media_type", field{}},
			{"the last owner", "POST", "/api/v1/members/" + string(b.Members[team.Owner].ID) + "/leave", `{}`, 409, "team.owner.last", field{}},
		} {
			said := map[string]string{}
			for _, lang := range []string{"it", "en"} {
				g := b.ask(token, tc.method, tc.path, tc.body, "Accept-Language", lang)
				p := g.problem(t)
				if g.status != tc.status || p.Status != tc.status || p.Code != tc.code || p.Request == "" || p.Request != g.header.Get("X-Request-Id") ||
					g.header.Get("Content-Language") != lang || p.Title == "" || p.Detail == "" {
					t.Errorf("%s: %s", tc.what, g.body)
				}
				if strings.Contains(g.body, "no value") || strings.Contains(p.Title, "[") || strings.Contains(p.Detail, "[") {
					t.Errorf("%s lacks words: %s", tc.what, g.body)
				}
				said[p.Title] = lang
				if tc.field != (field{}) {
					i := slices.IndexFunc(p.Fields, func(f api.ProblemField) bool { return f.Name == tc.field.name && f.Code == tc.field.code })
					if i < 0 || strings.Contains(p.Fields[i].Message, "[") || p.Fields[i].Message == "" {
						t.Errorf("%s: %s", tc.what, g.body)
					}
				}
			}
			if len(said) != 2 {
				t.Errorf("%s is said in one language: %v", tc.what, said)
			}
		}
		if g := b.ask(token, "DELETE", "/api/v1/company", ""); g.header.Get("Allow") != "GET, PATCH" {
			t.Errorf("allowed %q", g.header.Get("Allow"))
		}
		// A password is never sent back.
		if g := b.ask(token, "POST", "/api/v1/channels", `{"network":"fake","address":1,"identifier":"a","password":"hunter2"}`); g.status != 422 || strings.Contains(g.body, "hunter2") {
			t.Error(g)
		}
	})
}

func TestCookiesCountForNothing(t *testing.T) {
	t.Parallel()
	b := setup(t, storetest.SQLite(t))
	g := b.ask("", "GET", "/api/v1/me", "", "Cookie", "session="+b.token(team.Owner))
	if g.status != 401 || g.header.Get("Access-Control-Allow-Origin") != "" || g.header.Get("Set-Cookie") != "" {
		t.Error(g)
	}
	if g := b.ask(b.token(team.Owner), "OPTIONS", "/api/v1/me", "", "Origin", "https://evil.example"); g.status != 405 || g.header.Get("Access-Control-Allow-Origin") != "" {
		t.Error(g)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		for _, name := range []string{"ada", "bruno", "carla", "dino", "elsa", "franco", "gina"} {
			b.talk(name+"@example.org", "Hello")
		}
		token := b.token(team.Owner)
		for _, path := range []string{"/api/v1/conversations?view=all&limit=3", "/api/v1/people?limit=3", "/api/v1/audit?limit=3"} {
			whole := walk(t, b, token, strings.Replace(path, "limit=3", "limit=100", 1))
			parts := walk(t, b, token, path)
			if len(whole) < 7 || !slices.Equal(whole, parts) {
				t.Errorf("%s: %v, by pages %v", path, whole, parts)
			}
			if sorted := slices.Compact(slices.Sorted(slices.Values(parts))); len(sorted) != len(parts) {
				t.Errorf("%s gives something twice", path)
			}
		}
	})
}

// walk follows a list to its end.
func walk(t *testing.T, b *bench, token, path string) (ids []string) {
	t.Helper()
	for next := ""; ; {
		p := into[struct {
			Items []struct{ ID string }
			Next  string
		}](t, b.ask(token, "GET", path+"&cursor="+url.QueryEscape(next), ""), 200)
		for _, i := range p.Items {
			ids = append(ids, i.ID)
		}
		if next = p.Next; next == "" {
			return ids
		}
		if len(ids) > 1000 {
			t.Fatalf("%s does not end", path)
		}
	}
}

// Whoever belongs to another company sees nothing and changes nothing.
func TestAnotherCompany(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		_, ops := operations(t, b.api)
		own := b.token(team.Owner)
		conversation := b.talk("ada@example.org", "A secret of ours")
		into[api.SavedReply](t, b.ask(own, "POST", "/api/v1/saved-replies", `{"title":"A secret title","body":"x"}`), 201)
		b.ask(own, "PATCH", "/api/v1/company", `{"approval":"all"}`)
		by := b.token(team.Community)
		reply := into[api.Reply](t, b.ask(by, "POST", "/api/v1/conversations/"+conversation+"/replies", `{"text":"Ours"}`), 201).ID
		label := into[api.Label](t, b.ask(own, "POST", "/api/v1/conversations/"+conversation+"/labels", `{"label":"ours"}`), 201).ID
		file := into[api.File](t, b.upload(own, "/api/v1/media", "cup.png", picture(t), "A secret cup", ""), 201).ID
		invitation := into[api.Invitation](t, b.ask(own, "POST", "/api/v1/invitations", `{"email":"x@arno.example","role":"guest"}`), 201).ID
		ids := func(path string) string { return walk(t, b, own, path+"?limit=100")[0] }
		list := func(path string) string {
			return into[struct{ Items []struct{ ID string } }](t, b.ask(own, "GET", path, ""), 200).Items[0].ID
		}
		vars := map[string]string{
			"conversation": conversation, "reply": reply, "label": label, "media": file, "invitation": invitation, "channel": string(b.Channel.ID),
			"member": string(b.Members[team.Guest].ID), "person": ids("/api/v1/people"), "token": list("/api/v1/tokens"), "saved": list("/api/v1/saved-replies"),
			"delivery": "dlv_01kjpwd6m01e86jx24xtefrjkt", "advice": "rsg_01kjpwd6m01e86jx24xtefrjkt", "merge": "mrg_01kjpwd6m01e86jx24xtefrjkt",
		}
		bodies := map[string]string{
			"change-member": `{"job":"x"}`, "leave": `{}`, "rename-channel": `{"name":"x"}`, "assign": `{"member":""}`, "snooze": `{"until":"2026-03-03T00:00:00Z"}`,
			"add-note": `{"text":"x"}`, "add-label": `{"label":"x"}`, "save-draft": `{"text":"x"}`, "reply": `{"text":"x"}`, "reject-reply": `{"reason":"x"}`,
			"change-saved-reply": `{"title":"x","body":"x"}`, "fill-saved-reply": `{"conversation":"` + conversation + `"}`, "change-media": `{"alt":"x"}`,
			"rename-person": `{"name":"x"}`, "add-person-note": `{"body":"x"}`, "merge-people": `{"gone":"` + "per_01kjpwd6m01e86jx24xtefrjkt" + `"}`,
		}
		theirs := into[api.Thread](t, b.ask(own, "GET", "/api/v1/conversations/"+conversation, ""), 200).Interactions[0].ID
		vars["interaction"] = theirs
		vars["case"] = into[api.Case](t, b.ask(own, "POST", "/api/v1/cases", `{"title":"A secret case","interactions":["`+theirs+`"]}`), 201).ID
		vars["task"] = into[api.Task](t, b.ask(own, "POST", "/api/v1/cases/"+vars["case"]+"/tasks", `{"text":"A secret task"}`), 201).ID
		vars["evidence"] = into[api.Evidence](t, b.ask(own, "POST", "/api/v1/cases/"+vars["case"]+"/evidence", `{"kind":"text","text":"A secret"}`), 201).ID
		vars["criticism"] = into[api.CaseFile](t, b.ask(own, "GET", "/api/v1/cases/"+vars["case"], ""), 200).Voices[0].Criticism.ID
		for name, kind := range map[string]string{"promise": "prm", "improvement": "imp", "letter": "ltr", "post": "hed", "series": "pse", "part": "ppt", "correction": "pco", "guest": "pgu", "comment": "pcm", "snippet": "psn"} {
			vars[name] = kind + "_01kjpwd6m01e86jx24xtefrjkt"
		}
		vars["number"] = "1"
		vars["lead"] = into[api.Lead](t, b.ask(own, "POST", "/api/v1/leads", `{"name":"A secret lead","email":"secret@example.org"}`), 201).ID
		vars["form"] = into[api.LeadForm](t, b.ask(own, "POST", "/api/v1/forms", `{"name":"A secret form","fields":[{"key":"email","kind":"email","label":"E","required":true}]}`), 201).ID
		bodies["change-lead"], bodies["note-lead"], bodies["set-form-state"] = `{"state":"won"}`, `{"text":"x"}`, `{"state":"live"}`
		bodies["change-form"] = `{"name":"x","fields":[{"key":"email","kind":"email","label":"E","required":true}]}`
		vars["webhook"] = into[api.WebhookSecret](t, b.ask(own, "POST", "/api/v1/webhooks", `{"url":"https://www.example.org/x","events":["delivery.failed"]}`), 201).ID
		bodies["change-ties-settings"] = `{"collect":true,"hold":20}`
		vars["import"] = into[api.Import](t, b.ask(own, "POST", "/api/v1/imports", `{"name":"a secret.zip","size":10}`), 201).ID
		bodies["answer-import"] = `{"me":"x"}`
		vars["link"] = into[api.Link](t, b.ask(own, "POST", "/api/v1/links", `{"target":"https://www.example.org/secret"}`), 201).ID
		vars["cost"] = into[api.Cost](t, b.ask(own, "POST", "/api/v1/costs", `{"kind":"print","cents":18000,"from":"2026-03-02"}`), 201).ID
		bodies["change-cost"] = `{"kind":"print","cents":1,"from":"2026-03-02"}`
		bodies["change-link"] = `{"target":"https://www.example.org/other"}`
		b.ask(own, "POST", "/api/v1/blocked-hosts", `{"host":"blocked.example"}`)
		vars["mention"], vars["sending"], vars["host"] = "lbm_01kjpwd6m01e86jx24xtefrjkt", "lbs_01kjpwd6m01e86jx24xtefrjkt", "blocked.example"
		bodies["hide-site-mention"], bodies["moderate-comment"] = `{"reason":"spam"}`, `{"to":"spam"}`
		bodies["change-webhook"] = `{"url":"https://www.example.org/y","events":["delivery.failed"]}`
		for id, body := range map[string]string{
			"correct-verdict": `{"criticism":true}`, "decide-criticism": `{"criticism":true}`, "quote-criticism": `{"named":true}`, "change-case": `{"title":"x"}`,
			"advance-case": `{"to":"understood","cause":"x"}`, "decline-case": `{"reason":{"it":"x"}}`, "join-case": `{"interactions":["` + theirs + `"]}`, "add-task": `{"text":"x"}`,
			"add-evidence": `{"kind":"text","text":"x"}`, "keep-promise": `{}`, "break-promise": `{}`, "hand-promise": `{"to":"` + string(b.Members[team.Guest].ID) + `"}`,
			"change-improvement": `{"title":{"it":"x"},"stone":{"it":"x"},"said":{"it":"x"},"did":{"it":"x"}}`, "return-improvement": `{"reason":"x"}`, "add-line": `{"text":{"it":"x"}}`,
			"change-letter": `{"text":"x"}`, "send-head-post": `{"channels":["` + string(b.Channel.ID) + `"]}`, "erase-person": `{"name":"x"}`, "open-case": `{"title":"x","interactions":["` + theirs + `"]}`,
			"save-post": `{"message":{"text":"x"},"version":1}`, "follow-message": `{"channel":"x"}`, "copy-post": `{}`, "restore-post": `{"past":"x","version":1}`,
			"comment-post": `{"text":"x"}`, "share-post": `{"members":[]}`, "ask-post": `{"version":1}`, "approve-post": `{"hash":"x"}`, "return-post": `{"reason":"x"}`,
			"invite-guest": `{"name":"x"}`, "schedule-post": `{"version":1,"when":{"kind":"now"}}`, "move-post": `{"at":"2026-03-29T18:30"}`,
			"edit-sent-post": `{"message":{"text":"x"},"version":1}`, "take-post-down": `{}`, "approve-correction": `{"hash":"x"}`, "return-correction": `{"reason":"x"}`,
		} {
			bodies[id] = body
		}
		before := b.ask(own, "GET", "/api/v1/conversations/"+conversation, "").body
		mine := b.Actors
		b.Actors = b.Other(t).Actors
		stranger := b.token(team.Owner)
		b.Actors = mine
		for id, op := range ops {
			if id == "listen" || op.needs() == team.ChannelsManage && !strings.Contains(op.path, "{") {
				continue // nothing of a company's comes in or out
			}
			path := inPath.ReplaceAllStringFunc(op.path, func(v string) string { return vars[strings.Trim(v, "{}")] })
			g := b.ask(stranger, op.method, path, bodies[id])
			if id == "add-import-part" {
				g = b.form(stranger, path+"?at=0", "part", []byte("x"))
			}
			if id == "add-picture" {
				g = b.upload(stranger, path, "cup.png", picture(t), "x", "")
			}
			if strings.Contains(op.path, "{") && !slices.Contains(lenient, id) && g.status != 404 {
				t.Errorf("%s of another company: %d %s", id, g.status, g.body)
			}
			for _, secret := range []string{"secret", "Arno", conversation, file, invitation, string(b.Channel.ID), string(b.Company.ID)} {
				if strings.Contains(g.body, secret) {
					t.Errorf("%s tells another company: %s", id, g.body)
				}
			}
		}
		if after := b.ask(own, "GET", "/api/v1/conversations/"+conversation, "").body; after != before {
			t.Errorf("changed by another company:\n%s\n%s", before, after)
		}
	})
}

// Whatever comes in, the door answers as it is described and never breaks.
func FuzzRequests(f *testing.F) {
	f.Add("/conversations?cursor=MTc3MjQ0MTIwMDAwMDAwMCBjbnZfMDFrang&limit=2", `{"text":"a"}`, "k")
	f.Add("/people?q=%F0%9F%98%80&cursor=%%", `{"text":"a","media":[{"media":""}]}`, "")
	f.Add("/audit?from=2026-01-01T00:00:00Z&cursor=aud_x", `{"hours":{"monday":null}}`, "\x7f")
	f.Add("/members/x", `[{"a":1e999}]`, " ")
	b := setup(f, storetest.SQLite(f))
	token := b.token(team.Owner)
	note := "/api/v1/conversations/" + b.talk("ada@example.org", "Hello?")
	f.Fuzz(func(t *testing.T, path, body, key string) {
		tries := [][3]string{{"GET", "/api/v1" + path, ""}, {"POST", note + "/replies", body}, {"PATCH", "/api/v1/company", body}, {"PUT", note + "/draft", body}}
		for _, try := range tries {
			u, err := url.ParseRequestURI("http://x" + try[1])
			if err != nil {
				continue
			}
			r := httptest.NewRequestWithContext(t.Context(), try[0], "/", strings.NewReader(try[2]))
			r.URL = u
			r.Header.Set("Authorization", "Bearer "+token)
			r.Header.Set("Content-Type", "application/json")
			if key != "" {
				r.Header["Idempotency-Key"] = []string{key}
			}
			if strings.HasSuffix(u.Path, "/events") {
				continue // it does not end
			}
			rec := httptest.NewRecorder()
			b.api.ServeHTTP(rec, r)
			if rec.Code >= 500 {
				t.Errorf("%s %s %q: %d %s", try[0], try[1], try[2], rec.Code, rec.Body)
			}
			if rec.Code >= 400 && !json.Valid(rec.Body.Bytes()) {
				t.Errorf("%s %s: %q is not a problem", try[0], try[1], rec.Body)
			}
		}
	})
}
