package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"maps"
	"mime/multipart"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/api"
	"github.com/ponte-desk/ponte/internal/archive"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// described is an operation as the description tells it.
type described struct {
	ID          string                     `json:"operationId"`
	Summary     string                     `json:"summary"`
	Description string                     `json:"description"`
	Tags        []string                   `json:"tags"`
	Security    []map[string][]string      `json:"security"`
	Responses   map[string]json.RawMessage `json:"responses"`
	Parameters  []map[string]any           `json:"parameters"`
	Own         bool                       `json:"x-own"`
	RequestBody json.RawMessage            `json:"requestBody"`
	method      string
	path        string
}

func (d described) needs() team.Permission {
	for _, s := range d.Security[0]["bearer"] {
		return team.Permission(s)
	}
	return ""
}

// operations reads the description as a program would.
func operations(t *testing.T, a *api.API) (doc map[string]any, ops map[string]described) {
	t.Helper()
	var parsed struct {
		Paths map[string]map[string]described `json:"paths"`
	}
	if err := json.Unmarshal(a.OpenAPI(), &parsed); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(a.OpenAPI(), &doc); err != nil {
		t.Fatal(err)
	}
	ops = map[string]described{}
	for path, item := range parsed.Paths {
		for method, d := range item {
			d.method, d.path = strings.ToUpper(method), path
			if _, twice := ops[d.ID]; twice {
				t.Errorf("two operations are called %s", d.ID)
			}
			ops[d.ID] = d
		}
	}
	return doc, ops
}

var inPath = regexp.MustCompile(`\{(\w+)\}`)

// Every operation is let through, or refused, by role and scope as the description says.
func TestRights(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		_, ops := operations(t, b.api)
		tokens := map[string]string{}
		token := func(r team.Role, scopes []team.Permission) string {
			key := string(r) + " " + strings.Join(func() (out []string) {
				for _, p := range scopes {
					out = append(out, string(p))
				}
				return out
			}(), " ")
			if tokens[key] == "" {
				tokens[key] = b.token(r, scopes...)
			}
			return tokens[key]
		}
		for _, id := range slices.Sorted(maps.Keys(ops)) {
			op := ops[id]
			if op.ID == "listen" {
				continue // it does not end; see TestEvents
			}
			path := inPath.ReplaceAllString(op.path, "nothing_such")
			needs := op.needs()
			for _, r := range team.Roles {
				may := needs == "" || r.Can(needs) || op.Own && r.CanOwn(needs)
				var all, others []team.Permission
				for _, p := range team.Permissions {
					if r.CanOwn(p) {
						all = append(all, p)
						if p != needs {
							others = append(others, p)
						}
					}
				}
				g := b.ask(token(r, all), op.method, path, "")
				if op.ID == "approve-improvement" {
					may = r == team.Owner // the company says who else; see TestEveryOperation
				}
				if (g.status == 403) == may || g.status == 401 || g.status >= 500 {
					t.Errorf("%s by %s: %d %s", op.ID, r, g.status, g.body)
				}
				if needs == "" {
					continue
				}
				g = b.ask(token(r, others), op.method, path, "")
				if g.status != 403 {
					t.Errorf("%s by %s without the scope: %d", op.ID, r, g.status)
				}
				if want := `scope="` + string(needs) + `"`; may && !strings.Contains(g.header.Get("WWW-Authenticate"), want) {
					t.Errorf("%s by %s: %q does not name the scope", op.ID, r, g.header.Get("WWW-Authenticate"))
				}
			}
			for _, bad := range []string{"", "pnt_wrong", "wrong"} {
				if g := b.ask(bad, op.method, path, ""); g.status != 401 || !strings.HasPrefix(g.header.Get("WWW-Authenticate"), "Bearer") {
					t.Errorf("%s with the token %q: %d", op.ID, bad, g.status)
				}
			}
		}
	})
}

// Each operation does its work for a token that has its scope alone.
func TestEveryOperation(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		_, ops := operations(t, b.api)
		conversation := b.talk("ada@example.org", "Do you ship to Austria?")
		second := b.talk("bruno@example.org", "And to Malta?")
		vars := map[string]string{
			"conversation": conversation, "second": second, "channel": string(b.Channel.ID),
			"member": string(b.Members[team.Editor].ID), "owner": string(b.Members[team.Owner].ID), "heir": string(b.Members[team.Community].ID),
		}
		done := map[string]bool{"listen": true} // see TestEvents
		fill := func(s string) string {
			return inPath.ReplaceAllStringFunc(s, func(v string) string {
				if x, ok := vars[strings.Trim(v, "{}")]; ok {
					return x
				}
				t.Fatalf("%s has no value for %s", s, v)
				return ""
			})
		}
		by := team.Owner
		send := func(id, body string, status int, query ...string) map[string]any {
			t.Helper()
			op, ok := ops[id]
			if !ok {
				t.Fatalf("no operation %s", id)
			}
			done[id] = true
			scopes := []team.Permission{op.needs()}
			if op.needs() == "" {
				scopes = []team.Permission{team.CompanyRead}
			}
			path := fill(op.path) + fill(strings.Join(query, ""))
			g := b.ask(b.token(by, scopes...), op.method, path, strings.NewReplacer("<c>", vars["conversation"], "<heir>", vars["heir"], "<gone>", vars["gone"], "<owner>", vars["owner"]).Replace(body))
			if g.status != status {
				t.Fatalf("%s: %d, want %d: %s", id, g.status, status, g.body)
			}
			if _, told := op.Responses[itoa(status)]; !told {
				t.Errorf("%s answers %d, which is not described", id, status)
			}
			var out map[string]any
			if g.body != "" && strings.Contains(g.header.Get("Content-Type"), "json") {
				b.must(json.Unmarshal([]byte(g.body), &out))
			}
			if strings.Contains(g.body, ":null") {
				t.Errorf("%s answers with null: %s", id, g.body)
			}
			return out
		}
		want := func(got any, what string) {
			t.Helper()
			if got != any(what) {
				t.Errorf("%v, want %s", got, what)
			}
		}
		items := func(m map[string]any) []any { return m["items"].([]any) }
		first := func(m map[string]any) map[string]any { return items(m)[0].(map[string]any) }

		want(send("get-me", "", 200)["role"], "owner")
		want(send("get-company", "", 200)["name"], "Ceramiche Arno")
		changed := send("change-company", `{"target_minutes":60,"approval":"none","hours":{"monday":[{"from":"08:30","to":"24:00"}]}}`, 200)
		want(changed["approval"], "none")
		want(changed["hours"].(map[string]any)["monday"].([]any)[0].(map[string]any)["to"], "24:00")
		want(changed["zone"], "Europe/Rome")

		if n := len(items(send("list-members", "", 200, "?role=editor"))); n != 1 {
			t.Errorf("%d editors", n)
		}
		want(send("get-member", "", 200)["role"], "editor")
		want(send("change-member", `{"job":"Texts"}`, 200)["job"], "Texts")
		inv := send("invite", `{"email":"luca@arno.example","role":"guest"}`, 201)
		vars["invitation"] = inv["id"].(string)
		want(inv["link"], "https://ponte.example/join/"+inv["token"].(string))
		if open := first(send("list-invitations", "", 200)); open["token"] != nil {
			t.Error("a list tells the secret of an invitation")
		}
		send("revoke-invitation", "", 204)
		vars["token"] = first(send("list-tokens", "", 200))["id"].(string)
		send("revoke-token", "", 204)
		send("leave", `{"heir":"<heir>"}`, 204)

		lines := first(send("list-channels", "", 200))["health"].(map[string]any)["lines"].([]any)
		if len(lines) < 3 || strings.Contains(lines[0].(map[string]any)["text"].(string), "[") {
			t.Errorf("lines %v", lines)
		}
		want(send("get-channel", "", 200)["state"], "active")
		want(send("rename-channel", `{"name":"The shop"}`, 200)["name"], "The shop")
		send("probe-channel", "", 200)
		want(send("pause-channel", "", 200)["state"], "paused")
		want(send("resume-channel", "", 200)["state"], "active")
		want(send("look-server", "", 200, "?network=fake&address=fake.example")["join"], "app_password")
		b.Fake.Join("second")
		vars["other"] = send("connect-channel", `{"network":"fake","address":"fake.example","identifier":"second","password":"`+networktest.AppPassword+`"}`, 201)["id"].(string)
		send("begin-channel", `{"network":"fake","address":"fake.example"}`, 422) // this server is joined in another way

		if l := send("list-conversations", "", 200, "?q=austria&view=all"); len(items(l)) != 1 {
			t.Errorf("found %v", l)
		}
		counts := send("count-conversations", "", 200)["views"].(map[string]any)
		if counts["todo"] != 2.0 {
			t.Errorf("counts %v", counts)
		}
		thread := send("get-conversation", "", 200)
		want(thread["interactions"].([]any)[0].(map[string]any)["text"], "@ceramichearno Do you ship to Austria?")
		send("refresh-conversation", "", 204)
		send("assign", `{"member":"<owner>"}`, 204)
		send("snooze", `{"until":"`+b.Clock.Now().Add(time.Hour).Format(time.RFC3339)+`"}`, 204)
		send("reopen", "", 204)
		send("finish", "", 204)
		send("reopen", "", 204)
		by = team.Community // nobody is told of their own notes
		note := send("add-note", `{"text":"Ask @Olga"}`, 201)
		by = team.Owner
		if len(note["mentions"].([]any)) != 1 || len(items(send("list-mentions", "", 200))) != 1 {
			t.Error("a mention is not there")
		}
		send("see-mentions", "", 204)
		if len(items(send("list-mentions", "", 200))) != 0 {
			t.Error("a mention is still there")
		}
		vars["label"] = send("add-label", `{"label":"shipping"}`, 201)["id"].(string)
		want(first(send("list-labels", "", 200))["name"], "shipping")
		send("remove-label", "", 204)
		send("delete-label", "", 204)
		send("save-draft", `{"text":"Yes"}`, 204)
		want(send("get-conversation", "", 200)["draft"].(map[string]any)["text"], "Yes")

		vars["saved"] = send("add-saved-reply", `{"title":"Abroad","body":"Hello {name}"}`, 201)["id"].(string)
		want(first(send("list-saved-replies", "", 200))["title"], "Abroad")
		send("change-saved-reply", `{"title":"Abroad","body":"Dear {name}"}`, 204)
		if got := send("fill-saved-reply", `{"conversation":"<c>"}`, 200)["text"].(string); !strings.HasPrefix(got, "Dear ") {
			t.Errorf("filled %q", got)
		}
		send("delete-saved-reply", "", 204)

		up := b.upload(b.token(team.Owner, team.InboxReply), "/api/v1/media", "cup.png", picture(t), "A cup", "")
		done["add-media"] = true
		file := into[api.File](t, up, 201)
		vars["media"] = file.ID
		want(send("get-media", "", 200)["alt"], "A cup")
		want(send("change-media", `{"alt":"A blue cup"}`, 200)["alt"], "A blue cup")
		send("get-media-content", "", 200, "?size=small")

		const table = "time,author,text\n2026-01-02,Ada,Hello\n"
		vars["import"] = send("begin-import", fmt.Sprintf(`{"name":"a.csv","size":%d}`, len(table)), 201)["id"].(string)
		for _, part := range []struct{ at, to int }{{0, 10}, {10, len(table)}} {
			path := fmt.Sprintf("/api/v1/imports/%s/parts?at=%d", vars["import"], part.at)
			into[api.Import](t, b.form(b.token(team.Owner, team.ChannelsManage), path, "part", []byte(table[part.at:part.to])), 200)
		}
		done["add-import-part"] = true
		b.must(b.Archives.Bring(t.Context(), b.Company.ID, archive.UploadID(vars["import"])))
		want(send("get-import", "", 200)["state"], "asking")
		send("answer-import", `{"me":"Forno"}`, 200)
		b.must(b.Archives.Bring(t.Context(), b.Company.ID, archive.UploadID(vars["import"])))
		want(send("get-import", "", 200)["state"], "done")
		want(first(send("list-imports", "", 200))["state"], "done")
		send("retry-import", "", 409)
		send("cancel-import", "", 409)

		reply := send("reply", `{"text":"Yes, we do.","media":[{"media":"`+file.ID+`"}],"finish":"done"}`, 201)
		vars["reply"] = reply["id"].(string)
		want(reply["state"], "sending")
		want(reply["media"].([]any)[0].(map[string]any)["alt"], "A blue cup")
		b.Deliver(delivery.ID(reply["delivery"].(map[string]any)["id"].(string)), time.Minute)
		sent := send("get-reply", "", 200)
		want(sent["state"], "sent")
		want(sent["delivery"].(map[string]any)["state"], "sent")
		if out := b.Fake.Attempts(); len(out) != 1 || out[0].Media[0].Alt != "A blue cup" {
			t.Errorf("sent %v", out)
		}
		send("retry-reply", "", 409)
		send("send-reply-again", "", 409)
		vars["delivery"] = reply["delivery"].(map[string]any)["id"].(string)
		send("give-up-delivery", "", 409)
		if l := send("list-troubled-deliveries", "", 200); len(items(l)) != 0 {
			t.Errorf("trouble %v", l)
		}
		send("change-company", `{"approval":"all"}`, 200)
		vars["conversation"] = second
		pend := func(text string) {
			t.Helper()
			by = team.Community
			r := send("reply", `{"text":"`+text+`"}`, 201)
			want(r["state"], "pending")
			vars["reply"], by = r["id"].(string), team.Owner
		}
		pend("To Malta too.")
		send("reject-reply", `{"reason":"Say by when"}`, 204)
		pend("To Malta too, in a week.")
		by = team.Community
		send("approve-reply", "", 403) // one's own
		send("withdraw-reply", "", 204)
		pend("To Malta too, in a week.")
		send("approve-reply", "", 204)

		people := items(send("list-people", "", 200))
		if len(people) < 2 {
			t.Fatalf("people %v", people)
		}
		vars["person"], vars["gone"] = people[0].(map[string]any)["id"].(string), people[1].(map[string]any)["id"].(string)
		send("rename-person", `{"name":"Ada Rossi"}`, 204)
		send("add-person-note", `{"body":"Has a shop"}`, 201)
		vars["merge"] = send("merge-people", `{"gone":"<gone>"}`, 200)["merge"].(string)
		card := send("get-person", "", 200)
		if card["name"] != "Ada Rossi" || len(card["identities"].([]any)) != 2 || len(card["notes"].([]any)) != 1 || len(card["merges"].([]any)) != 1 {
			t.Errorf("card %v", card)
		}
		if l := items(send("list-person-conversations", "", 200)); len(l) != 2 {
			t.Errorf("%d conversations", len(l))
		}
		send("undo-merge", "", 204)
		send("undo-merge", "", 409)
		entry := first(send("list-audit", "", 200, "?verb=audience.rename"))
		want(entry["via"], "api")
		if !strings.HasPrefix(entry["request"].(string), "req_") {
			t.Errorf("entry %v", entry)
		}
		vars["channel"] = vars["other"]
		want(send("disconnect-channel", "", 200)["state"], "gone")
		tryGrowth(t, b, vars, send, want)
		tryPosts(t, b, vars, send, want)
		lead := send("add-lead", `{"name":"Ada Neri","email":"ada@example.org","channel":"fair","note":"Met on Sunday"}`, 201)
		vars["lead"] = lead["id"].(string)
		send("add-lead", `{"name":"Nobody"}`, 422)
		want(send("change-lead", `{"state":"won","value_cents":125000,"version":1}`, 200)["sold_on"], b.Clock.Now().In(b.Company.Location()).Format("2006-01-02"))
		send("change-lead", `{"state":"lost","reason":"x","version":1}`, 409)
		send("note-lead", `{"text":"Wants blue"}`, 204)
		if n := len(send("get-lead", "", 200)["events"].([]any)); n != 5 {
			t.Errorf("%d events of a lead", n)
		}
		send("lead-conversation", "", 200)
		if l := send("list-leads", "", 200, "?state=won&channel=fair"); len(items(l)) != 1 || len(l["sums"].([]any)) != 1 {
			t.Errorf("leads %v", l)
		}
		form := send("create-form", `{"name":"Quotes","fields":[{"key":"email","kind":"email","label":"E-mail","required":true},{"key":"what","kind":"choice","label":"What","required":false,"options":["A","B"]}]}`, 201)
		vars["form"] = form["id"].(string)
		reshaped := send("change-form", `{"name":"Quotes","version":1,"fields":[{"key":"email","kind":"email","label":"E-mail","required":true},{"key":"what","kind":"choice","label":"What","required":false,"options":["A","B"]},{"key":"privacy","kind":"consent","label":"Yes","required":true}],"settings":{"title":"Ask us","campaign":"spring","channel":"window"}}`, 200)
		if len(reshaped["fields"].([]any)) != 3 || reshaped["settings"].(map[string]any)["title"] != "Ask us" || reshaped["version"].(float64) != 2 {
			t.Errorf("form %v", reshaped)
		}
		send("change-form", `{"name":"Quotes","version":1,"fields":[{"key":"email","kind":"email","label":"E-mail","required":true}]}`, 409)
		send("change-form", `{"name":"","fields":[]}`, 422)
		if f := send("get-form", "", 200); len(f["consents"].([]any)) != 1 || f["settings"].(map[string]any)["channel"] != "window" {
			t.Errorf("form %v", f)
		}
		want(send("set-form-state", `{"state":"live"}`, 200)["state"], "live")
		want(send("add-lead", `{"form":"`+vars["form"]+`","answers":{"email":["bea@example.org"],"what":["A"],"privacy":["yes"]}}`, 201)["email"], "bea@example.org")
		if len(items(send("list-forms", "", 200))) != 1 {
			t.Error("no form")
		}
		leadsTable := `{"table":"name,email,channel\nCarla,carla@example.org,fair\n","dry":%t}`
		if r := send("import-leads", fmt.Sprintf(leadsTable, true), 200); len(r["leads"].([]any)) != 1 || r["leads"].([]any)[0].(map[string]any)["id"] != nil {
			t.Errorf("tried %v", r)
		}
		if r := send("import-leads", fmt.Sprintf(leadsTable, false), 200); len(r["errors"].([]any)) != 0 {
			t.Errorf("taken %v", r)
		}
		if r := send("import-leads", `{"table":"name,email\nNobody,\n"}`, 200); len(r["errors"].([]any)) != 1 {
			t.Errorf("wrong %v", r)
		}
		send("export-leads", "", 200, "?channel=fair")
		send("set-lead-rules", `{"rules":[{"what":"channel","how":"is","value":"fair","points":2}]}`, 200)
		if q := send("get-lead-quality", "", 200); len(q["rules"].([]any)) != 1 || len(q["suggested"].([]any)) != 0 {
			t.Errorf("quality %v", q)
		}
		hook := send("add-webhook", `{"url":"https://127.0.0.1:1/x","events":["delivery.failed"]}`, 201)
		vars["webhook"] = hook["id"].(string)
		send("add-webhook", `{"url":"https://10.0.0.1/x","events":["delivery.failed"]}`, 422)
		if len(items(send("list-webhooks", "", 200))) != 1 || hook["secret"] == send("renew-webhook-secret", "", 200)["secret"] {
			t.Errorf("webhook %v", hook)
		}
		want(send("change-webhook", `{"url":"https://127.0.0.1:1/y","events":["delivery.settled"],"off":true}`, 200)["state"], "off")
		want(send("get-webhook", "", 200)["url"], "https://127.0.0.1:1/y")
		want(send("test-webhook", "", 200)["trouble"], "webhook.problem.unreachable")
		if len(items(send("list-webhook-attempts", "", 200))) != 1 {
			t.Error("a call is not listed")
		}
		send("remove-webhook", "", 204)
		tryTies(t, b, vars, send)
		tryLinks(t, vars, send)
		tryMentions(t, vars, send)
		tryPresence(t, b, send)
		tryEvidence(t, send)
		tryResults(t, b.Clock.Now().In(b.Company.Location()).Format(time.DateOnly), vars, send)
		for id := range ops {
			if !done[id] {
				t.Errorf("%s was not tried", id)
			}
		}
	})
}

func itoa(n int) string {
	b, _ := json.Marshal(n)
	return string(b)
}

// picture is a small image.
func picture(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// form sends a form with a file and nothing else.
func (b *bench) form(token, path, name string, content []byte) got {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	b.must(err)
	_, err = part.Write(content)
	b.must(err)
	b.must(form.Close())
	r := httptest.NewRequestWithContext(b.t.Context(), "POST", path, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Authorization", "Bearer "+token)
	rec := httptest.NewRecorder()
	b.api.ServeHTTP(rec, r)
	return got{rec.Code, rec.Header(), rec.Body.String()}
}

// upload sends a form with a file; each has a boundary of its own.
func (b *bench) upload(token, path, name string, content []byte, alt, key string) got {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	b.must(err)
	_, err = part.Write(content)
	b.must(err)
	b.must(form.WriteField("alt", alt))
	b.must(form.Close())
	r := httptest.NewRequestWithContext(b.t.Context(), "POST", path, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Authorization", "Bearer "+token)
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	rec := httptest.NewRecorder()
	b.api.ServeHTTP(rec, r)
	return got{rec.Code, rec.Header(), rec.Body.String()}
}
